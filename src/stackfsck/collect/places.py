"""The databases of a cloud: opened one right after the other, each known for what it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stackfsck.catalogue import TABLES
from stackfsck.catalogue.derived import TABLES as DERIVED
from stackfsck.model.coverage import Outcome, Reading
from stackfsck.model.errors import Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from stackfsck.catalogue.table import Table
    from stackfsck.clients.databases import Database, SchemaMet
    from stackfsck.model.watch import Watch

READING_ORDER = (
    "placement",
    "neutron",
    "cinder",
    "glance",
    "keystone",
    "nova",
    "nova_api",
)
"""Referrers first: what is read before the record that it refers to cannot look stale because
that record was made in between. Cells and their mappings need each other; the second look covers
that."""


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
class Opened:
    """A place with its open database, or the reason why there is none."""

    place: Place
    database: Database | None
    reason: str = ""
    next_step: str = ""


def open_all(places: Iterable[Place], watch: Watch) -> list[Opened]:
    """Open these databases in reading order, each in its own consistent transaction.

    Nothing is read before all are open: so every database is seen as it was at nearly the same
    moment.
    """
    ordered = sorted(places, key=lambda p: (READING_ORDER.index(p.store), p.scope))
    return [_open(place, watch) for place in ordered]


def close_all(opened: Iterable[Opened]) -> None:
    """Close what is open; may be called twice."""
    for one in opened:
        if one.database is not None:
            one.database.close()


def may_lack(table: Table) -> bool:
    """Whether a whole cloud may be without this table: it depends on the release or a service."""
    return bool(table.optional or table.since or table.until)


def failed(table: Table, scope: str, reason: str) -> Reading:
    """Record that a table could not be read at all."""
    return Reading(source=table.name, scope=scope, outcome=Outcome.FAILED, reason=reason)


def _open(place: Place, watch: Watch) -> Opened:
    """Open a place, or keep the reason why not."""
    watch.begin(place.label)
    try:
        database = place.open()
    except Unreadable as error:
        return Opened(place=place, database=None, reason=str(error), next_step=error.next_step)
    try:
        reason = _not_of(place.store, database.schema(), database.name)
    except Unreadable as error:
        reason = str(error)
    if not reason:
        return Opened(place=place, database=database)
    database.close()
    return Opened(place=place, database=None, reason=reason)


def _not_of(store: str, schema: SchemaMet, name: str) -> str:
    """Say why a database is not one of this service, or "" when it is."""
    if not schema.tables:
        return f"{name} is empty: it has no tables"
    required = [
        t.short_name
        for t in TABLES.values()
        if t.store == store and t not in DERIVED and not may_lack(t)
    ]
    lacking = [table for table in required if table not in schema.tables]
    if len(lacking) * 2 > len(required):
        few = ", ".join(lacking[:3])
        return f"{name} is not a database of {store.partition('_')[0]}: it has no {few}"
    return ""
