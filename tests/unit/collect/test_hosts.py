"""What hosts say is doubted line by line; what they do not say is coverage."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from stackfsck.clients.hosts.base import LONGEST_LINE, HostAddress, lines_of
from stackfsck.clients.hosts.local import LocalHost
from stackfsck.clients.hosts.sim import SimulatedHost, simulated_hosts
from stackfsck.collect.hosts import HOST_TABLES, Answer, listen, read_hosts
from stackfsck.collect.records import Refused, row_of
from stackfsck.model.coverage import Outcome, Reading
from stackfsck.model.errors import Misused, Unreadable
from stackfsck.model.watch import Silent
from stackfsck.store.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Mapping
    from pathlib import Path

    from stackfsck.clients.hosts.base import Host

VM = "5895512d-4a69-4bba-b17c-3656a1d73f55"
BRIDGE = {"t": "vswitch.bridges", "r": {"name": "br-int"}}
DONE = {"t": "vswitch.bridges", "done": True, "rows": 1}
END = {"end": True}


@dataclass(frozen=True)
class Scripted:
    """A host that says what it is told to, and may break off."""

    lines: list[Any]
    name: str = "host-a"
    broken: str = ""
    asked: list[Mapping[str, object]] = field(default_factory=list)

    async def look(self, parameters: Mapping[str, object]) -> AsyncGenerator[bytes, None]:
        self.asked.append(parameters)
        for line in self.lines:
            yield line if isinstance(line, bytes) else json.dumps(line).encode()
        if self.broken:
            raise Unreadable(self.broken, next_step="Try again.")

    async def act(self, request: Mapping[str, object]) -> Mapping[str, Any]:
        raise AssertionError(f"reading a host asks for an act: {request}")


def hear(host: Host, *tables: str) -> dict[str, Reading]:
    answer: Answer = asyncio.run(listen(host, Silent(), tables or ["vswitch.bridges"]))
    return {reading.source: reading for reading in answer.readings}


def heard(*lines: object, broken: str = "") -> Reading:
    return hear(Scripted(list(lines), broken=broken))["vswitch.bridges"]


def test_a_whole_answer_is_complete() -> None:
    assert heard(BRIDGE, DONE, END) == Reading(
        source="vswitch.bridges", scope="host-a", outcome=Outcome.COMPLETE, rows=1
    )


@pytest.mark.parametrize(
    ("lines", "outcome", "reason"),
    [
        ([], Outcome.FAILED, "the answer was cut off"),
        ([BRIDGE], Outcome.PARTIAL, "the answer was cut off"),
        ([END], Outcome.FAILED, "the host did not speak of it"),
        ([BRIDGE, {**DONE, "rows": 2}, END], Outcome.PARTIAL, "rows were lost on the way"),
        ([BRIDGE, BRIDGE, DONE, END], Outcome.PARTIAL, "rows were lost on the way"),
        ([BRIDGE, DONE, BRIDGE, END], Outcome.PARTIAL, "behind the end"),
        ([{"t": "vswitch.bridges", "failed": "no ovs", "rows": 0}], Outcome.FAILED, "no ovs"),
        ([BRIDGE, {"t": "vswitch.bridges", "partial": "x", "rows": 1}], Outcome.PARTIAL, "x"),
        ([BRIDGE, {"t": "vswitch.bridges", "rows": 1}], Outcome.PARTIAL, "neither holds a record"),
        ([BRIDGE, b"{half a li", DONE, END], Outcome.PARTIAL, "not the probe's"),
        ([BRIDGE, {"t": "nova.instances", "r": {}}, DONE], Outcome.PARTIAL, "not the probe's"),
        ([BRIDGE, b"[" * 100_000, DONE], Outcome.PARTIAL, "not the probe's"),
        ([BRIDGE, b'"text"', DONE], Outcome.PARTIAL, "not the probe's"),
        ([b"Welcome to host-a!", BRIDGE, DONE, END], Outcome.COMPLETE, ""),
    ],
)
def test_whatever_is_not_whole_is_told(lines: list[Any], outcome: Outcome, reason: str) -> None:
    reading = heard(*lines)
    assert reading.outcome is outcome
    assert reason in reading.reason


@pytest.mark.parametrize(
    ("record", "why"),
    [
        ({"name": 5}, "name is not of type text"),
        ({"name": "a", "more": 1}, "lacks, or should not have, more"),
        ({}, "lacks, or should not have, name"),
        ([], "a record is not an object"),
        ({"name": "\ud800"}, "name is not text"),
        ({"name": "x" * 20_000}, "name is longer than 16384 characters"),
    ],
)
def test_a_record_that_does_not_fit_is_refused_and_counted(record: object, why: str) -> None:
    reading = heard({"t": "vswitch.bridges", "r": record}, DONE, END)
    assert (reading.outcome, reading.rows) == (Outcome.PARTIAL, 0)
    assert why in reading.reason


@pytest.mark.parametrize(
    "changes",
    [
        {"uuid": "../../etc/passwd"},
        {"uuid": VM.upper()},
        {"pid": True},
        {"pid": "1"},
        {"pid": 2**63},
        {"started": "yesterday"},
        {"started": 1_700_000_000},
    ],
)
def test_types_are_held(changes: dict[str, Any]) -> None:
    record = {"pid": 1, "uuid": VM, "name": "n", "started": "2026-01-02T03:04:05", **changes}
    with pytest.raises(Refused):
        row_of(HOST_TABLES["libvirt.processes"], record)


def test_a_time_loses_its_zone_and_not_its_meaning() -> None:
    record = {"pid": 1, "uuid": None, "name": "n", "started": "2026-01-02T03:04:05+02:00"}
    started = row_of(HOST_TABLES["libvirt.processes"], record)["started"]
    assert started.isoformat() == "2026-01-02T01:04:05"


def test_a_host_that_breaks_off_keeps_what_was_whole() -> None:
    bridges = {"t": "vswitch.ports", "done": True, "rows": 0}
    host = Scripted([bridges, BRIDGE], broken="connection lost")
    readings = hear(host, "vswitch.bridges", "vswitch.ports", "host.links")
    outcomes = {name: (r.outcome, r.reason) for name, r in readings.items()}
    assert outcomes == {
        "vswitch.ports": (Outcome.COMPLETE, ""),
        "vswitch.bridges": (Outcome.PARTIAL, "connection lost. Try again"),
        "host.links": (Outcome.FAILED, "connection lost. Try again"),
    }


def test_hostile_names_arrive_as_they_are(tmp_path: Path) -> None:
    name = "\x1b[31m'; drop table vswitch.bridges; --\n../../etc"
    host = Scripted([{"t": "vswitch.bridges", "r": {"name": name}}, DONE, END])
    with Snapshot.create(tmp_path / "s") as snapshot:
        read_hosts([host], snapshot, Silent(), ["vswitch.bridges"])
        assert snapshot.query("from vswitch.bridges") == [{"host": "host-a", "name": name}]


def test_all_of_a_silent_cloud_is_coverage(tmp_path: Path) -> None:
    hosts = [Scripted([], name=f"host-{n}", broken="no route") for n in range(5)]
    with Snapshot.create(tmp_path / "s") as snapshot:
        read_hosts(hosts, snapshot, Silent())
        coverage = snapshot.coverage()
    assert len(coverage) == 5 * len(HOST_TABLES)
    assert {(r.outcome, r.reason) for r in coverage} == {(Outcome.FAILED, "no route. Try again")}


def test_no_hosts_are_no_readings(tmp_path: Path) -> None:
    with Snapshot.create(tmp_path / "s") as snapshot:
        read_hosts([], snapshot, Silent())
        assert snapshot.coverage() == ()


def test_two_hosts_of_one_name_are_a_mistake(tmp_path: Path) -> None:
    with Snapshot.create(tmp_path / "s") as snapshot, pytest.raises(Misused, match="host-a"):
        read_hosts([Scripted([]), Scripted([])], snapshot, Silent())


def test_images_of_ceph_belong_to_no_host(tmp_path: Path) -> None:
    pool = {"t": "ceph.pools", "r": {"name": "vms"}}
    host = Scripted([pool, {"t": "ceph.pools", "done": True, "rows": 1}, END])
    other = Scripted([END], name="host-b")
    with Snapshot.create(tmp_path / "s") as snapshot:
        read_hosts([host, other], snapshot, Silent(), ["ceph.pools"], asker="host-a")
        assert snapshot.query("from ceph.pools") == [{"name": "vms"}]
        assert [(r.source, r.scope) for r in snapshot.coverage()] == [("ceph.pools", "")]
    assert (host.asked, other.asked) == ([{"tables": ["ceph.pools"]}], [{"tables": []}])


def test_a_line_without_an_end_is_not_waited_for() -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(LONGEST_LINE):
            yield b"x" * 65_536

    async def run() -> None:
        async for _ in lines_of(endless()):
            pass

    with pytest.raises(Unreadable, match="a line that has no end"):
        asyncio.run(run())


def test_lines_are_cut_where_they_end() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for piece in (b"a", b"b\nc", b"\n", b"\nd"):
            yield piece

    async def run() -> list[bytes]:
        return [line async for line in lines_of(pieces())]

    assert asyncio.run(run()) == [b"ab", b"c", b"", b"d"]


def test_a_folder_plays_hosts(tmp_path: Path) -> None:
    lines = [BRIDGE, DONE, {"t": "host.links", "done": True, "rows": 0}, END]
    (tmp_path / "host-b.jsonl").write_text("\n".join(map(json.dumps, lines)))
    (host,) = simulated_hosts(tmp_path)
    assert host.name == "host-b"
    readings = hear(host, "host.links")
    assert list(readings) == ["host.links"]
    assert readings["host.links"].outcome is Outcome.COMPLETE


@pytest.mark.parametrize("name", ["../../etc/passwd", "gone", ""])
def test_a_folder_plays_no_host_that_it_has_not(tmp_path: Path, name: str) -> None:
    reading = hear(SimulatedHost(name=name, folder=tmp_path))["vswitch.bridges"]
    assert reading.outcome is Outcome.FAILED


def test_no_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="there is no folder"):
        simulated_hosts(tmp_path / "gone")


def test_this_host_is_read() -> None:
    readings = hear(LocalHost(at=HostAddress(name="here")), "host.facts", "host.links")
    assert {r.outcome for r in readings.values()} == {Outcome.COMPLETE}
    assert readings["host.facts"].rows == 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"python": "python9.99"}, "python9.99 cannot be run"),
        ({"prefix": ("false",)}, "`false …` ended with 1"),
        ({"prefix": ("sleep", "60", "&&"), "seconds": 0.5}, ""),
        ({"prefix": ("sh", "-c", "sleep 60"), "seconds": 0.5}, "no answer within 0.5 s"),
        ({"prefix": ("sh", "-c", "echo no such pod >&2; exit 3")}, "ended with 3: no such pod"),
    ],
)
def test_a_way_that_leads_nowhere_is_told(changes: dict[str, Any], reason: str) -> None:
    reading = hear(LocalHost(at=HostAddress(name="here", **changes)))["vswitch.bridges"]
    assert reading.outcome is Outcome.FAILED
    assert reason in reading.reason
