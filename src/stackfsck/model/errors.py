"""What can go wrong, and what the operator does next.

* StackfsckError
  + Misused       a word, option or setting is wrong      -> correct it          (exit 16)
    - BadCheck    an operator's own check cannot be used  -> mend the file
    - NotFound    nothing of that name or id is known     -> look at the spelling
  + Unreadable    a source could not be read              -> shown as a gap      (exit 8)
    - BadSnapshot a snapshot cannot be used               -> collect again
  + Refused       a guard said no; nothing was changed    -> read why, lift it    (exit 16)
    - PlanStale   a plan is too old, edited, or another cloud's -> plan again
  + Moved         a record changed since it was judged    -> step skipped, others go on
  + StepFailed    a change was tried and did not work     -> look at the reason, resume
  + JournalBroken the journal cannot be written           -> everything stops at once
"""

from __future__ import annotations

from enum import IntFlag


class ExitCode(IntFlag):
    """The sum that a command answers with, as fsck(8) does."""

    CLEAN = 0
    CORRECTED = 1
    LEFT = 4
    UNREAD = 8
    USAGE = 16
    CANCELLED = 32


class StackfsckError(Exception):
    """Anything that stackfsck tells its operator instead of a traceback.

    The message says what is wrong; `next_step` says what to do about it.
    """

    exit_code = ExitCode.UNREAD

    def __init__(self, message: str, *, next_step: str = "") -> None:
        """Keep the message and, apart from it, the way on."""
        super().__init__(message)
        self.next_step = next_step


class Misused(StackfsckError):
    """A word, an option or a setting is wrong; nothing was read."""

    exit_code = ExitCode.USAGE


class BadCheck(Misused):
    """A check file cannot be used: its header or its query is wrong."""


class NotFound(Misused):
    """Nothing in the cloud answers to the name or id that was given."""


class Unreadable(StackfsckError):
    """A source could not be read; what needs it cannot be proved."""


class BadSnapshot(Unreadable):
    """A snapshot file is missing, cut short, or of another make."""


class Refused(Misused):
    """A guard said no before anything was changed."""


class PlanStale(Refused):
    """A plan may not be applied: it is too old, was edited, or belongs to another cloud."""


class Moved(StackfsckError):
    """A record is not as it was judged: its step is skipped, and nothing was changed by it."""

    exit_code = ExitCode.LEFT


class StepFailed(StackfsckError):
    """A change was tried and did not work; the journal holds what is known."""


class JournalBroken(StackfsckError):
    """The journal cannot be written: nothing may be changed without it."""
