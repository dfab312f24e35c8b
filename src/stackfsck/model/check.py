"""A check: one question to the snapshot, with everything the engine has to know about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Kind(Enum):
    """The kinds of trouble, in operators' own words."""

    ZOMBIE = "zombie"  # record alive, domain gone
    GHOST = "ghost"  # domain alive, record gone
    ORPHAN = "orphan"  # owner gone
    STRAY = "stray"  # in the wrong place
    STUCK = "stuck"  # transitional for too long
    CONTRADICTION = "contradiction"  # two stores disagree
    LEAK = "leak"  # a count or reservation that nobody owns


class Severity(Enum):
    """What the stale record does to the cloud, worst first."""

    CORRUPTS = "corrupts"  # two owners of one disk, address or device
    BLOCKS = "blocks"  # an operation on a live VM fails because of it
    LEAKS = "leaks"  # capacity or quota is lost
    CLUTTERS = "clutters"  # nothing but noise

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)


class Reach(Enum):
    """How much of a source has to be read before a check may say *proved*."""

    ALL = ""  # every scope
    CELL = "cell"  # the finding's own cell
    HOST = "host"  # the finding's own host


@dataclass(frozen=True, slots=True)
class Source:
    """A table that a check rests on, and how much of it: ``libvirt.domains@host``."""

    table: str
    reach: Reach = Reach.ALL

    @classmethod
    def parse(cls, text: str) -> Source:
        """Read the form used in a check's header; raises ValueError for an unknown reach."""
        table, _, reach = text.strip().partition("@")
        return cls(table, Reach(reach))

    def __str__(self) -> str:
        """Write the form used in a check's header."""
        return f"{self.table}@{self.reach.value}" if self.reach.value else self.table


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One question, its meaning in words, and where its proof lies.

    `found_in` names the tables in which the record stands, `absent_from` those whose loss could
    invent the finding: every one of them has to be read to its end before the engine says
    *proved*. `judges_transit` is set by the checks whose very subject is a state of transit.
    """

    code: str
    name: str
    title: str
    kind: Kind
    severity: Severity
    found_in: tuple[Source, ...]
    absent_from: tuple[Source, ...]
    what: str
    why: str
    wrong: str
    sql: str
    remedy: str = ""
    judges_transit: bool = False
    origin: str = ""

    @property
    def tables(self) -> frozenset[str]:
        """The names of all tables that the check declares."""
        return frozenset(s.table for s in self.found_in + self.absent_from)

    def titled(self, evidence: Mapping[str, str]) -> str:
        """Return the title with the evidence in its places; a missing value reads as a dash."""
        return self.title.format_map(_Dashes(evidence))


class _Dashes(dict[str, str]):
    """Evidence whose missing values read as a dash."""

    def __missing__(self, key: str) -> str:
        return "–"
