"""One step, from the last look to the last entry in the journal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from stackfsck.apply.hand import Hand, Image, State, WayClosed
from stackfsck.model.change import Premise
from stackfsck.model.errors import Moved, StepFailed, Unreadable
from stackfsck.model.step import Means, Step, Way
from stackfsck.store.journal import SETTLED, Journal, Phase

Holds = Callable[[Premise], str]
"""Looks at a premise again: "" when it holds, else what was found instead; raises Unreadable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """Everything that executing needs: hands by means, eyes for premises, the journal.

    `allowed` are the means that the operator permits.
    """

    hands: Mapping[Means, Hand]
    holds: Holds
    journal: Journal
    allowed: frozenset[Means] = frozenset(Means)


def execute(step: Step, tools: Tools) -> Phase:
    """Carry out one step, or find out what became of it, and return how it ended.

    A step that was settled in an earlier try is not touched again. Raises StepFailed when the
    change was tried in vain on every way, and JournalBroken, before anything is changed, when it
    cannot be written down.
    """
    last = tools.journal.last(step.id)
    if last and last.phase in SETTLED:
        return last.phase
    # A failure does not prove that nothing was done: the answer may have been lost.
    unclear = last is not None and last.phase in {Phase.BEFORE, Phase.FAILED}
    if unclear and (phase := _settle(step, tools)):
        return phase
    tools.journal.write(step.id, Phase.INTENT)
    try:
        _look_again(step, tools)
        return _take_a_way(step, tools)
    except Moved as error:
        tools.journal.write(step.id, Phase.MOVED, {"reason": str(error)})
        return Phase.MOVED
    except (StepFailed, Unreadable) as error:
        tools.journal.write(step.id, Phase.FAILED, {"reason": str(error)})
        raise


def _settle(step: Step, tools: Tools) -> Phase | None:
    """Find out whether a change whose end nobody saw was made; None when it was not."""
    entry = tools.journal.last(step.id, Phase.BEFORE)
    if entry is None:
        return None
    way, before = _remembered(step, entry.detail)
    state = tools.hands[way.means].state(step, way, before)
    if state is State.BEFORE:
        return None
    phase = Phase.DONE if state is State.AFTER else Phase.MOVED
    tools.journal.write(step.id, phase, {"found": "after an interruption"})
    return phase


def _look_again(step: Step, tools: Tools) -> None:
    """Raise Moved unless everything that the judgement rested on still holds."""
    for premise in step.premises:
        if found := tools.holds(premise):
            raise Moved(f"{premise}: now {found}")


def _take_a_way(step: Step, tools: Tools) -> Phase:
    """Try the allowed ways in their order until one leads to the change."""
    closed: list[str] = []
    for number, way in enumerate(step.ways):
        if way.means not in tools.allowed or way.means not in tools.hands:
            closed.append(f"{way.means}: not allowed")
            continue

        def note(before: Image, number: int = number) -> None:
            tools.journal.write(step.id, Phase.BEFORE, {"way": number, "image": dict(before)})

        try:
            changed = tools.hands[way.means].change(step, way, note)
        except WayClosed as error:
            closed.append(f"{way.means}: {error}")
            continue
        phase = Phase.DONE if changed else Phase.GONE
        tools.journal.write(step.id, phase)
        return phase
    raise StepFailed(f"no way leads to it: {'; '.join(closed) or 'it has none'}")


def undo(step: Step, tools: Tools) -> Phase | None:
    """Put one step back and return how that ended; None when there is nothing to put back.

    Raises StepFailed when it cannot be done.
    """
    last = tools.journal.last(step.id)
    if last is None or last.phase not in {Phase.DONE, Phase.UNDOING}:
        return None
    entry = tools.journal.last(step.id, Phase.BEFORE)
    if entry is None:
        return None
    way, before = _remembered(step, entry.detail)
    tools.journal.write(step.id, Phase.UNDOING)
    try:
        hand = tools.hands[way.means]
        if last.phase is Phase.DONE or hand.state(step, way, before) is not State.BEFORE:
            hand.put_back(step, way, before)
    except Moved as error:
        tools.journal.write(step.id, Phase.KEPT, {"reason": str(error)})
        return Phase.KEPT
    tools.journal.write(step.id, Phase.UNDONE)
    return Phase.UNDONE


def _remembered(step: Step, detail: Mapping[str, object]) -> tuple[Way, Image]:
    """Return the way that was taken and what was there before, as the journal has them."""
    number, image = detail["way"], detail["image"]
    if not isinstance(number, int) or not isinstance(image, dict):
        raise StepFailed(f"the journal does not say what was there before {step.id}")
    return step.ways[number], image
