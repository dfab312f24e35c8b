"""What runs have put aside on hosts and in Ceph's trash: listed, put back, or purged for good."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from stackfsck.apply.execute import Tools
from stackfsck.apply.execute import undo as undo_step
from stackfsck.model.errors import Refused
from stackfsck.model.step import Means
from stackfsck.pipeline.repair import host_hand
from stackfsck.plan import file as plans
from stackfsck.store.journal import Journal, Phase
from stackfsck.store.run import Run, runs

if TYPE_CHECKING:
    from stackfsck.clients.settings import Settings
    from stackfsck.model.step import Step

ASIDE = frozenset({"directory.quarantine", "file.quarantine", "rbd_image.trash"})
"""Acts that put something aside."""

PURGED = "purged:"
"""Before a step's id: the fact in a journal that what it put aside is gone for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One thing that a run has put aside: where it was, and since when it is away (UTC)."""

    run: Run
    step: Step
    what: str
    since: datetime

    @property
    def name(self) -> str:
        """What the operator calls it: run and step."""
        return f"{self.run.name}/{self.step.id}"


def kept(root: Path) -> Iterator[Kept]:
    """Yield everything that the runs below a folder have put aside and that still is, oldest first.

    Raises JournalBroken.
    """
    for run in runs(root):
        with run.journal() as journal:
            for step in plans.read(run.plan).plan.steps:
                if _is_aside(step, journal):
                    entry = journal.last(step.id)
                    assert entry is not None  # noqa: S101  it is done
                    yield Kept(run=run, step=step, what=_what(step, journal), since=entry.at)


def _is_aside(step: Step, journal: Journal) -> bool:
    """Whether a step has put something aside that is still there, as far as is known."""
    entry = journal.last(step.id)
    puts_aside = any(way.call in ASIDE for way in step.ways)
    done = entry is not None and entry.phase is Phase.DONE
    return puts_aside and done and not journal.kept(PURGED + step.id)


def _what(step: Step, journal: Journal) -> str:
    """Return the path, or pool and image, that was put aside."""
    entry = journal.last(step.id, Phase.BEFORE)
    image = entry.detail.get("image", {}) if entry else {}
    path = image.get("path") or "/".join(filter(None, (image.get("pool"), image.get("image"))))
    return str(path or step.title)


def restore(one: Kept, settings: Settings) -> Phase | None:
    """Put one thing back where it was; see `stackfsck.apply.execute.undo` for what it answers.

    Raises StepFailed when it cannot be put back.
    """
    with one.run.journal() as journal:
        hands = {Means.HOST: host_hand(settings, one.run)}
        return undo_step(one.step, Tools(hands=hands, holds=lambda _: "", journal=journal))


def purge(one: Kept, settings: Settings) -> bool:
    """Delete one thing for good; False when it was gone already.

    Raises Refused for an image: Ceph's own trash purges itself; StepFailed when it cannot be done.
    """
    way = one.step.ways[0]
    if way.call.startswith("rbd_image."):
        raise Refused(
            f"{one.what} lies in Ceph's trash, which is Ceph's to empty",
            next_step="Use `rbd trash purge`, or `rbd trash rm` for the one image.",
        )
    with one.run.journal() as journal:
        was_there = host_hand(settings, one.run).purge(one.step, way)
        journal.keep(PURGED + one.step.id, datetime.now(UTC).isoformat())
    return was_there
