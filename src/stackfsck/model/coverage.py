"""How completely each source was read: an empty list is a fact only after a complete reading."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Outcome(Enum):
    """How far a reading came."""

    COMPLETE = "complete"  # read to its end: absence is evidence
    PARTIAL = "partial"  # rows are missing: presence counts, absence does not
    FAILED = "failed"  # nothing may be concluded
    NONE = "none"  # this cloud has no such table (release, service): nothing can be missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One pass over one table in one scope.

    `source` is the table's name in the catalogue (``nova.instances``); `scope` the cell, host or
    server that was read, "" for a table of which a cloud has one. `reason` says in words why the
    reading is not complete.
    """

    source: str
    scope: str = ""
    outcome: Outcome
    reason: str = ""
    rows: int = 0

    @property
    def proves_absence(self) -> bool:
        """Whether what was not seen here is not there."""
        return self.outcome in {Outcome.COMPLETE, Outcome.NONE}

    def __str__(self) -> str:
        """`nova.instances in cell1: failed (connection refused)`."""
        where = f" in {self.scope}" if self.scope else ""
        why = f" ({self.reason})" if self.reason else ""
        return f"{self.source}{where}: {self.outcome.value}{why}"
