"""Who has the disk of a dead VM open is asked of Ceph, for the dead alone."""

from collections.abc import AsyncGenerator, Mapping
from pathlib import Path

import pytest

from stackfsck.catalogue import TABLES
from stackfsck.collect.watchers import count_watchers
from stackfsck.model.coverage import Outcome
from stackfsck.model.errors import Unreadable
from stackfsck.model.watch import Silent
from stackfsck.store.snapshot import Snapshot

ALIVE = "11111111-1111-1111-1111-111111111111"
DEAD = "22222222-2222-2222-2222-222222222222"


class Asker:
    """A host that lists two disks, and counts the watchers of those it is told to."""

    name = "controller"

    def __init__(self, *, silent: bool = False) -> None:
        self.asked: list[object] = []
        self.silent = silent

    async def look(self, parameters: Mapping[str, object]) -> AsyncGenerator[bytes, None]:
        self.asked.append(parameters["ceph_watchers"])
        if self.silent:
            raise Unreadable("no route to host")
        yield (
            f'{{"t": "ceph.images", "r": {{"pool": "vms", "name": "{DEAD}_disk", "uuid": "{DEAD}",'
            f' "suffix": "_disk", "in_trash": false, "bytes": null, "watchers": 2}}}}'
        ).encode()
        yield b'{"t": "ceph.images", "done": true, "rows": 1}'
        yield b'{"end": true}'

    async def act(self, request: Mapping[str, object]) -> Mapping[str, object]:
        raise AssertionError(request)


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    made = Snapshot.create(tmp_path / "cloud.duckdb")
    made.add_rows(TABLES["nova.instances"], "cell1", [{"uuid": ALIVE, "deleted": 0}])
    images = [
        {"pool": "vms", "name": f"{vm}_disk", "uuid": vm, "suffix": "_disk", "in_trash": False}
        for vm in (ALIVE, DEAD)
    ]
    made.add_rows(TABLES["ceph.images"], "", images)
    return made


def counted(snapshot: Snapshot) -> dict[str, int | None]:
    rows = snapshot.query("select uuid::varchar as vm, watchers from ceph.images")
    return {row["vm"]: row["watchers"] for row in rows}


def test_only_the_dead_are_asked_for(snapshot: Snapshot) -> None:
    asker = Asker()
    count_watchers(asker, snapshot, Silent())
    assert asker.asked == [[f"vms/{DEAD}_disk"]]
    assert counted(snapshot) == {ALIVE: None, DEAD: 2}
    assert snapshot.coverage() == ()


def test_not_knowing_who_watches_is_a_gap(snapshot: Snapshot) -> None:
    count_watchers(Asker(silent=True), snapshot, Silent())
    (reading,) = snapshot.coverage()
    assert (reading.source, reading.outcome) == ("ceph.images", Outcome.PARTIAL)
    assert counted(snapshot)[DEAD] is None
