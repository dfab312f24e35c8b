"""The journal: what was about to be done, what was there before, and what was done.

One SQLite file per run, written through to the disk (``synchronous=FULL``) before every change
and after it. An entry is never altered: the state of a step is its last entry. What was there
before a change is kept whole, secrets included, or it could not be put back: the file is its
owner's alone.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from stackfsck.model.errors import JournalBroken


class Phase(StrEnum):
    """How far a step has come."""

    INTENT = "intent"  # it is about to be looked at again
    BEFORE = "before"  # what was there is written down; the change may or may not be made
    DONE = "done"
    GONE = "gone"  # there was nothing left to change
    MOVED = "moved"  # it was not as judged: left alone
    FAILED = "failed"  # tried, not made
    UNDOING = "undoing"
    UNDONE = "undone"
    KEPT = "kept"  # undo left it alone, because others changed it since


SETTLED = frozenset({Phase.DONE, Phase.GONE, Phase.MOVED, Phase.UNDONE, Phase.KEPT})
"""Phases after which applying has nothing left to do for a step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the journal; `detail` is plain JSON."""

    number: int
    at: datetime
    step: str
    phase: Phase
    detail: Mapping[str, Any]


_SCHEMA = """
create table if not exists entry (
    number integer primary key,
    at text not null,
    step text not null,
    phase text not null,
    detail text not null
);
create index if not exists entry_step on entry (step, number);
create table if not exists fact (key text primary key, value text not null);
"""


class Journal:
    """The journal of one run; safe to use from several threads.

    Every method raises JournalBroken when the file cannot be written or read.
    """

    def __init__(self, path: Path) -> None:
        """Open or begin the journal at this path; its folder is there already."""
        self._lock = threading.Lock()
        try:
            self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            path.chmod(0o600)
            self._connection.execute("pragma journal_mode = wal")
            self._connection.execute("pragma synchronous = full")
            self._connection.executescript(_SCHEMA)
        except (sqlite3.Error, OSError) as error:
            raise _broken(path, error) from error
        self._path = path

    def write(self, step: str, phase: Phase, detail: Mapping[str, Any] | None = None) -> None:
        """Add an entry; it is on the disk when this returns."""
        row = (_now(), step, phase.value, json.dumps(detail or {}, sort_keys=True))
        self._run("insert into entry (at, step, phase, detail) values (?, ?, ?, ?)", row)

    def last(self, step: str, phase: Phase | None = None) -> Entry | None:
        """Return the last entry of a step, or the last of one phase."""
        which = "" if phase is None else "and phase = ?"
        values = (step,) if phase is None else (step, phase.value)
        rows = self._run(
            f"select * from entry where step = ? {which} order by number desc limit 1", values
        )
        return _entry(rows[0]) if rows else None

    def entries(self) -> Iterator[Entry]:
        """Yield every entry, oldest first."""
        for row in self._run("select * from entry order by number"):
            yield _entry(row)

    def keep(self, key: str, value: str) -> None:
        """Keep one fact about the run itself, such as the digest of its plan."""
        self._run("insert or replace into fact values (?, ?)", (key, value))

    def kept(self, key: str) -> str:
        """Return a fact, or "" when there is none."""
        rows = self._run("select value from fact where key = ?", (key,))
        return str(rows[0][0]) if rows else ""

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    def _run(self, sql: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """Run one statement, each its own transaction."""
        try:
            with self._lock:
                return self._connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise _broken(self._path, error) from error


def _entry(row: tuple[Any, ...]) -> Entry:
    """Make an entry of a row."""
    number, at, step, phase, detail = row
    return Entry(
        number=number,
        at=datetime.fromisoformat(at),
        step=step,
        phase=Phase(phase),
        detail=json.loads(detail),
    )


def _broken(path: Path, error: Exception) -> JournalBroken:
    """Return what to raise when the file lets us down."""
    return JournalBroken(
        f"the journal {path} cannot be used: {error}",
        next_step="Nothing more was changed. Make room or mend the disk, then resume the run.",
    )


def _now() -> str:
    """Return the moment, UTC."""
    return datetime.now(UTC).replace(tzinfo=None).isoformat()
