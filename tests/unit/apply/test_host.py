"""The hand on hosts: what is not as judged is left alone, and a lost answer is looked for."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from stackfsck.apply.hand import State, WayClosed
from stackfsck.apply.host import HostHand
from stackfsck.clients.hosts.sim import SimulatedHost
from stackfsck.model.errors import Moved, StepFailed, Unreadable
from stackfsck.model.step import Means, Stage, Step, Way

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping
    from pathlib import Path

VM = "5895512d-4a69-4bba-b17c-3656a1d73f55"
LINES: list[dict[str, Any]] = [
    {"t": "host.facts", "r": {"hostname": "a", "machine_id": "m1"}},
    {"t": "host.facts", "done": True, "rows": 1},
    {"t": "libvirt.domains", "r": {"uuid": VM, "name": "instance-1", "state": "running"}},
    {"t": "libvirt.domains", "done": True, "rows": 1},
    {"t": "libvirt.processes", "r": {"pid": 7, "uuid": VM}},
    {"t": "libvirt.processes", "done": True, "rows": 1},
    {"end": True},
]


@dataclass(frozen=True)
class Cut:
    """A host whose connection breaks in the act: before it is done, or right after."""

    host: SimulatedHost
    acts_first: bool
    name: str = "cmp-1"

    def look(self, parameters: Mapping[str, object]) -> AsyncGenerator[bytes, None]:
        return self.host.look(parameters)

    async def act(self, request: Mapping[str, object]) -> Mapping[str, Any]:
        if request["want"] != "do":
            return await self.host.act(request)
        if self.acts_first:
            await self.host.act(request)
        raise Unreadable("the ssh connection broke")


@dataclass
class Bench:
    host: SimulatedHost
    notes: list[Mapping[str, Any]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return (self.host.folder / f"{self.host.name}.jsonl").read_text()


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in LINES)
    (tmp_path / "cmp-1.jsonl").write_text(text)
    return Bench(SimulatedHost(name="cmp-1", folder=tmp_path))


def stop(scope: str = "cmp-1", **more: object) -> Step:
    arguments = {"subject": {"uuid": VM}, "machine": "m1", **more}
    way = Way(means=Means.HOST, call="domain.stop", arguments=arguments)
    return Step(
        id="stop", title="", remedy="", stage=Stage.GUEST, store="libvirt", scope=scope, ways=(way,)
    )


def test_it_is_written_down_before_it_is_done(bench: Bench) -> None:
    hand, step, before = HostHand([bench.host], "run"), stop(), bench.text

    def note(image: Mapping[str, Any]) -> None:
        assert bench.text == before
        bench.notes.append(image)

    assert hand.change(step, step.ways[0], note)
    assert '"state":"shut off"' in bench.text
    assert hand.state(step, step.ways[0], bench.notes[0]) is State.AFTER
    assert not hand.change(step, step.ways[0], note)
    hand.put_back(step, step.ways[0], bench.notes[0])
    assert bench.text == before
    assert len(bench.notes) == 1


def test_nothing_is_done_that_could_not_be_written_down(bench: Bench) -> None:
    step, before = stop(), bench.text

    def note(_: Mapping[str, Any]) -> None:
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space left"):
        HostHand([bench.host], "run").change(step, step.ways[0], note)
    assert bench.text == before


def test_a_thing_that_is_not_as_judged_is_left_alone(bench: Bench) -> None:
    step, before = stop(expected={"state": "paused"}), bench.text
    with pytest.raises(Moved, match="state was 'paused', now it is 'running'"):
        HostHand([bench.host], "run").change(step, step.ways[0], bench.notes.append)
    assert (bench.text, bench.notes) == (before, [])


def test_another_machine_under_the_name_refuses(bench: Bench) -> None:
    step = stop(machine="m2")
    with pytest.raises(WayClosed, match="this machine is not m2"):
        HostHand([bench.host], "run").change(step, step.ways[0], bench.notes.append)


def test_a_host_with_another_name_is_found_by_its_machine(bench: Bench) -> None:
    step = stop(scope="nova-calls-it-so.example.org")
    assert HostHand([bench.host], "run").change(step, step.ways[0], bench.notes.append)


def test_a_host_that_nobody_named_is_told(bench: Bench) -> None:
    step = stop(scope="other", machine="m2")
    with pytest.raises(Unreadable, match="none of the hosts is other"):
        HostHand([bench.host], "run").change(step, step.ways[0], bench.notes.append)


def test_an_answer_that_was_lost_is_looked_for(bench: Bench) -> None:
    step = stop()
    hand = HostHand([Cut(bench.host, acts_first=True)], "run")
    assert hand.change(step, step.ways[0], bench.notes.append)
    assert '"state":"shut off"' in bench.text


def test_an_act_that_did_not_come_to_pass_failed(bench: Bench) -> None:
    step, before = stop(), bench.text
    hand = HostHand([Cut(bench.host, acts_first=False)], "run")
    with pytest.raises(StepFailed, match="broke before it was done"):
        hand.change(step, step.ways[0], bench.notes.append)
    assert bench.text == before
    assert hand.state(step, step.ways[0], bench.notes[0]) is State.BEFORE
