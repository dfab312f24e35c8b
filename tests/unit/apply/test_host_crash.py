"""Killed before or after every entry in the journal and every act on a host: resume and undo."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from stackfsck.apply.execute import Tools, execute, undo
from stackfsck.apply.host import HostHand
from stackfsck.clients.hosts.sim import SimulatedHost
from stackfsck.model.errors import Unreadable
from stackfsck.model.step import Means, Stage, Step, Way
from stackfsck.store.journal import Journal, Phase

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping
    from pathlib import Path

VM = "5895512d-4a69-4bba-b17c-3656a1d73f55"
NAME = "qvo72fb4c4d-ee"
ROWS: list[tuple[str, dict[str, Any]]] = [
    ("host.facts", {"hostname": "a", "machine_id": "m1"}),
    ("libvirt.domains", {"uuid": VM, "state": "running", "name": "instance-1"}),
    ("libvirt.disks", {"domain": VM, "target": "vda"}),
    ("libvirt.interfaces", {"target": NAME, "domain": VM}),
    ("libvirt.processes", {"uuid": VM, "pid": 7}),
    ("vswitch.ports", {"name": NAME, "bridge": "br-int", "tag": 4}),
    ("vswitch.interfaces", {"port": NAME, "name": NAME}),
    ("host.instance_dirs", {"name": VM, "path": f"/instances/{VM}"}),
]
ACTS: tuple[tuple[str, dict[str, str]], ...] = (
    ("domain.stop", {"uuid": VM}),
    ("domain.undefine", {"uuid": VM}),
    ("switch_port.delete", {"port": NAME}),
    ("directory.quarantine", {"name": VM, "instances_path": "/instances"}),
)
STEPS = [
    Step(
        id=call,
        title=call,
        remedy="test",
        stage=Stage.DOMAIN,
        store="host",
        scope="cmp-1",
        ways=(Way(means=Means.HOST, call=call, arguments={"subject": subject, "machine": "m1"}),),
    )
    for call, subject in ACTS
]


class KilledError(BaseException):
    """What no code catches, as SIGKILL."""


class Fuse:
    """Counts boundaries, and kills, or cuts the connection, at one of them."""

    def __init__(self, at: int = -1) -> None:
        self.at = at
        self.passed = 0

    def pass_by(self) -> None:
        self.passed += 1
        if self.passed == self.at:
            raise KilledError


class Mortal(SimulatedHost):
    """A host in front of which one may be killed, before and after every act."""

    fuse: Fuse
    cuts: bool

    async def act(self, request: Mapping[str, object]) -> Mapping[str, Any]:
        try:
            self.fuse.pass_by()
            answer = await super().act(request)
            self.fuse.pass_by()
        except KilledError:
            if self.cuts:
                raise Unreadable("the connection broke") from None
            raise
        return answer

    def look(self, parameters: Mapping[str, object]) -> AsyncGenerator[bytes, None]:
        return super().look(parameters)


class Notes(Journal):
    """A journal at which one may be killed, before and after every entry."""

    fuse: Fuse

    def write(self, step: str, phase: Phase, detail: Mapping[str, Any] | None = None) -> None:
        self.fuse.pass_by()
        super().write(step, phase, detail)
        self.fuse.pass_by()


def tools(folder: Path, fuse: Fuse, *, cuts: bool) -> Tools:
    host, journal = Mortal(name="cmp-1", folder=folder), Notes(folder / "journal.sqlite")
    object.__setattr__(host, "fuse", fuse)
    object.__setattr__(host, "cuts", cuts)
    journal.fuse = fuse
    return Tools(hands={Means.HOST: HostHand([host], "run")}, holds=lambda _: "", journal=journal)


def build(folder: Path) -> str:
    folder.mkdir()
    lines: list[dict[str, Any]] = []
    for table, row in ROWS:
        lines += [{"t": table, "r": row}, {"t": table, "done": True, "rows": 1}]
    text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in [*lines, {"end": 1}])
    (folder / "cmp-1.jsonl").write_text(text)
    return text


def run(folder: Path, fuse: Fuse, *, back: bool = False, cuts: bool = False) -> bool:
    """Do or undo all; whether it came to its end."""
    ours = tools(folder, fuse, cuts=cuts)
    try:
        for step in reversed(STEPS) if back else STEPS:
            if back:
                undo(step, ours)
            else:
                execute(step, ours)
    except (KilledError, Unreadable, Exception):  # noqa: BLE001 -- whatever it was, it is resumed
        return False
    finally:
        ours.journal.close()
    return True


def try_every_boundary(base: Path, *, cuts: bool, back: bool) -> int:
    """Kill at every boundary, resume, undo; return how many boundaries there are."""
    number = 0
    while True:
        number += 1
        folder = base / f"{number}"
        before = build(folder)
        fuse = Fuse(number)
        if back:
            assert run(folder, Fuse())
        if run(folder, fuse, back=back, cuts=cuts) and fuse.passed < number:
            return number - 1
        assert run(folder, Fuse(), back=back)
        if not back:
            text = (folder / "cmp-1.jsonl").read_text()
            assert text.count('"r":') == 1, "only what the host says of itself is left"
            assert run(folder, Fuse(), back=True)
        assert (folder / "cmp-1.jsonl").read_text() == before, f"boundary {number}"


def test_killed_at_every_boundary_of_applying(tmp_path: Path) -> None:
    assert try_every_boundary(tmp_path, cuts=False, back=False) == 40


def test_killed_at_every_boundary_of_undoing(tmp_path: Path) -> None:
    assert try_every_boundary(tmp_path, cuts=False, back=True) == 24


def test_the_connection_cut_at_every_boundary(tmp_path: Path) -> None:
    assert try_every_boundary(tmp_path, cuts=True, back=False) == 40
