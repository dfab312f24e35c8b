"""The passes of planning, in their order: each takes what is proposed and makes it better."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import reduce
from uuid import UUID

from stackfsck.model.errors import Refused
from stackfsck.model.finding import Certainty, Finding
from stackfsck.model.plan import Plan, Refusal
from stackfsck.model.step import Step, Undo
from stackfsck.plan.order import in_order
from stackfsck.remedies.base import Choices, Facts, Proposal, Remedy


@dataclass(frozen=True, slots=True, kw_only=True)
class Guards:
    """What a plan may not do unless the operator lifts it.

    `most_vms` is the number of VMs that one plan may touch, `most_share` the share of all VMs of
    the cloud. `protected` VMs are never touched. `consents` are what the operator has agreed to
    besides (``volumes``, ``no-way-back``).
    """

    most_vms: int = 50
    most_share: float = 0.1
    protected: frozenset[UUID] = frozenset()
    consents: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A plan in the making: what was asked, what is proposed, what was refused."""

    findings: tuple[Finding, ...]
    proposals: tuple[tuple[Finding, Step], ...] = ()
    refused: tuple[Refusal, ...] = ()

    def without(self, steps: Iterable[tuple[Step, Refusal]]) -> Draft:
        """Take steps out, each with the reason."""
        reasons = {step.id: refusal for step, refusal in steps}
        waiting = self._waiting_for(reasons.keys())
        kept = tuple((f, s) for f, s in self.proposals if s.id not in reasons.keys() | waiting)
        return replace(self, proposals=kept, refused=(*self.refused, *reasons.values()))

    def _waiting_for(self, gone: Iterable[str]) -> frozenset[str]:
        """Return the steps that wait for one of these, directly or not: they cannot be taken."""
        waiting = frozenset(gone)
        while True:
            more = {s.id for _, s in self.proposals if s.after & waiting} - waiting
            if not more:
                return waiting
            waiting |= more


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What every pass may look at."""

    facts: Facts
    remedies: Mapping[str, Remedy]
    choices: Choices = field(default_factory=Choices)
    guards: Guards = field(default_factory=Guards)


NO_WAY_BACK = "no-way-back"


def make_plan(
    findings: Iterable[Finding], ground: Ground, *, cloud: str, read_at: datetime
) -> Plan:
    """Turn findings into ordered steps; what cannot be planned is in `Plan.refused`.

    Raises Refused when the whole would be too large to be meant.
    """
    asked = Draft(findings=tuple(findings))
    draft = reduce(lambda draft, improve: improve(draft, ground), PASSES, asked)
    steps = tuple(step for _, step in draft.proposals)
    return Plan(
        cloud=cloud,
        read_at=read_at,
        steps=in_order(steps),
        findings=tuple((f.code, f.subject, f.cell, f.host) for f in _planned(draft)),
        refused=draft.refused,
    )


def drop_unproved(draft: Draft, _: Ground) -> Draft:
    """Nothing is removed on an incomplete reading."""
    proved = tuple(f for f in draft.findings if f.certainty is Certainty.PROVED)
    refused = [
        Refusal(
            what=f"{f.code} {f.subject}",
            why="it is only suspected: " + "; ".join(f.gaps[:2]),
            lift="make readable what is missing, and check again",
        )
        for f in draft.findings
        if f not in proved
    ]
    return replace(draft, findings=proved, refused=(*draft.refused, *refused))


def drop_protected(draft: Draft, ground: Ground) -> Draft:
    """Leave alone what the operator holds."""
    protected = ground.guards.protected
    kept = tuple(f for f in draft.findings if f.vm not in protected)
    refused = [
        Refusal(what=f"{f.code} {f.subject}", why=f"VM {f.vm} is protected")
        for f in draft.findings
        if f.vm in protected
    ]
    return replace(draft, findings=kept, refused=(*draft.refused, *refused))


def propose_remedies(draft: Draft, ground: Ground) -> Draft:
    """Turn each finding into the steps of its remedy."""
    proposals: list[tuple[Finding, Step]] = []
    refused: list[Refusal] = []
    for finding in draft.findings:
        for proposal in _propose(finding, ground):
            if isinstance(proposal, Refusal):
                refused.append(proposal)
            else:
                proposals.append((finding, proposal))
    return replace(draft, proposals=tuple(proposals), refused=(*draft.refused, *refused))


def merge_same(draft: Draft, _: Ground) -> Draft:
    """Two findings may ask for the same step: it is made once, and answers both."""
    merged: dict[str, tuple[Finding, Step]] = {}
    for finding, step in draft.proposals:
        if step.id in merged:
            first, kept = merged[step.id]
            codes = tuple(dict.fromkeys((*kept.because, *step.because)))
            merged[step.id] = (first, replace(kept, because=codes))
        else:
            merged[step.id] = (finding, step)
    return replace(draft, proposals=tuple(merged.values()))


def drop_without_consent(draft: Draft, ground: Ground) -> Draft:
    """What has no way back, or destroys what users made, needs its own consent."""
    consents = ground.guards.consents
    missing = [(step, _consent(step)) for _, step in draft.proposals if _consent(step)]
    refused = [
        (
            step,
            Refusal(what=step.title, why=f"it needs your consent: {need}", lift=f"--allow {need}"),
        )
        for step, need in missing
        if need not in consents
    ]
    return draft.without(refused)


def refuse_if_too_many(draft: Draft, ground: Ground) -> Draft:
    """A plan that touches a tenth of a cloud is a mistake."""
    touched = {step.vm for _, step in draft.proposals if step.vm}
    known = ground.facts.ask("select count(*) as vms from vm.known")[0]["vms"]
    guards = ground.guards
    few = len(touched) <= guards.most_vms
    small = known == 0 or len(touched) <= max(1, known * guards.most_share)
    if few and small:
        return draft
    per_code = Counter(f.code for f, _ in draft.proposals)
    most = ", ".join(f"{count} x {code}" for code, count in per_code.most_common(3))
    raise Refused(
        f"this would touch {len(touched)} VMs of {known} ({most})",
        next_step=f"Plan fewer (a code, a VM), or lift the guard with --at-most {len(touched)}.",
    )


PASSES: tuple[Callable[[Draft, Ground], Draft], ...] = (
    drop_unproved,
    drop_protected,
    propose_remedies,
    merge_same,
    drop_without_consent,
    refuse_if_too_many,
)
"""The whole of planning on one page."""


def _propose(finding: Finding, ground: Ground) -> Iterable[Proposal]:
    """Ask the remedy of a finding's check, if there is one."""
    remedy = ground.remedies.get(finding.check.remedy)
    if remedy is None:
        return [
            Refusal(
                what=f"{finding.code} {finding.subject}",
                why="there is no remedy for it yet",
                lift=f"see `stackfsck explain {finding.code}` for what to do by hand",
            )
        ]
    return remedy.propose(ground.facts, finding, ground.choices)


def _consent(step: Step) -> str:
    """Return what a step needs the operator's word for."""
    return step.consent or (NO_WAY_BACK if step.undo is Undo.IMPOSSIBLE else "")


def _planned(draft: Draft) -> tuple[Finding, ...]:
    """Return the findings that at least one step answers."""
    subjects = {id(f) for f, _ in draft.proposals}
    answered = {(code, s.vm) for _, s in draft.proposals for code in s.because}
    return tuple(f for f in draft.findings if id(f) in subjects or (f.code, f.vm) in answered)
