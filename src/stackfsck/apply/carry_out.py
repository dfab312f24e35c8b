"""A whole plan, wave by wave: who waits for whom, when to pause, and what is told of the end."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from stackfsck.apply.execute import Tools, execute, undo
from stackfsck.model.errors import StepFailed, Unreadable
from stackfsck.model.plan import Plan
from stackfsck.model.step import Step
from stackfsck.store.journal import Phase

PAUSE_SECONDS = 1.0

GOES_ON = frozenset({Phase.DONE, Phase.GONE})
"""How a step has to end before those behind it may begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What the operator has said meanwhile."""

    is_paused: Callable[[], bool] = lambda: False
    is_stopped: Callable[[], bool] = lambda: False


@dataclass(slots=True)
class Outcome:
    """How each step ended, and why those that failed did."""

    phases: dict[str, Phase] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    stopped: bool = False

    @property
    def counts(self) -> Counter[str]:
        """How many steps ended how."""
        return Counter(phase.value for phase in self.phases.values())

    @property
    def is_whole(self) -> bool:
        """Whether every step was done, or had nothing left to do."""
        return not self.stopped and all(phase in GOES_ON for phase in self.phases.values())


def carry_out(plan: Plan, tools: Tools, word: Word, told: Callable[[Step, Phase], None]) -> Outcome:
    """Carry out a plan from wherever it stands; `told` hears of every step that has ended.

    A step whose predecessor did not end well is left alone, the others go on. Raises
    JournalBroken, and then nothing more is changed.
    """
    outcome = Outcome()
    for wave in plan.waves():
        for step in wave:
            if _halted(word):
                outcome.stopped = True
                return outcome
            outcome.phases[step.id] = _one(step, tools, outcome)
            told(step, outcome.phases[step.id])
    return outcome


def take_back(plan: Plan, tools: Tools, word: Word, told: Callable[[Step, Phase], None]) -> Outcome:
    """Undo what a run has done, newest first."""
    outcome = Outcome()
    for step in reversed([step for wave in plan.waves() for step in wave]):
        if _halted(word):
            outcome.stopped = True
            return outcome
        try:
            phase = undo(step, tools)
        except (StepFailed, Unreadable) as error:
            phase, outcome.reasons[step.id] = Phase.FAILED, str(error)
        if phase:
            outcome.phases[step.id] = phase
            told(step, phase)
    return outcome


def _one(step: Step, tools: Tools, outcome: Outcome) -> Phase:
    """Carry out one step, unless one that it waits for did not end well."""
    waits_for = _unfinished(step.after, outcome)
    if waits_for:
        outcome.reasons[step.id] = f"it waits for {waits_for}"
        return Phase.FAILED
    try:
        phase = execute(step, tools)
    except (StepFailed, Unreadable) as error:
        phase, outcome.reasons[step.id] = Phase.FAILED, str(error)
    if phase is Phase.MOVED and (entry := tools.journal.last(step.id)):
        outcome.reasons[step.id] = str(entry.detail.get("reason", ""))
    return phase


def _unfinished(ids: Iterable[str], outcome: Outcome) -> str:
    """Return the first of these steps that did not end well."""
    return next((i for i in sorted(ids) if outcome.phases.get(i, Phase.DONE) not in GOES_ON), "")


def _halted(word: Word) -> bool:
    """Wait while the operator wants a pause; say whether the end was asked for."""
    while word.is_paused() and not word.is_stopped():
        time.sleep(PAUSE_SECONDS)
    return word.is_stopped()
