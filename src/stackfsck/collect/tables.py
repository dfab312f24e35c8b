"""One table of one database into the snapshot, and how far that came."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stackfsck.collect.places import Place, failed, may_lack
from stackfsck.model.coverage import Outcome, Reading
from stackfsck.model.errors import Unreadable
from stackfsck.store.arrow import schema_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from stackfsck.catalogue.table import Column, Table
    from stackfsck.clients.databases import Condition, Database, TableMet
    from stackfsck.store.snapshot import Snapshot


def read_table(
    database: Database,
    table: Table,
    place: Place,
    snapshot: Snapshot,
    where: Sequence[Condition] = (),
    progress: Callable[[int], None] | None = None,
) -> Reading:
    """Stream the rows of a table that meet `where`; return how complete that was.

    `progress` is told the number of rows of every batch.
    """
    met = database.schema().tables.get(table.short_name)
    if met is None:
        return _absent(database, table, place.scope)
    columns = [c for c in table.copied_columns if c.name in met.columns]
    reasons = _lacking(table.copied_columns, met) + _hidden(database, table, met)
    cut = ""
    with snapshot.filling(table, place.scope) as filling:
        try:
            schema = schema_of(table, [c.name for c in columns], decoded=True)
            for batch in database.read(table.short_name, schema, where):
                filling.add(batch)
                if progress:
                    progress(batch.num_rows)
        except Unreadable as error:
            cut = str(error)
    rows, spoiled = filling.added.rows, filling.added.spoiled
    reasons += [cut] * bool(cut) + [_names(spoiled)] * bool(spoiled)
    outcome = Outcome.PARTIAL if reasons else Outcome.COMPLETE
    return Reading(
        source=table.name,
        scope=place.scope,
        outcome=Outcome.FAILED if cut and not rows else outcome,
        reason="; ".join(reasons),
        rows=rows,
    )


def _lacking(columns: Iterable[Column], met: TableMet) -> list[str]:
    """Say which columns are not there although every release has them."""
    names = [c.name for c in columns if c.name not in met.columns and not (c.since or c.until)]
    return [f"it has no column {', '.join(names)}"] if names else []


def _names(spoiled: Mapping[str, int]) -> str:
    """Say which values could not be understood."""
    parts = [f"{count} of {name}" for name, count in sorted(spoiled.items())]
    return f"values that are not what the column holds: {', '.join(parts)}"


def _hidden(database: Database, table: Table, met: TableMet) -> list[str]:
    """Say which columns may be there after all: MySQL shows no column that it does not grant."""
    missing = [c.name for c in table.copied_columns if c.name not in met.columns]
    try:
        database.lacks(table.short_name, missing)
    except Unreadable as error:
        return [str(error)]
    return []


def _absent(database: Database, table: Table, scope: str) -> Reading:
    """Record a table that its database does not have: of another release, hidden, or missing."""
    try:
        database.lacks(table.short_name)
    except Unreadable as error:
        return failed(table, scope, str(error))
    if may_lack(table):
        return Reading(source=table.name, scope=scope, outcome=Outcome.NONE)
    return failed(table, scope, f"there is no table {table.short_name} in {database.name}")
