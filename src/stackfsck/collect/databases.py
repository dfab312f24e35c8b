"""Databases into the snapshot: every table of the catalogue, as one transaction each saw it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stackfsck.catalogue import TABLES
from stackfsck.catalogue.derived import TABLES as DERIVED
from stackfsck.collect import questions
from stackfsck.collect.places import Opened, Place, close_all, failed, open_all
from stackfsck.collect.tables import read_table
from stackfsck.model.coverage import Outcome, Reading

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stackfsck.catalogue.table import Table
    from stackfsck.clients.databases import Database
    from stackfsck.model.watch import Watch
    from stackfsck.store.snapshot import Snapshot

AT_ONCE = 4
"""Databases streamed side by side; more would only wait for the one writer of the snapshot."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which tables to read; None means every one that travels."""

    tables: frozenset[str] | None = None

    def __contains__(self, table: Table) -> bool:
        """Whether this table shall be read."""
        return table.copied and (self.tables is None or table.name in self.tables)

    def of(self, store: str) -> list[Table]:
        """Return the wanted tables of a store."""
        return [table for table in TABLES.values() if table.store == store and table in self]


EVERYTHING = Wanted()


def read_databases(
    places: Iterable[Place], snapshot: Snapshot, watch: Watch, wanted: Wanted = EVERYTHING
) -> None:
    """Read these databases into a snapshot; what cannot be read is recorded as coverage."""
    opened = open_all([place for place in places if wanted.of(place.store)], watch)
    try:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for done in [pool.submit(_read, one, snapshot, watch, wanted) for one in opened]:
                done.result()
    finally:
        close_all(opened)


def _read(opened: Opened, snapshot: Snapshot, watch: Watch, wanted: Wanted) -> None:
    """Read every wanted table of one place, and ask it what is not copied."""
    place, database = opened.place, opened.database
    tables = wanted.of(place.store)
    if database is None:
        for table in tables:
            snapshot.cover(failed(table, place.scope, opened.reason))
        watch.end(place.label, _unread(place, opened.reason))
        return
    with closing(database):
        for table in tables:
            snapshot.cover(_fill(table, database, place, snapshot, watch))
    watch.end(place.label)


def _fill(
    table: Table, database: Database, place: Place, snapshot: Snapshot, watch: Watch
) -> Reading:
    """Fill one table from the database's rows or, for a derived one, from its answers."""
    if table in DERIVED:
        return questions.ask(database, table, place.scope, snapshot)
    return read_table(
        database, table, place, snapshot, progress=lambda rows: watch.step(place.label, rows)
    )


def _unread(place: Place, reason: str) -> Reading:
    """Describe a whole database that could not be read, for the watch."""
    return Reading(source=place.store, scope=place.scope, outcome=Outcome.FAILED, reason=reason)
