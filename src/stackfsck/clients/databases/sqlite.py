"""SQLite: one file, opened read-only. The embedded cloud and small test clouds are kept in it."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import pyarrow as pa

from stackfsck.clients.databases.base import (
    UUID_TYPE,
    ColumnMet,
    Condition,
    Reference,
    ReferenceMet,
    SchemaMet,
    Strays,
    TableMet,
)
from stackfsck.clients.databases.spans import spans_of
from stackfsck.clients.databases.statements import (
    BATCH_ROWS,
    SQLITE,
    Statement,
    select,
    stray_rows,
    stray_values,
)
from stackfsck.clients.dsn import Dsn
from stackfsck.model.errors import Unreadable
from stackfsck.store.arrow import with_spoiled


class SqliteDatabase:
    """A SQLite file in one read-only transaction. Implements `Database`."""

    def __init__(self, dsn: Dsn, *, timeout: float) -> None:
        """Open the file, which must exist; `timeout` is the wait for a lock in seconds."""
        self._dsn = dsn
        path = Path(dsn.database)
        if not path.is_file():
            raise Unreadable(f"there is no database file {path}")
        with _explained(self.name):
            self._connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=ro",
                uri=True,
                timeout=timeout,
                isolation_level=None,
                check_same_thread=False,
            )
            self._connection.text_factory = _text
            # The file may come from anywhere: nothing in its schema may call functions.
            self._connection.execute("pragma trusted_schema = off")
            self._connection.execute("begin")
            # "begin" alone is lazy: only a first read fixes the moment.
            self._connection.execute("select count(*) from sqlite_master").fetchone()

    @property
    def name(self) -> str:
        """Return the path of the file."""
        return str(self._dsn)

    @cached_property
    def _schema(self) -> SchemaMet:
        with _explained(self.name):
            names = self._connection.execute(
                "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'"
            ).fetchall()
            tables = {name: self._table(name) for (name,) in names}
            references = tuple(one for name in tables for one in self._references(name))
        return SchemaMet(
            product="sqlite", version=sqlite3.sqlite_version, tables=tables, references=references
        )

    def schema(self) -> SchemaMet:
        """Return what the file declares."""
        return self._schema

    def _table(self, name: str) -> TableMet:
        rows = self._connection.execute("select * from pragma_table_info(?)", (name,)).fetchall()
        columns = {
            column: ColumnMet(
                name=column, sql_type=kind.lower(), nullable=not notnull, position=place + 1
            )
            for place, column, kind, notnull, _, _ in rows
        }
        keys = sorted((row[5], row[1]) for row in rows if row[5])
        return TableMet(name=name, columns=columns, primary_key=tuple(key for _, key in keys))

    def _references(self, name: str) -> Iterator[ReferenceMet]:
        rows = self._connection.execute(
            'select id, "table", "from", "to", on_delete from pragma_foreign_key_list(?) '
            "order by id, seq",
            (name,),
        ).fetchall()
        for number in dict.fromkeys(row[0] for row in rows):
            parts = [row for row in rows if row[0] == number]
            yield ReferenceMet(
                name=f"{name}_{number}",
                table=name,
                columns=tuple(part[2] for part in parts),
                parent=parts[0][1],
                parent_columns=tuple(part[3] or "id" for part in parts),
                on_delete=parts[0][4],
            )

    def lacks(self, table: str, columns: Sequence[str] = ()) -> str:
        """Say what is not there; a file hides nothing."""
        return self._schema.lacks(table, columns)

    def read(
        self, table: str, columns: pa.Schema, where: Sequence[Condition] = ()
    ) -> Iterator[pa.RecordBatch]:
        """Stream columns of a table; see `Database.read`."""
        statement = select(SQLITE, self._schema, table, columns.names, where)
        with _explained(self.name):
            cursor = self._connection.execute(statement.sql, statement.values)
            try:
                while rows := cursor.fetchmany(BATCH_ROWS):
                    yield _batch(list(zip(*rows, strict=True)), columns)
            finally:
                cursor.close()

    def strays(self, reference: Reference, *, examples: int = 100) -> Strays:
        """Follow a reference inside the file; see `Database.strays`."""
        values = self._all(stray_values(SQLITE, self._schema, reference))[0][0]
        rows = self._all(stray_rows(SQLITE, self._schema, reference)) if values else []
        return Strays(
            reference=reference,
            rows=sum(int(str(count)) for _, count in rows),
            values=int(str(values)),
            examples=tuple((str(value), int(str(count))) for value, count in rows[:examples]),
        )

    def _all(self, statement: Statement) -> list[tuple[object, ...]]:
        with _explained(self.name):
            return self._connection.execute(statement.sql, statement.values).fetchall()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


@contextmanager
def _explained(name: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise Unreadable(f"{name} cannot be read: {error}") from error


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _batch(values: Sequence[Sequence[object]], columns: pa.Schema) -> pa.RecordBatch:
    arrays = [_column(one, field.type) for one, field in zip(values, columns, strict=True)]
    spoiled = {
        field.name: array.null_count - one.count(None)
        for one, array, field in zip(values, arrays, columns, strict=True)
        if field.type == UUID_TYPE
    }
    return with_spoiled(pa.record_batch(arrays, schema=columns), spoiled)


def _column(values: Sequence[object], wanted: pa.DataType) -> pa.Array:
    """Make one column of what SQLite gave, which types no column strictly."""
    if pa.types.is_integer(wanted) and all(type(one) in {int, type(None)} for one in values):
        return pa.array(values, wanted)
    if pa.types.is_binary(wanted):
        return pa.array([_as_bytes(one) for one in values], wanted)
    texts = pa.array([None if one is None else _as_text(one) for one in values], pa.string())
    if pa.types.is_string(wanted):
        return texts
    return spans_of(texts).to_arrow(UUID_TYPE if wanted == UUID_TYPE else wanted)


def _as_text(value: object) -> str:
    return _text(value) if isinstance(value, bytes) else str(value)


def _as_bytes(value: object) -> bytes | None:
    if value is None or isinstance(value, bytes):
        return value
    return str(value).encode()
