"""What a step does to records: the one language of planning, rehearsing, applying and undoing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Value = str | int | float | bool | None
"""What a column of a record may hold here; moments are text, ``2026-01-02 03:04:05``."""

Row = Mapping[str, Value]


class Verb(StrEnum):
    """What happens to a record."""

    INSERT = "insert"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Own:
    """A new value that is a column of the same row: nova's `deleted = id`; `plus` is added to it.

    Counters go up and down so: several steps of one plan may change the same one.
    """

    column: str
    plus: int = 0


@dataclass(frozen=True, slots=True)
class Moment:
    """A new value that is the moment of the change, by the clock of the place it is made in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Those:
    """The values that a column has in other rows of the same database.

    Children of children are named so: the events of all actions of a VM.
    """

    table: str
    column: str
    where: Row


NewValue = Value | Own | Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What happens to the rows of one table that meet `where`.

    `where` compares for equality, null included, or with any of `Those`; `values` are the new ones
    of an update or the row of an insert. A change may meet no row at all: what is gone already
    needs no removal.
    """

    verb: Verb
    table: str
    scope: str = ""
    where: Mapping[str, Value | Those] = field(default_factory=dict)
    values: Mapping[str, NewValue] = field(default_factory=dict)

    @property
    def store(self) -> str:
        """The store in which the table stands."""
        return self.table.partition(".")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Premise:
    """Something that the judgement rested on and that must still hold right before a change.

    The rows that meet `where` must have these `fields`, each of them; `fields` of None says that
    there may be no such row at all.
    """

    table: str
    scope: str = ""
    where: Row = field(default_factory=dict)
    fields: Row | None = None

    def __str__(self) -> str:
        """`nova.instances uuid=… in cell1 has deleted=5`."""
        place = f" in {self.scope}" if self.scope else ""
        subject = f"{self.table} {_pairs(self.where)}{place}"
        return f"no {subject}" if self.fields is None else f"{subject} has {_pairs(self.fields)}"


def _pairs(row: Row) -> str:
    """Write columns and values in a line."""
    return " ".join(f"{name}={'null' if v is None else v}" for name, v in row.items())
