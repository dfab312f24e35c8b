"""What judging answers: findings, what was held back, and what could not be judged."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uuid import UUID

    from stackfsck.model.check import Check


class Certainty(Enum):
    """Whether a finding rests on complete readings, twice."""

    PROVED = "proved"
    SUSPECTED = "suspected"


class HeldWhy(Enum):
    """Why a row that a check answered is not a finding."""

    IN_TRANSIT = "in transit"
    YOUNG = "too young"
    GONE = "gone at the second look"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One record in conflict.

    `subject` is the key of the record; `gaps` name what kept a suspected finding from being
    proved; `evidence` holds the columns that the check answered, as text.
    """

    check: Check
    subject: str
    vm: UUID | None = None
    cell: str = ""
    host: str = ""
    evidence: dict[str, str] = field(default_factory=dict)
    certainty: Certainty = Certainty.SUSPECTED
    gaps: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        """The code of the check that found it."""
        return self.check.code

    @property
    def title(self) -> str:
        """A statement about the record, with its own values in place."""
        return self.check.titled(self.evidence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A row that a check answered and that judging held back, with the reason."""

    code: str
    subject: str
    vm: UUID | None
    why: HeldWhy
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unjudged:
    """A check that cannot prove anything (or anything in some scopes), and what it misses."""

    code: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """All that one judging answered."""

    findings: tuple[Finding, ...] = ()
    held: tuple[Held, ...] = ()
    unjudged: tuple[Unjudged, ...] = ()
