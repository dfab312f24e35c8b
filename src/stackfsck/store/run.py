"""The run folder: everything that one repair needs, and everything it leaves behind.

``plan.json`` is what was agreed to, ``journal.sqlite`` what was done. The folder is 0700: what
was there before a change may hold what users keep secret. An operator's word from another
terminal is a file: ``pause`` and ``stop``.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from stackfsck.model.errors import Misused, NotFound
from stackfsck.store.journal import Journal

PLAN, JOURNAL, PAUSE, STOP = "plan.json", "journal.sqlite", "pause", "stop"


@dataclass(frozen=True, slots=True)
class Run:
    """One run, by its folder; its name sorts by the moment it began."""

    folder: Path

    @property
    def name(self) -> str:
        """What the operator calls it."""
        return self.folder.name

    @property
    def plan(self) -> Path:
        """The plan, as it was when the run began."""
        return self.folder / PLAN

    def journal(self) -> Journal:
        """Open the journal; raises JournalBroken."""
        return Journal(self.folder / JOURNAL)

    @property
    def is_paused(self) -> bool:
        """Whether the operator has asked for a pause."""
        return (self.folder / PAUSE).exists()

    @property
    def is_stopped(self) -> bool:
        """Whether the operator has asked for an end."""
        return (self.folder / STOP).exists()

    def ask(self, word: str, *, on: bool = True) -> None:
        """Ask the run, wherever it is going on, to pause or stop, or no longer to."""
        mark = self.folder / word
        if on:
            mark.touch(mode=0o600)
        else:
            mark.unlink(missing_ok=True)


def begin(root: Path, plan: Path, digest: str) -> Run:
    """Make the folder of a new run; raises Misused when it cannot be made."""
    moment = datetime.now(UTC)
    folder = root / f"{moment:%Y%m%d-%H%M%S}-{digest[:8]}"
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700)
        shutil.copyfile(plan, folder / PLAN)
    except OSError as error:
        raise Misused(
            f"the run folder {folder} cannot be made: {error.strerror}",
            next_step="Name a folder that you may write with --runs.",
        ) from error
    return Run(folder)


def find(root: Path, name: str) -> Run:
    """Return the run of this name (or beginning of one); "last" is the newest.

    Raises NotFound for none, Misused for several.
    """
    fitting = [run for run in runs(root) if name == "last" or run.name.startswith(name)]
    if name == "last":
        fitting = fitting[-1:]
    if not fitting:
        raise NotFound(f"there is no run {name} in {root}", next_step="See `stackfsck runs`.")
    if len(fitting) > 1:
        raise Misused(f"{name} may be {', '.join(run.name for run in fitting)}")
    return fitting[0]


def runs(root: Path) -> Iterator[Run]:
    """Yield all runs, oldest first."""
    if root.is_dir():
        yield from (Run(path) for path in sorted(root.iterdir()) if (path / PLAN).is_file())
