"""Play a plan step by step: no record may go while another still refers to it.

Only tables that travelled are there to be played on; the rest of a step's effects is left to the
database's own foreign keys. At the end the caller judges the copy again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stackfsck.catalogue import TABLES, references_to
from stackfsck.catalogue.table import Column, Scope, SoftDelete, Table
from stackfsck.model.change import Change, Moment, Own, Those, Verb
from stackfsck.store.ddl import quoted

if TYPE_CHECKING:
    import duckdb

    from stackfsck.model.plan import Plan
    from stackfsck.model.step import Step
    from stackfsck.store.snapshot import Snapshot

Row = dict[str, Any]

LOOSE = frozenset({"nova.instances.host", "nova.compute_nodes.id", "nova.services.host"})
"""References that are meant to outlive what they name: history, not ownership."""

OUTLIVING = frozenset(
    {
        # Nova's index is how a VM is found again: it goes after the rows that it points to.
        "nova_api.instance_mappings.instance_uuid",
        "nova_api.request_specs.instance_uuid",
        "nova_api.instance_group_member.instance_uuid",
        # What something was made from.
        "cinder.volumes.source_volid",
        "cinder.volumes.snapshot_id",
        "cinder.backups.volume_id",
        "nova.block_device_mapping.snapshot_id",
        "nova.block_device_mapping.image_id",
        # A user's snapshot names its VM for ever.
        "glance.image_properties.value",
    }
)
"""Columns that may go on naming what is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dangling:
    """A record that a step would leave behind, referring to nothing."""

    step: str
    gone: str
    referrer: str

    def __str__(self) -> str:
        """`allocation:… takes placement.consumers 7 away, which … still names`."""
        return f"{self.step} takes {self.gone} away, which {self.referrer} still names"


def play(plan: Plan, snapshot: Snapshot) -> Iterator[Dangling]:
    """Play a plan on a snapshot that may be changed, and yield what it would leave dangling.

    The snapshot is one made by `Snapshot.copy`; it holds the state after the plan when this ends.
    """
    for wave in plan.waves():
        for step in wave:
            yield from _play_step(step, snapshot.connection)


def _play_step(step: Step, connection: duckdb.DuckDBPyConnection) -> Iterator[Dangling]:
    """Play one step; its effects are one transaction, so only its end counts."""
    gone: list[tuple[Table, Row]] = []
    for change in step.effects:
        table = TABLES.get(change.table)
        if table is not None and table.copied:
            gone += [(table, row) for row in _play_change(change, table, connection)]
    for table, row in gone:
        yield from _left_behind(step, table, row, connection)


def _play_change(change: Change, table: Table, connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """Play one change; return the rows that are gone, or marked as deleted, by it."""
    if change.verb is Verb.INSERT:
        _insert(change, table, connection)
        return []
    condition, values = _condition(change, table)
    if condition is None:
        return []
    gone = _rows(connection, f"select * from {quoted(table)} where {condition}", values)
    if change.verb is Verb.DELETE:
        connection.execute(f"delete from {quoted(table)} where {condition}", values).fetchall()
        return gone
    settings, new = _settings(change, table)
    if settings:
        sql = f"update {quoted(table)} set {settings} where {condition}"
        connection.execute(sql, [*new, *values]).fetchall()
    return gone if "deleted" in change.values else []


def _condition(change: Change, table: Table) -> tuple[str | None, list[Any]]:
    """Write the condition of a change; None when it names what did not travel."""
    held = {column.name for column in table.copied_columns}
    parts: list[str] = []
    values: list[Any] = []
    if table.scope is not Scope.GLOBAL:
        parts.append(f'"{table.scope.value}" = ?')
        values.append(change.scope)
    for name, value in change.where.items():
        if isinstance(value, Those) or name not in held:
            return None, []
        parts.append(f'"{name}" is not distinct from ?')
        values.append(value)
    return " and ".join(parts) or "true", values


def _settings(change: Change, table: Table) -> tuple[str, list[Any]]:
    """Write what an update sets, as far as it travelled."""
    held = {column.name for column in table.copied_columns}
    parts: list[str] = []
    values: list[Any] = []
    for name, value in change.values.items():
        if name not in held:
            continue
        if isinstance(value, Own):
            parts.append(
                f'"{name}" = "{value.column}"' + (f" + {value.plus:d}" if value.plus else "")
            )
        elif isinstance(value, Moment):
            parts.append(f'"{name}" = (select now from run.clock)')
        else:
            parts.append(f'"{name}" = ?')
            values.append(value)
    return ", ".join(parts), values


def _insert(change: Change, table: Table, connection: duckdb.DuckDBPyConnection) -> None:
    """Play an insert."""
    held = {column.name for column in table.copied_columns}
    row = {n: v for n, v in change.values.items() if n in held and not isinstance(v, Moment | Own)}
    if table.scope is not Scope.GLOBAL:
        row[table.scope.value] = change.scope
    names = ", ".join(f'"{name}"' for name in row)
    marks = ", ".join("?" for _ in row)
    sql = f"insert into {quoted(table)} ({names}) values ({marks})"
    connection.execute(sql, list(row.values())).fetchall()


def _left_behind(
    step: Step, table: Table, row: Row, connection: duckdb.DuckDBPyConnection
) -> Iterator[Dangling]:
    """Yield the live records that still name a row that is gone."""
    for column in table.copied_columns:
        target = f"{table.name}.{column.name}"
        value = row.get(column.name)
        if value is None or target in LOOSE or _still_there(table, column, row, connection):
            continue
        for other, naming in references_to(target):
            if f"{other.name}.{naming.name}" in OUTLIVING:
                continue
            if naming not in other.copied_columns or not other.copied:
                continue
            for referrer in _live_naming(other, naming, row, value, connection):
                yield Dangling(
                    step=step.id,
                    gone=f"{table.name} {value}",
                    referrer=f"{other.name} {_key(other, referrer)}",
                )


def _still_there(
    table: Table, column: Column, row: Row, connection: duckdb.DuckDBPyConnection
) -> bool:
    """Whether another live row holds the same value, so that nothing dangles."""
    live = _liveness(table)
    sql = f'select 1 from {quoted(table)} where "{column.name}" = ? and {live} limit 1'
    return bool(connection.execute(sql, [row[column.name]]).fetchall())


def _live_naming(
    other: Table, naming: Column, row: Row, value: object, connection: duckdb.DuckDBPyConnection
) -> list[Row]:
    """Return the live rows of another table that name a value, of the same cell or host."""
    condition, values = f'"{naming.name}"::varchar = ?::varchar and {_liveness(other)}', [value]
    scope = other.scope.value
    if scope and scope in row:
        condition += f' and "{scope}" = ?'
        values.append(row[scope])
    return _rows(connection, f"select * from {quoted(other)} where {condition} limit 3", values)


def _liveness(table: Table) -> str:
    """Return the condition under which a row counts as there."""
    conditions: Mapping[SoftDelete, str] = {
        SoftDelete.ID: "coalesce(deleted, 0) = 0",
        SoftDelete.FLAG: "not coalesce(deleted, false)",
    }
    return conditions.get(table.soft_delete, "true")


def _key(table: Table, row: Row) -> str:
    """Return a row's key as a message shows it."""
    return "/".join(str(row.get(name)) for name in table.key)


def _rows(connection: duckdb.DuckDBPyConnection, sql: str, values: Iterable[Any]) -> list[Row]:
    """Ask, and answer with rows."""
    answer = connection.execute(sql, list(values))
    names = [column[0] for column in answer.description or ()]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
