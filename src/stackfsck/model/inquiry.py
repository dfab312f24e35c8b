"""One whole inquiry into a cloud: what was asked, how it was read, what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from stackfsck.model.errors import ExitCode
from stackfsck.model.finding import Finding, Held, Judgement, Unjudged

if TYPE_CHECKING:
    from stackfsck.model.coverage import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How patient judging is.

    What changed less than `grace` before a look is left alone; `pause` passes between the two
    looks; what has been on its way for `stuck_after` is stuck.
    """

    grace: timedelta = timedelta(seconds=120)
    pause: timedelta = timedelta(seconds=10)
    stuck_after: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """What `check` answers.

    `looks` is 1 when nothing could be proved because the cloud was looked at once; `coverage`
    holds the readings of the first look and, where they are worse, of the second. Times are UTC
    without zone. `presence` counts the VMs by the stores in which they stand; `notes` say what else
    the operator should know.
    """

    judgement: Judgement
    coverage: tuple[Reading, ...]
    began: datetime
    ended: datetime
    looks: int
    checks: tuple[str, ...]
    snapshot: Path | None = None
    presence: dict[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found, worst first."""
        return self.judgement.findings

    @property
    def held(self) -> tuple[Held, ...]:
        """What was left out, and why."""
        return self.judgement.held

    @property
    def unjudged(self) -> tuple[Unjudged, ...]:
        """The checks that could not be judged everywhere, and what they miss."""
        return self.judgement.unjudged

    @property
    def took(self) -> float:
        """How long it took, in seconds."""
        return (self.ended - self.began).total_seconds()

    @property
    def unread(self) -> tuple[Reading, ...]:
        """The readings that did not come to their end."""
        return tuple(r for r in self.coverage if not r.proves_absence)

    @property
    def exit_code(self) -> ExitCode:
        """What the command answers with: the sum of what was found and what was not read."""
        code = ExitCode.CLEAN
        if self.judgement.findings:
            code |= ExitCode.LEFT
        if self.unread:
            code |= ExitCode.UNREAD
        return code


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One thing that `doctor` tried: whether it went well, and what to do when not."""

    name: str
    ok: bool
    detail: str
    next_step: str = ""
