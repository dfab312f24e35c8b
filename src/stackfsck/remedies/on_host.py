"""What remedies on hosts have in common: a guarded act as a step, and when it may be done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from stackfsck.model.change import Change, Premise
from stackfsck.model.finding import Finding
from stackfsck.model.plan import Refusal
from stackfsck.model.step import Means, Stage, Step, Undo, Way
from stackfsck.remedies.base import Facts, as_seen, still_dead


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One act of `stackfsck.probe.act` on one host.

    `key` tells it from other acts of this `call` there; `expected` are parts of the image that
    it was judged by. `host` is nova's name of it, "" for the one that asks Ceph.
    """

    call: str
    host: str
    key: str
    title: str
    stage: Stage
    subject: Mapping[str, Any]
    effects: tuple[Change, ...]
    expected: Mapping[str, Any] = field(default_factory=dict)
    undo: Undo = Undo.EXACT
    store: str = "host"
    after: frozenset[str] = frozenset()

    @property
    def id(self) -> str:
        """What its step is called."""
        return f"{self.call}:{self.host}:{self.key}"


def step_of(
    facts: Facts, finding: Finding, remedy: str, act: Act, premises: tuple[Premise, ...]
) -> Step:
    """Make the step of an act; the machine that was read is the one that has to be met."""
    machines = [row["machine_id"] for row in facts.rows("host.facts", host=act.host)]
    arguments = {
        "subject": dict(act.subject),
        "expected": dict(act.expected),
        "machine": machines[0] or "" if machines else "",
    }
    return Step(
        id=act.id,
        title=act.title,
        remedy=remedy,
        stage=act.stage,
        store=act.store,
        scope=act.host,
        vm=finding.vm,
        because=(finding.code,),
        effects=act.effects,
        premises=premises,
        ways=(Way(means=Means.HOST, call=act.call, arguments=arguments),),
        undo=act.undo,
        after=act.after,
    )


def standing(facts: Facts, vm: UUID | None) -> tuple[Premise, ...]:
    """Return what must hold of a VM before anything of it goes from a host where it is not.

    A dead one is still dead; a living one is where, and as, it was.
    """
    if vm is None:
        return ()
    living = facts.rows("nova.instances", uuid=vm, deleted=0)
    if not living:
        return still_dead(facts, vm)
    columns = ("host", "vm_state", "task_state", "deleted")
    return tuple(as_seen("nova.instances", row["cell"], row, *columns) for row in living)


def is_living(facts: Facts, vm: UUID) -> bool:
    """Whether nova stands for a VM."""
    return bool(facts.ask("select 1 from vm.alive where uuid = ?", vm))


def refusal(finding: Finding, why: str, lift: str = "") -> Refusal:
    """Say why a finding is not put right."""
    return Refusal(what=f"{finding.code} {finding.subject}", why=why, lift=lift)
