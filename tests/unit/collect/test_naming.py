"""nova's name of a host: taken where it is certain, refused where it would be a guess."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from stackfsck.catalogue import TABLES
from stackfsck.collect.naming import Computes, Named, name_hosts, name_of
from stackfsck.model.coverage import Outcome, Reading
from stackfsck.store.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def facts(**changes: object) -> dict[str, Any]:
    usual = {
        "hostname": "cmp-1",
        "fqdn": "cmp-1.dc.example",
        "nova_host": None,
        "machine_id": "m1",
        "hypervisor_hostname": "cmp-1",
        "instances_path": "/var/lib/nova/instances",
        "kernel": "6.1",
        "clock": None,
        "libvirt": True,
        "vswitch": True,
    }
    return {**usual, **changes}


def computes(**nodes: str) -> Computes:
    named = {host.replace("__", "-").replace("_", "."): node for host, node in nodes.items()}
    return Computes({host: frozenset([node] if node else []) for host, node in named.items()})


@pytest.mark.parametrize(
    ("known", "told", "expected"),
    [
        (computes(cmp__1="cmp-1"), {}, "cmp-1"),
        (computes(cmp__1_dc_example="x"), {}, "cmp-1.dc.example"),
        (computes(other="cmp-1"), {}, "other"),
        (computes(cmp__1_old_example=""), {}, "cmp-1.old.example"),
        (computes(az1__cmp="", cmp__1="cmp-1"), {"nova_host": "az1-cmp"}, "az1-cmp"),
        (computes(CMP__1=""), {"hypervisor_hostname": None}, "CMP-1"),
    ],
)
def test_the_name_that_fits_is_taken(known: Computes, told: dict[str, Any], expected: str) -> None:
    assert name_of("a", facts(**told), known) == Named(expected, is_compute=True)


@pytest.mark.parametrize(
    ("known", "told", "doubt"),
    [
        (computes(cmp__1_a="", cmp__1_b=""), {}, "any of cmp-1.a, cmp-1.b"),
        (computes(cmp__1="", other="cmp-1"), {}, "any of cmp-1, other"),
        (computes(cmp__1=""), {"nova_host": "elsewhere"}, "nova.conf says host = elsewhere"),
        (Computes(gaps=("nova.services in cell1: failed",)), {}, "not certain"),
    ],
)
def test_a_name_that_would_be_a_guess_is_none(
    known: Computes, told: dict[str, Any], doubt: str
) -> None:
    named = name_of("a", facts(**told), known)
    assert doubt in named.doubt
    assert not named.is_compute


def test_a_host_that_nova_does_not_know_keeps_its_own_name() -> None:
    assert name_of("a", facts(hostname="storage-1"), computes(cmp__9="x")) == Named("storage-1")


def test_a_silent_host_is_known_by_its_whole_name_only() -> None:
    assert name_of("cmp-1", None, computes(cmp__1="")).is_compute
    assert name_of("cmp", None, computes(cmp__1="")) == Named("cmp")


@pytest.fixture
def snapshot(tmp_path: Path) -> Iterator[Snapshot]:
    with Snapshot.create(tmp_path / "s") as one:
        for source in ("nova.services", "nova.compute_nodes"):
            one.cover(Reading(source=source, scope="cell1", outcome=Outcome.COMPLETE))
        yield one


def service(snapshot: Snapshot, *hosts: str, type_: str = "QEMU") -> None:
    for number, host in enumerate(hosts):
        row = {"id": number, "host": host, "deleted": 0}
        snapshot.add_rows(TABLES["nova.services"], "cell1", [{**row, "binary": "nova-compute"}])
        node = {**row, "hypervisor_hostname": f"{host}.example", "hypervisor_type": type_}
        snapshot.add_rows(TABLES["nova.compute_nodes"], "cell1", [node])


def host(snapshot: Snapshot, called: str, **told: object) -> None:
    snapshot.add_rows(TABLES["host.facts"], called, [facts(**told)])
    snapshot.add_rows(TABLES["vswitch.bridges"], called, [{"name": f"br-of-{called}"}])
    for source in ("host.facts", "vswitch.bridges", "libvirt.domains"):
        snapshot.cover(Reading(source=source, scope=called, outcome=Outcome.COMPLETE))


def worst(snapshot: Snapshot, source: str, scope: str) -> list[Outcome]:
    found = [r for r in snapshot.coverage() if (r.source, r.scope) == (source, scope)]
    return sorted((r.outcome for r in found), key=lambda outcome: outcome.value)


def test_rows_and_readings_get_novas_name_even_when_names_cross(snapshot: Snapshot) -> None:
    service(snapshot, "a", "b")
    host(snapshot, "a", hostname="b", fqdn="b", hypervisor_hostname="b.example", nova_host="b")
    host(snapshot, "b", hostname="a", fqdn="a", hypervisor_hostname="a.example", nova_host="a")
    assert name_hosts(snapshot) == {"a": "b", "b": "a"}
    assert snapshot.query("from vswitch.bridges order by host") == [
        {"host": "a", "name": "br-of-b"},
        {"host": "b", "name": "br-of-a"},
    ]
    assert worst(snapshot, "vswitch.bridges", "a") == [Outcome.COMPLETE]


def test_two_ways_to_one_host_spoil_both(snapshot: Snapshot) -> None:
    service(snapshot, "cmp-1")
    host(snapshot, "first")
    host(snapshot, "second")
    assert name_hosts(snapshot) == {"first": "first", "second": "second"}
    for called in ("first", "second"):
        assert Outcome.PARTIAL in worst(snapshot, "libvirt.domains", called)


def test_a_compute_host_without_libvirt_is_not_an_empty_one(snapshot: Snapshot) -> None:
    service(snapshot, "cmp-1")
    host(snapshot, "cmp-1", libvirt=False)
    name_hosts(snapshot)
    assert Outcome.PARTIAL in worst(snapshot, "libvirt.domains", "cmp-1")
    assert worst(snapshot, "vswitch.bridges", "cmp-1") == [Outcome.COMPLETE]


def test_ironic_needs_no_libvirt(snapshot: Snapshot) -> None:
    service(snapshot, "cmp-1", type_="ironic")
    host(snapshot, "cmp-1", libvirt=False)
    name_hosts(snapshot)
    assert worst(snapshot, "libvirt.domains", "cmp-1") == [Outcome.COMPLETE]


def test_a_guess_spoils_every_reading_of_the_host(snapshot: Snapshot) -> None:
    service(snapshot, "cmp-1.a", "cmp-1.b")
    host(snapshot, "here", hypervisor_hostname=None)
    assert name_hosts(snapshot) == {"here": "here"}
    for source in ("host.facts", "vswitch.bridges", "libvirt.domains"):
        assert Outcome.PARTIAL in worst(snapshot, source, "here")
