"""The few statements that stackfsck ever sends, built from names met in the schema.

Names are quoted and must exist in the schema; values are never part of the text.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from stackfsck.clients.databases.base import Condition, Op, Reference, SchemaMet, TableMet, Value
from stackfsck.model.errors import Unreadable

BATCH_ROWS = 65_536
"""About how many rows one Arrow batch holds: few enough for memory, enough for DuckDB."""


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How one product quotes names and marks a bound value."""

    quote: str
    mark: str

    def name(self, name: str) -> str:
        """Quote one identifier, so that it can mean nothing but itself."""
        if not name or "\0" in name:
            raise Unreadable("a name of a table or column is empty or holds a zero byte")
        # A driver that marks values with % must not see one in a name.
        if self.mark == "%s":
            name = name.replace("%", "%%")
        return self.quote + name.replace(self.quote, self.quote * 2) + self.quote


MYSQL = Dialect(quote="`", mark="%s")
POSTGRESQL = Dialect(quote='"', mark="%s")
SQLITE = Dialect(quote='"', mark="?")


@dataclass(frozen=True, kw_only=True)
class Statement:
    """SQL text with its bound values in order."""

    sql: str
    values: tuple[Value, ...] = ()


def select(
    dialect: Dialect,
    schema: SchemaMet,
    table: str,
    columns: Sequence[str],
    where: Sequence[Condition],
) -> Statement:
    """Return "select columns from table where ..."; raises Unreadable for what was not met."""
    met = _met(schema, table, [*columns, *(one.column for one in where)])
    condition, values = _where(dialect, met, where)
    names = ", ".join(dialect.name(column) for column in columns)
    sql = f"select {names} from {dialect.name(table)}{condition}"
    return Statement(sql=sql, values=values)


def stray_values(dialect: Dialect, schema: SchemaMet, reference: Reference) -> Statement:
    """Return the statement that counts the different values that lead nowhere.

    The values are made distinct first: with an index on the column the server skips from value to
    value instead of joining each of the many child rows of a VM.
    """
    child, values = _child(dialect, schema, reference, "distinct ")
    parent, more = _parent(dialect, schema, reference)
    sql = f"select count(*) from ({child}) as c {parent}"
    return Statement(sql=sql, values=values + more)


def stray_rows(dialect: Dialect, schema: SchemaMet, reference: Reference) -> Statement:
    """Return the statement that lists (value, rows) of what leads nowhere, smallest value first."""
    child, values = _child(dialect, schema, reference, "")
    parent, more = _parent(dialect, schema, reference)
    sql = f"select c.v, count(*) from ({child}) as c {parent} group by c.v order by c.v"
    return Statement(sql=sql, values=values + more)


def _child(
    dialect: Dialect, schema: SchemaMet, reference: Reference, distinct: str
) -> tuple[str, tuple[Value, ...]]:
    where = (*reference.child_where, Condition(column=reference.column, op=Op.NOT_NULL))
    met = _met(schema, reference.child, [one.column for one in where])
    condition, values = _where(dialect, met, where)
    column, table = dialect.name(reference.column), dialect.name(reference.child)
    return f"select {distinct}{column} as v from {table}{condition}", values


def _parent(
    dialect: Dialect, schema: SchemaMet, reference: Reference
) -> tuple[str, tuple[Value, ...]]:
    where = reference.parent_where
    met = _met(schema, reference.parent, [reference.key, *(one.column for one in where)])
    condition, values = _where(dialect, met, where)
    key, table = dialect.name(reference.key), dialect.name(reference.parent)
    # With no condition the table itself is joined: old MySQL copies every subquery.
    parent = f"(select {key} from {table}{condition})" if condition else table
    return f"left join {parent} as p on p.{key} = c.v where p.{key} is null", values


def _met(schema: SchemaMet, table: str, columns: Iterable[str]) -> TableMet:
    if lack := schema.lacks(table, list(dict.fromkeys(columns))):
        raise Unreadable(lack)
    return schema.tables[table]


def _where(
    dialect: Dialect, table: TableMet, where: Sequence[Condition]
) -> tuple[str, tuple[Value, ...]]:
    parts: list[str] = []
    values: list[Value] = []
    for one in where:
        text, bound = _condition(dialect, table, one)
        parts.append(text)
        values.extend(bound)
    return (" where " + " and ".join(parts) if parts else ""), tuple(values)


def _condition(dialect: Dialect, table: TableMet, one: Condition) -> tuple[str, list[Value]]:
    name = dialect.name(one.column)
    if one.op in {Op.NULL, Op.NOT_NULL}:
        return f"{name} {one.op.value}", []
    values = [_fitting(table.columns[one.column].sql_type, value) for value in one.values]
    if one.op is Op.IN:
        marks = ", ".join([dialect.mark] * len(values))
        return (f"{name} in ({marks})" if values else "1 = 0"), values
    if len(values) != 1:
        raise Unreadable(f"the condition on {table.name}.{one.column} needs exactly one value")
    return f"{name} {one.op.value} {dialect.mark}", values


def _fitting(sql_type: str, value: Value) -> Value:
    """A flag is an integer in one product and a boolean in another: follow the column."""
    if sql_type.startswith("bool") and isinstance(value, int):
        return bool(value)
    return int(value) if isinstance(value, bool) else value
