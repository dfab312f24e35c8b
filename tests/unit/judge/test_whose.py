"""Every word by which an operator may know a VM leads to it, and none leads astray."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from tests.unit.report.small_cloud import (
    ATTACHMENT,
    GHOST,
    HEALTHY,
    HOSTILE,
    IMAGE,
    MOVE,
    PORT,
    ROWS,
    VOLUME,
    ZOMBIE,
    build,
    opened,
)

from stackfsck.judge.whose import candidates_for, names_of, vm_of
from stackfsck.model.errors import ExitCode, Misused, NotFound, Unreadable
from stackfsck.store.snapshot import Snapshot

MOVE_OF_HEALTHY = UUID(int=77)


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snapshot]:
    with opened(build(tmp_path_factory.mktemp("whose") / "cloud.duckdb")) as snapshot:
        yield snapshot


@pytest.mark.parametrize(
    ("word", "vm"),
    [
        (str(ZOMBIE), ZOMBIE),
        (str(ZOMBIE).upper(), ZOMBIE),
        (ZOMBIE.hex, ZOMBIE),
        (f"  {GHOST} ", GHOST),
        ("db-1", HEALTHY),
        ("web-17", GHOST),
        (HOSTILE, ZOMBIE),
        ("10.0.0.9", GHOST),
        (str(PORT), GHOST),
        (str(VOLUME), GHOST),
        (str(ATTACHMENT), GHOST),
        (str(IMAGE), HEALTHY),
        ("i-0000001d", ZOMBIE),
        ("I-0000001D", ZOMBIE),
        ("instance-0000001f", HEALTHY),
    ],
)
def test_a_word_leads_to_its_vm(cloud: Snapshot, word: str, vm: UUID) -> None:
    assert vm_of(cloud, word) == vm


@pytest.mark.parametrize(
    "word",
    ["", "nobody", "10.0.0.99", "' or '1'='1", "%", "i-ffffffff", "i-1d", str(UUID(int=5)), "999"],
)
def test_a_word_that_means_nothing_is_not_found(cloud: Snapshot, word: str) -> None:
    with pytest.raises(NotFound) as caught:
        vm_of(cloud, word)
    assert caught.value.exit_code == ExitCode.USAGE
    assert caught.value.next_step


def test_a_libvirt_name_may_mean_a_vm_in_every_cell(cloud: Snapshot) -> None:
    found = candidates_for(cloud, "instance-0000001d")
    assert {c.vm for c in found} == {ZOMBIE, GHOST, MOVE}
    with pytest.raises(Misused) as caught:
        vm_of(cloud, "instance-0000001d")
    lines = str(caught.value).splitlines()
    assert lines[0] == "'instance-0000001d' may mean 3 VMs:"
    assert len(lines) == 4, "one line per candidate, whatever its name holds"
    assert any("twin" in line and "cell2 on host-b" in line for line in lines)


def test_names_are_those_of_nova(cloud: Snapshot) -> None:
    names = names_of(cloud, {GHOST, HEALTHY, UUID(int=5)})
    assert {vm: (c.display_name, c.where) for vm, c in names.items()} == {
        GHOST: ("web-17", "cell1 on host-a"),
        HEALTHY: ("db-1", "cell1 on host-a"),
    }


def test_what_is_not_found_may_stand_where_nobody_read(tmp_path: Path) -> None:
    path = build(tmp_path / "cloud.duckdb", lost=[("nova.instances", "cell2")])
    with opened(path) as snapshot, pytest.raises(Unreadable, match="cell2") as caught:
        vm_of(snapshot, "nobody")
    assert caught.value.exit_code == ExitCode.UNREAD


def test_the_allocation_of_a_move_is_no_vm(tmp_path: Path) -> None:
    move = {"id": 3, "uuid": str(MOVE_OF_HEALTHY), "instance_uuid": str(HEALTHY), "deleted": 0}
    held = {"id": 9, "consumer_id": str(MOVE_OF_HEALTHY), "resource_provider_id": 1, "used": 1}
    rows = {("nova.migrations", "cell1"): [move], ("placement.allocations", ""): [held]}
    with opened(build(tmp_path / "cloud.duckdb", {**ROWS, **rows})) as snapshot:
        assert vm_of(snapshot, str(MOVE_OF_HEALTHY)) == HEALTHY
