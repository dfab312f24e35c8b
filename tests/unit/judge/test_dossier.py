"""A dossier holds every trace, knows who names whom, and never says more than was read."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from tests.unit.report.small_cloud import (
    ATTACHMENT,
    GHOST,
    HEALTHY,
    HOUR,
    MOVE,
    NOW,
    PORT,
    PROVIDER,
    ROWS,
    VOLUME,
    ZOMBIE,
    build,
    domain,
    instance,
    opened,
)

from stackfsck.judge.dossier import dossier_of, seen_twice
from stackfsck.model.dossier import Dossier, Layer, Relation, Speaks, Verdict
from stackfsck.model.finding import Certainty

NOBODY = UUID(int=1)


def dossier(
    folder: Path,
    vm: UUID,
    changes: dict[tuple[str, str], list[dict[str, Any]]] | None = None,
    lost: tuple[tuple[str, str], ...] = (),
    grace: timedelta = timedelta(minutes=2),
) -> Dossier:
    """Look at one VM twice, with nothing changed between the looks."""
    path = build(folder / "cloud.duckdb", {**ROWS, **(changes or {})}, lost)
    with opened(path) as snapshot:
        look = dossier_of(snapshot, vm, grace=grace)
    return seen_twice(look, look)


def names(told: Dossier, relation: Relation) -> set[str]:
    return {r.name.table for r in told.records if r.relation is relation}


def test_a_ghost_with_all_its_traces(tmp_path: Path) -> None:
    told = dossier(tmp_path, GHOST)
    assert (told.verdict, told.certainty) == (Verdict.GHOST, Certainty.PROVED)
    assert told.display_name == "web-17"
    assert names(told, Relation.TRACE) == {
        "nova.instances",
        "nova.block_device_mapping",
        "placement.allocations",
        "neutron.ports",
        "libvirt.domains",
        "host.instance_dirs",
    }
    assert names(told, Relation.BELONGS) == {"cinder.volumes", "neutron.ipallocations"}
    assert {"nova.services", "placement.resource_providers"} <= names(told, Relation.CONTEXT)
    assert list(told.by_layer()) == [
        Layer.CELLS,
        Layer.PLACEMENT,
        Layer.VOLUMES,
        Layer.NETWORK,
        Layer.HYPERVISOR,
        Layer.HOST,
    ]


def test_who_names_whom_and_who_names_nothing(tmp_path: Path) -> None:
    told = dossier(tmp_path, GHOST)
    arrows = {(r.source.table, r.how, r.target.table, r.dangling, r.sure) for r in told.references}
    bdm = "nova.block_device_mapping"
    assert (bdm, "volume_id", "cinder.volumes", False, True) in arrows
    assert (bdm, "attachment_id", "cinder.volume_attachment", True, True) in arrows
    assert ("neutron.ipallocations", "port_id", "neutron.ports", False, True) in arrows


def test_what_was_not_read_may_be_there_after_all(tmp_path: Path) -> None:
    told = dossier(tmp_path, GHOST, lost=(("cinder.volume_attachment", ""),))
    dangling = {r.how: r.sure for r in told.references if r.dangling}
    assert dangling["attachment_id"] is False


def test_a_zombie(tmp_path: Path) -> None:
    told = dossier(tmp_path, ZOMBIE)
    assert (told.verdict, told.certainty) == (Verdict.ZOMBIE, Certainty.PROVED)
    assert [w.speaks for w in told.witnesses] == [Speaks.ALIVE, Speaks.DEAD]


def test_a_healthy_vm(tmp_path: Path) -> None:
    told = dossier(tmp_path, HEALTHY)
    assert (told.verdict, told.certainty) == (Verdict.ALIVE, Certainty.PROVED)
    assert not [r for r in told.references if r.dangling and r.target.table == "nova.instances"]


def test_an_unread_host_leaves_a_zombie_open(tmp_path: Path) -> None:
    told = dossier(tmp_path, ZOMBIE, lost=(("libvirt.domains", "host-a"),))
    assert (told.verdict, told.certainty) == (Verdict.OPEN, Certainty.SUSPECTED)
    assert Speaks.SILENT in {w.speaks for w in told.witnesses}


def test_another_unread_host_does_not_weaken_a_zombie(tmp_path: Path) -> None:
    told = dossier(tmp_path, ZOMBIE, lost=(("libvirt.domains", "host-b"),))
    assert (told.verdict, told.certainty) == (Verdict.ZOMBIE, Certainty.PROVED)


def test_an_unread_cell_makes_a_ghost_a_suspicion(tmp_path: Path) -> None:
    told = dossier(tmp_path, GHOST, lost=(("nova.instances", "cell2"),))
    assert (told.verdict, told.certainty) == (Verdict.GHOST, Certainty.SUSPECTED)
    assert [str(gap) for gap in told.gaps] == [
        "nova.instances in cell2: failed (connection refused)"
    ]


LIVING = ("nova.instances", "cell1")
DOMAINS = ("libvirt.domains", "host-a")
ELSEWHERE = ("libvirt.domains", "host-b")
MOVING = {
    "id": 3,
    "uuid": str(MOVE),
    "instance_uuid": str(HEALTHY),
    "source_compute": "host-a",
    "dest_compute": "host-b",
    "status": "running",
    "migration_type": "live-migration",
    "deleted": 0,
}


@pytest.mark.parametrize(
    ("verdict", "changes"),
    [
        (
            Verdict.TRANSIT,
            {LIVING: [instance(31, HEALTHY, task_state="rebooting", updated_at=NOW)]},
        ),
        (Verdict.TRANSIT, {("nova.migrations", "cell1"): [MOVING]}),
        (Verdict.SPLIT, {ELSEWHERE: [domain(HEALTHY)]}),
        (Verdict.STRAY, {ELSEWHERE: [domain(HEALTHY, state="shut off")]}),
        (Verdict.STRAY, {DOMAINS: [], ELSEWHERE: [domain(HEALTHY)]}),
        (
            Verdict.ALIVE,
            {DOMAINS: [], LIVING: [instance(31, HEALTHY, vm_state="shelved_offloaded", host=None)]},
        ),
        (
            Verdict.ALIVE,
            {DOMAINS: [], LIVING: [instance(31, HEALTHY, vm_state="error", host=None)]},
        ),
        (Verdict.GHOST, {LIVING: []}),
        (Verdict.GHOST, {LIVING: [instance(31, HEALTHY, vm_state="deleted")]}),
        (
            Verdict.GHOST,
            {
                LIVING: [],
                DOMAINS: [],
                ("libvirt.processes", "host-a"): [{"pid": 7, "uuid": str(HEALTHY)}],
            },
        ),
        (
            Verdict.REMAINS,
            {
                LIVING: [],
                DOMAINS: [],
                ("neutron.ports", ""): [
                    {"id": str(PORT), "device_id": str(HEALTHY), "device_owner": "compute:nova"}
                ],
            },
        ),
        (
            Verdict.GONE,
            {
                DOMAINS: [],
                LIVING: [instance(31, HEALTHY, deleted=31, vm_state="deleted", cleaned=1)],
            },
        ),
    ],
)
def test_verdicts(
    tmp_path: Path, verdict: Verdict, changes: dict[tuple[str, str], list[dict[str, Any]]]
) -> None:
    assert dossier(tmp_path, HEALTHY, changes).verdict is verdict


def test_a_move_holds_allocations_under_its_own_id(tmp_path: Path) -> None:
    allocation = {"id": 9, "consumer_id": str(MOVE), "resource_provider_id": 1, "used": 1}
    told = dossier(
        tmp_path,
        HEALTHY,
        {
            ("nova.migrations", "cell1"): [MOVING],
            ("placement.allocations", ""): [allocation],
            ("placement.resource_providers", ""): [{"id": 1, "uuid": str(PROVIDER)}],
        },
    )
    found = [r for r in told.records if r.name.table == "placement.allocations"]
    assert [(r.relation, r.fields["consumer_id"]) for r in found] == [(Relation.BELONGS, str(MOVE))]


def test_numbers_are_counted_per_cell(tmp_path: Path) -> None:
    action = {"id": 1, "instance_uuid": str(HEALTHY), "action": "create", "start_time": NOW}
    mine = {"id": 5, "action_id": 1, "event": "mine", "finish_time": NOW}
    other = {"id": 6, "action_id": 1, "event": "of another cell", "finish_time": NOW}
    told = dossier(
        tmp_path,
        HEALTHY,
        {
            ("nova.instance_actions", "cell1"): [action],
            ("nova.instance_actions_events", "cell1"): [mine],
            ("nova.instance_actions_events", "cell2"): [other],
        },
    )
    whats = [event.what for event in told.timeline]
    assert "mine" in whats
    assert "of another cell" not in whats


def test_the_timeline_is_in_order_and_says_what_happened(tmp_path: Path) -> None:
    told = dossier(tmp_path, GHOST)
    assert [event.what for event in told.timeline] == [
        "record made in cell1",
        "started for the first time",
        f"given volume {VOLUME}",
        "marked as deleted in cell1",
    ]
    assert told.timeline[-1].at == NOW - HOUR


def test_a_clone_of_its_volume_is_not_its_own(tmp_path: Path) -> None:
    clone = str(ATTACHMENT)
    told = dossier(
        tmp_path,
        GHOST,
        {
            ("cinder.volumes", ""): [
                {"id": str(VOLUME), "status": "in-use"},
                {"id": clone, "source_volid": str(VOLUME), "status": "available"},
            ]
        },
    )
    assert [r.name.key for r in told.records if r.name.table == "cinder.volumes"] == [str(VOLUME)]


def test_nobody_has_an_empty_dossier(tmp_path: Path) -> None:
    told = dossier(tmp_path, NOBODY)
    assert (told.verdict, told.records, told.timeline) == (Verdict.OPEN, (), ())


def test_very_many_rows_are_counted_not_shown(tmp_path: Path) -> None:
    faults = [
        {"id": n, "instance_uuid": str(HEALTHY), "code": 500, "created_at": NOW, "deleted": 0}
        for n in range(250)
    ]
    told = dossier(tmp_path, HEALTHY, {("nova.instance_faults", "cell1"): faults})
    assert told.left_out == {"nova.instance_faults": 50}


def test_secrets_are_nowhere(tmp_path: Path) -> None:
    told = dossier(tmp_path, GHOST)
    assert not {"connection_info", "provider_auth"} & {f for r in told.records for f in r.fields}


def test_one_look_accuses_nobody_for_sure(tmp_path: Path) -> None:
    with opened(build(tmp_path / "cloud.duckdb")) as snapshot:
        zombie, healthy = dossier_of(snapshot, ZOMBIE), dossier_of(snapshot, HEALTHY)
    assert (zombie.verdict, zombie.certainty) == (Verdict.ZOMBIE, Certainty.SUSPECTED)
    assert (healthy.verdict, healthy.certainty) == (Verdict.ALIVE, Certainty.PROVED)


def test_looks_that_differ_prove_nothing(tmp_path: Path) -> None:
    ghost = dossier(tmp_path, GHOST)
    told = seen_twice(replace(ghost, verdict=Verdict.TRANSIT), ghost)
    assert (told.verdict, told.certainty) == (Verdict.GHOST, Certainty.SUSPECTED)
    assert "it seemed to be: in transit" in told.sentence


def test_what_has_just_changed_is_left_alone(tmp_path: Path) -> None:
    rows = {LIVING: [instance(29, ZOMBIE, updated_at=NOW - timedelta(seconds=5))]}
    told = dossier(tmp_path, ZOMBIE, rows)
    assert told.verdict is Verdict.TRANSIT
    assert "2026-01-02 11:59:55" in told.sentence
