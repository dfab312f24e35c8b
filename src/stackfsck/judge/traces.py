"""Every row of a snapshot that has to do with one VM, found by what the catalogue says of columns.

A row is a *trace* when its table's VM column holds the VM (or one of its migrations, which hold
allocations under their own UUID). A row *belongs* to the VM when it names one of its ports,
volumes, attachments or moves. What these rows name themselves (a host's compute node, a network, an
image) is *context*.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from stackfsck.catalogue import TABLES
from stackfsck.catalogue.references import OWNED, columns_naming
from stackfsck.catalogue.table import Column, Scope, SoftDelete, Table, Type
from stackfsck.model.dossier import Name, Record, Relation
from stackfsck.store.ddl import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stackfsck.store.snapshot import Snapshot

MOST = 200  # rows of one table that a dossier shows; the others are counted

Held = tuple[str, Any]  # a value, and the cell or host of the row that holds it
_ROUNDS = 4  # VM -> volume -> attachment -> specs is the longest way


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the snapshot: its name, why it is here, and the snapshot's own values."""

    name: Name
    relation: Relation
    table: Table
    values: dict[str, Any]

    @property
    def deleted(self) -> bool:
        """Whether the service has marked the row as deleted."""
        if self.table.soft_delete in {SoftDelete.ID, SoftDelete.FLAG}:
            return bool(self.values.get("deleted"))
        return False

    def record(self) -> Record:
        """Return the row in words: the columns that have a value, as text."""
        fields = {c.name: _text(self.values.get(c.name)) for c in self.table.copied_columns}
        return Record(
            name=self.name,
            relation=self.relation,
            fields={name: text for name, text in fields.items() if text},
            deleted=self.deleted,
        )


@dataclass(slots=True)
class Traces:
    """The rows found for one VM, each once, in the order in which they were found."""

    vm: UUID
    rows: dict[Name, Row] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)

    def of(self, table: str, *relations: Relation) -> list[Row]:
        """Return the rows of one table, of these relations (default: all)."""
        wanted = relations or tuple(Relation)
        rows = self.rows.values()
        return [r for r in rows if r.table.name == table and r.relation in wanted]


def traces_of(snapshot: Snapshot, vm: UUID) -> Traces:
    """Return every row that has to do with a VM; empty when there is none."""
    traces = Traces(vm)
    _add_traces(snapshot, traces, {("", vm)}, Relation.TRACE)
    moves = {("", r.values["uuid"]) for r in traces.of("nova.migrations") if r.values["uuid"]}
    _add_traces(snapshot, traces, moves, Relation.BELONGS)
    for _ in range(_ROUNDS):
        if not _add_belongings(snapshot, traces):
            break
    _add_context(snapshot, traces)
    return traces


def _add_traces(snapshot: Snapshot, traces: Traces, holders: set[Held], relation: Relation) -> None:
    """Add the rows whose VM column holds one of these."""
    for table in TABLES.values():
        if table.vm:
            _add(snapshot, traces, table.column(table.vm), table, holders, relation)


def _add_belongings(snapshot: Snapshot, traces: Traces) -> bool:
    """Add what the VM owns and what names that; say whether there was any."""
    before = len(traces.rows)
    for target in OWNED:
        values = _identities(traces, target)
        for table, column in columns_naming(target):
            _add(snapshot, traces, column, table, values, Relation.BELONGS)
    return len(traces.rows) > before


def _add_context(snapshot: Snapshot, traces: Traces) -> None:
    """Add what the rows found so far name, one step far."""
    wanted: dict[str, set[Held]] = {}
    for row in traces.rows.values():
        for column in row.table.copied_columns:
            value = row.values.get(column.name)
            if column.refers_to and column.refers_to not in OWNED and value is not None:
                wanted.setdefault(column.refers_to, set()).add((row.name.scope, value))
    for target, values in wanted.items():
        for table, column in _column_of(target):
            _add(snapshot, traces, column, table, values, Relation.CONTEXT)


def _column_of(target: str) -> Iterator[tuple[Table, Column]]:
    """Yield the column of this full name, if snapshots hold it."""
    name, _, column_name = target.rpartition(".")
    table = TABLES.get(name)
    for column in table.copied_columns if table else ():
        if table and column.name == column_name:
            yield table, column


def _identities(traces: Traces, target: str) -> set[Held]:
    """Return the values of one owned column that the rows found so far hold or name."""
    found: set[Held] = set()
    for row in traces.rows.values():
        for column in row.table.copied_columns:
            full_name = f"{row.table.name}.{column.name}"
            value = row.values.get(column.name)
            names = column.refers_to == target and row.table.name != target.rpartition(".")[0]
            if (full_name == target or names) and value is not None:
                found.add((row.name.scope, value))
    return found


def _add(
    snapshot: Snapshot,
    traces: Traces,
    column: Column,
    table: Table,
    values: Iterable[Held],
    relation: Relation,
) -> None:
    """Add the rows of a table whose column holds one of these values."""
    fitting = {(s, text) for s, v in values if (text := _fitting(column.type, v)) is not None}
    rows = _rows(snapshot, table, column, sorted({text for _, text in fitting}))
    for values_of_row in rows:
        name = _name(table, values_of_row)
        total = values_of_row.pop("total_rows")
        if total > MOST:
            traces.left_out[table.name] = total - MOST
        holder = (name.scope, str(values_of_row[column.name]))
        if needs_scope(table, column) and holder not in fitting:
            continue
        row = Row(name=name, relation=relation, table=table, values=values_of_row)
        traces.rows.setdefault(name, row)


def needs_scope(table: Table, column: Column) -> bool:
    """Whether a value means one row only together with its cell or host.

    Every cell counts for itself, and devices and domains have the same names on every host.
    """
    if table.scope is Scope.CELL:
        return column.type is Type.INTEGER
    return table.scope is Scope.HOST and column.type is not Type.UUID


def _rows(
    snapshot: Snapshot, table: Table, column: Column, wanted: list[str]
) -> list[dict[str, Any]]:
    """Return the rows whose column holds one of the wanted values, and how many there are."""
    if not wanted:
        return []
    return snapshot.query(
        f"select *, count(*) over () as total_rows from {quoted(table)} "
        f'where "{column.name}" in (select unnest(?::{column.type.value}[])) limit {MOST}',
        [wanted],
    )


def _fitting(kind: Type, value: object) -> str | None:
    """Return a value as text that a column of this type can hold, or None."""
    text = str(value)
    try:
        if kind is Type.UUID:
            return str(UUID(text))
        return str(int(text)) if kind is Type.INTEGER else text
    except ValueError:
        return None


def _name(table: Table, values: dict[str, Any]) -> Name:
    scope = "" if table.scope is Scope.GLOBAL else str(values.get(table.scope.value) or "")
    key = "/".join(filter(None, (_text(values.get(column)) for column in table.key)))
    return Name(table=table.name, scope=scope, key=key)


def _text(value: object) -> str:
    """Return a value as a report shows it; nothing for null."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:%Y-%m-%d %H:%M:%S}" if isinstance(value, datetime) else str(value)
