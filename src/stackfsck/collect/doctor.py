"""Try every source the way a check reads it, and say in words what cannot be read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING

from stackfsck.catalogue import TABLES
from stackfsck.catalogue.derived import TABLES as DERIVED
from stackfsck.catalogue.table import Scope
from stackfsck.clients.databases import Condition, Op
from stackfsck.collect.places import Opened, Place, close_all, may_lack, open_all
from stackfsck.model.errors import Unreadable
from stackfsck.model.inquiry import Probe
from stackfsck.store.arrow import schema_of

if TYPE_CHECKING:
    from stackfsck.catalogue.table import Table
    from stackfsck.clients.databases import Database
    from stackfsck.model.coverage import Reading
    from stackfsck.model.watch import Watch

MOST_REASONS = 3
GRANT = "grant select on {name}.* to the account that stackfsck uses"


def try_databases(places: Iterable[Place], watch: Watch) -> Iterator[Probe]:
    """Open every database and touch every table of it that a check may read."""
    opened = open_all(places, watch)
    try:
        for one in opened:
            yield _try_database(one)
            watch.end(one.place.label)
    finally:
        close_all(opened)


def of_hosts(readings: Iterable[Reading]) -> Iterator[Probe]:
    """Say of every host, and of Ceph and the token caches, how reading them went."""
    grouped: dict[str, list[Reading]] = defaultdict(list)
    for reading in readings:
        table = TABLES[reading.source]
        if table.scope is Scope.HOST:
            grouped[f"host {reading.scope}"].append(reading)
        elif table.store in {"ceph", "memcached"}:
            grouped[f"{table.store} {reading.scope}".strip()].append(reading)
    for name in sorted(grouped):
        yield _summed_up(name, grouped[name])


def _try_database(opened: Opened) -> Probe:
    """Say whether every table of a database can be read."""
    place, database = opened.place, opened.database
    if database is None:
        return Probe(name=place.label, ok=False, detail=opened.reason, next_step=opened.next_step)
    with closing(database):
        met = database.schema()
        tables = [t for t in TABLES.values() if t.store == place.store and t not in DERIVED]
        faults = [fault for table in tables if (fault := _try_table(database, table))]
    product = f"{met.product} {met.version}".strip()
    if faults:
        more = f" (and {len(faults) - MOST_REASONS} more)" if len(faults) > MOST_REASONS else ""
        return Probe(
            name=place.label,
            ok=False,
            detail="; ".join(faults[:MOST_REASONS]) + more,
            next_step=GRANT.format(name=database.name.split(" ")[0]),
        )
    there = sum(table.short_name in met.tables for table in tables)
    return Probe(name=place.label, ok=True, detail=f"{database.name}: {product}, {there} tables")


def _try_table(database: Database, table: Table) -> str:
    """Return why a table cannot be read, "" when it can; no row travels."""
    met = database.schema().tables.get(table.short_name)
    if met is None:
        return "" if may_lack(table) else f"there is no table {table.short_name}"
    columns = [c.name for c in table.copied_columns if c.name in met.columns]
    nothing = (
        Condition(column=columns[0], op=Op.NULL),
        Condition(column=columns[0], op=Op.NOT_NULL),
    )
    try:
        for _ in database.read(table.short_name, schema_of(table, columns), nothing):
            pass
    except Unreadable as error:
        return str(error)
    return ""


def _summed_up(name: str, readings: list[Reading]) -> Probe:
    """Sum up the readings of one host."""
    bad = [r for r in readings if not r.proves_absence]
    if not bad:
        rows = sum(r.rows for r in readings)
        return Probe(name=name, ok=True, detail=f"{len(readings)} tables, {rows} rows")
    reasons = list(dict.fromkeys(r.reason for r in bad if r.reason))[:MOST_REASONS]
    which = "" if len(bad) == len(readings) else f"{', '.join(r.source for r in bad[:3])}: "
    return Probe(
        name=name,
        ok=False,
        detail=which + "; ".join(reasons),
        next_step=_advice(name, reasons),
    )


def _advice(name: str, reasons: list[str]) -> str:
    """Say what to do about a host that cannot be read."""
    if any("not in the configuration" in reason or "is not named" in reason for reason in reasons):
        return f"add {name.removeprefix('host ')} to [[hosts]] in stackfsck.toml"
    return ""
