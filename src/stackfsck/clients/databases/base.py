"""What every database looks like to the rest of stackfsck, whatever stands behind it.

A `Database` is one open connection inside one read-only transaction that sees the database as it
was at one moment. It can say which schema it met, stream columns of a table, and find references
that lead nowhere without copying the tables. It can change nothing.

This file holds shapes only. `stackfsck.clients.databases.connect` opens one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

import pyarrow as pa

Value = str | int | float | bool
"""What a condition may compare with; it is always bound, never written into the statement."""

UUID_TYPE: pa.DataType = pa.uuid()
"""Arrow's own UUID type: DuckDB takes it over as UUID without a cast.

A value that is no UUID (neither 36 characters with dashes nor 32 hexadecimal digits) becomes null
and is counted on its batch (`stackfsck.store.arrow.spoiled_of`).
"""


class Op(StrEnum):
    """How a condition compares a column with its values."""

    EQUAL = "="
    UNEQUAL = "<>"
    BELOW = "<"
    ABOVE = ">"
    LIKE = "like"
    IN = "in"
    NULL = "is null"
    NOT_NULL = "is not null"


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One condition on one column; several of them are joined by "and"."""

    column: str
    op: Op = Op.EQUAL
    values: tuple[Value, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ColumnMet:
    """A column as the database declares it; `sql_type` is in the database's own words."""

    name: str
    sql_type: str
    nullable: bool
    position: int


@dataclass(frozen=True, kw_only=True)
class ReferenceMet:
    """A foreign key that the database enforces: `columns` of `table` point at `parent_columns`."""

    name: str
    table: str
    columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...]
    on_delete: str = "RESTRICT"


@dataclass(frozen=True, kw_only=True)
class TableMet:
    """A table as it was met, with its columns in order and its primary key."""

    name: str
    columns: Mapping[str, ColumnMet]
    primary_key: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SchemaMet:
    """All tables and enforced references of one database; `version` is the server's own answer."""

    product: str
    version: str
    tables: Mapping[str, TableMet]
    references: tuple[ReferenceMet, ...] = ()

    def lacks(self, table: str, columns: Sequence[str] = ()) -> str:
        """Say in words what of `table` and `columns` is not there; empty when all of it is."""
        met = self.tables.get(table)
        if met is None:
            return f"there is no table {table}"
        missing = [column for column in columns if column not in met.columns]
        return f"{table} has no column {', '.join(missing)}" if missing else ""


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A reference to follow inside one database: `child.column` should be a value of `parent.key`.

    `child_where` and `parent_where` narrow both sides ("live rows only"). A null refers to nothing
    and is never a stray.
    """

    child: str
    column: str
    parent: str
    key: str
    child_where: tuple[Condition, ...] = ()
    parent_where: tuple[Condition, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Strays:
    """The rows of a child table whose parent does not exist.

    `rows` and `values` are full counts (rows, and different values of the referring column);
    `examples` holds at most as many (value, rows) pairs as were asked for, smallest value first.
    """

    reference: Reference
    rows: int
    values: int
    examples: tuple[tuple[str, int], ...] = field(default=())


class Database(Protocol):
    """One connection in one consistent, read-only transaction. Not safe to share between threads.

    Every method raises `Unreadable` with a reason for people when the answer cannot be had whole:
    no rights, statement time limit, connection lost in the midst. Batches already handed out by
    then are valid rows, but not all of them: the reading is partial.
    """

    @property
    def name(self) -> str:
        """Return which database this is, without secrets: `nova_cell0 on db1:3306 as fsck`."""
        ...

    def schema(self) -> SchemaMet:
        """Return the tables, columns and foreign keys met; asked once, then remembered."""
        ...

    def lacks(self, table: str, columns: Sequence[str] = ()) -> str:
        """Say what of `table` and `columns` does not exist; empty when all of it is there.

        Raises `Unreadable` when it may well exist and the account may not see it: a database that
        hides what it does not grant must not pass for one that has no such table.
        """
        ...

    def read(
        self,
        table: str,
        columns: pa.Schema,
        where: Sequence[Condition] = (),
    ) -> Iterator[pa.RecordBatch]:
        """Stream `columns` of `table` in bounded memory, about 64k rows a batch.

        The batches have exactly the schema `columns`. Types understood: string, int64, float64,
        bool, timestamp("us") without zone (UTC), binary and `UUID_TYPE`. A date of zeros (MySQL)
        is null. Table and columns must be in the schema met; a read must be finished or closed
        before the next one begins.
        """
        ...

    def strays(self, reference: Reference, *, examples: int = 100) -> Strays:
        """Follow `reference` inside the database and return only what leads nowhere."""
        ...

    def close(self) -> None:
        """End the transaction and the connection; may be called twice, also in the midst."""
        ...
