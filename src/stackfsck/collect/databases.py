"""Databases into the snapshot: every table of the catalogue, as one transaction saw it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stackfsck.catalogue import TABLES
from stackfsck.catalogue.derived import TABLES as DERIVED
from stackfsck.clients.databases import Condition, Database, SchemaMet
from stackfsck.collect import questions
from stackfsck.model.coverage import Outcome, Reading
from stackfsck.model.errors import Unreadable
from stackfsck.store.arrow import schema_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from stackfsck.catalogue.table import Table
    from stackfsck.model.watch import Watch
    from stackfsck.store.snapshot import Snapshot

READING_ORDER = ("placement", "neutron", "cinder", "glance", "nova", "nova_api")
"""Referrers first: what is read before the record that it refers to cannot look stale because
that record was made in between. Cells and their mappings need each other; the second look covers
that."""

AT_ONCE = 4
"""Databases streamed side by side; more would only wait for the one writer of the snapshot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One database to read: whose it is, its scope (a cell's name or ""), and how to open it.

    `open` raises Unreadable with the reason when it cannot be had.
    """

    store: str
    scope: str = ""
    open: Callable[[], Database]

    @property
    def label(self) -> str:
        """What the operator sees: `nova cell1`."""
        return f"{self.store} {self.scope}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which tables to read, and which rows of them.

    No `tables` means every one; a table without an entry in `where` is read whole.
    """

    tables: frozenset[str] | None = None
    where: Mapping[str, Sequence[Condition]] = field(default_factory=dict)

    def of(self, store: str) -> list[Table]:
        """Return the tables of a store that are wanted and travel."""
        return [
            table
            for name, table in TABLES.items()
            if table.store == store
            and table.copied
            and table not in DERIVED
            and (self.tables is None or name in self.tables)
        ]

    def questions(self, store: str) -> list[Table]:
        """Return the derived tables of a store that are wanted."""
        chosen = [table for table in DERIVED if table.store == store]
        return [t for t in chosen if self.tables is None or t.name in self.tables]


EVERYTHING = Wanted()


@dataclass(frozen=True, slots=True)
class _Opened:
    """A place with its open database, or the reason why there is none."""

    place: Place
    database: Database | None
    reason: str = ""


def read_databases(
    places: Iterable[Place], snapshot: Snapshot, watch: Watch, wanted: Wanted = EVERYTHING
) -> None:
    """Read these databases into a snapshot; what cannot be read is recorded as coverage.

    All transactions are opened one right after the other, in reading order, before the first row
    travels: so every database is seen as it was at nearly the same moment.
    """
    ordered = sorted(places, key=lambda p: (READING_ORDER.index(p.store), p.scope))
    needed = [p for p in ordered if wanted.of(p.store) or wanted.questions(p.store)]
    opened = [_open(place, watch) for place in needed]
    try:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for done in [pool.submit(_read_one, o, snapshot, watch, wanted) for o in opened]:
                done.result()
    finally:
        for one in opened:
            if one.database is not None:
                one.database.close()


def _open(place: Place, watch: Watch) -> _Opened:
    """Open a place, or keep the reason why not."""
    watch.begin(place.label)
    try:
        database = place.open()
    except Unreadable as error:
        return _Opened(place, None, str(error))
    try:
        schema = database.schema()
    except Unreadable as error:
        database.close()
        return _Opened(place, None, str(error))
    if reason := _not_of(place.store, schema, database.name):
        database.close()
        return _Opened(place, None, reason)
    return _Opened(place, database)


def _not_of(store: str, schema: SchemaMet, name: str) -> str:
    """Say why a database is not one of this service, or "" when it is."""
    if not schema.tables:
        return f"{name} is empty: it has no tables"
    required = [
        t.short_name
        for t in TABLES.values()
        if t.store == store and not _may_lack(t) and t not in DERIVED
    ]
    lacking = [table for table in required if table not in schema.tables]
    if len(lacking) * 2 > len(required):
        few = ", ".join(lacking[:3])
        return f"{name} is not a database of {store.partition('_')[0]}: it has no {few}"
    return ""


def _may_lack(table: Table) -> bool:
    """Whether a whole cloud may be without this table."""
    return bool(table.optional or table.since or table.until)


def _read_one(opened: _Opened, snapshot: Snapshot, watch: Watch, wanted: Wanted) -> None:
    """Read every wanted table of one database, and ask it what is not copied."""
    place, database = opened.place, opened.database
    tables = wanted.of(place.store)
    asked = wanted.questions(place.store)
    if database is None:
        for table in [*tables, *asked]:
            snapshot.cover(_failed(table, place.scope, opened.reason))
        watch.end(place.label, _failed_place(place, opened.reason))
        return
    with closing(database):
        for table in tables:
            where = wanted.where.get(table.name, ())
            _read_table(database, table, place, snapshot, watch, where)
        for table in asked:
            snapshot.cover(questions.ask(database, table, place.scope, snapshot))
    watch.end(place.label)


def _read_table(
    database: Database,
    table: Table,
    place: Place,
    snapshot: Snapshot,
    watch: Watch,
    where: Sequence[Condition],
) -> None:
    """Stream one table and record how far that came."""
    schema = database.schema()
    met = schema.tables.get(table.short_name)
    if met is None:
        snapshot.cover(_absent(table, place.scope, database.name))
        return
    columns = [c for c in table.copied_columns if c.name in met.columns]
    lacking = [
        c.name for c in table.copied_columns if c not in columns and not (c.since or c.until)
    ]
    rows, reason = 0, ""
    spoiled: dict[str, int] = {}
    try:
        names = [c.name for c in columns]
        for batch in database.read(table.short_name, schema_of(table, names), where):
            added = snapshot.add(table, place.scope, [batch])
            rows += added.rows
            for name, count in added.spoiled.items():
                spoiled[name] = spoiled.get(name, 0) + count
            watch.step(place.label, batch.num_rows)
    except Unreadable as error:
        reason = str(error)
    reasons = [reason] if reason else []
    if lacking:
        reasons.append(f"it has no column {', '.join(lacking)}")
    if spoiled:
        reasons.append(_spoiled(spoiled))
    outcome = _outcome(rows, failed=bool(reason), flawed=bool(lacking or spoiled))
    snapshot.cover(
        Reading(
            source=table.name,
            scope=place.scope,
            outcome=outcome,
            reason="; ".join(reasons),
            rows=rows,
        )
    )


def _outcome(rows: int, *, failed: bool, flawed: bool) -> Outcome:
    """Say how far a reading came."""
    if failed and not rows:
        return Outcome.FAILED
    return Outcome.PARTIAL if failed or flawed else Outcome.COMPLETE


def _spoiled(spoiled: Mapping[str, int]) -> str:
    """Say which values could not be understood."""
    parts = [f"{count} of {name}" for name, count in sorted(spoiled.items())]
    return f"values that are not what the column holds: {', '.join(parts)}"


def _absent(table: Table, scope: str, name: str) -> Reading:
    """Record a table that is not in its database: of another release, or missing."""
    if _may_lack(table):
        return Reading(
            source=table.name, scope=scope, outcome=Outcome.NONE, reason="of no use here"
        )
    return _failed(table, scope, f"there is no table {table.short_name} in {name}")


def _failed(table: Table, scope: str, reason: str) -> Reading:
    """Record that a table could not be read at all."""
    return Reading(source=table.name, scope=scope, outcome=Outcome.FAILED, reason=reason)


def _failed_place(place: Place, reason: str) -> Reading:
    """Describe a whole database that could not be read, for the watch."""
    return Reading(source=place.store, scope=place.scope, outcome=Outcome.FAILED, reason=reason)
