"""PostgreSQL: psycopg for everything, rows by COPY into Arrow's own CSV reader."""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import Any

import psycopg
import pyarrow as pa
from pyarrow import csv

from stackfsck.clients.databases.base import (
    ColumnMet,
    Condition,
    Reference,
    ReferenceMet,
    SchemaMet,
    Strays,
    TableMet,
)
from stackfsck.clients.databases.spans import batch_of, spans_of
from stackfsck.clients.databases.statements import (
    BATCH_ROWS,
    POSTGRESQL,
    Statement,
    select,
    stray_rows,
    stray_values,
)
from stackfsck.clients.dsn import Dsn
from stackfsck.model.errors import Unreadable

Piece = bytes | bytearray | memoryview

_CONNECT_SECONDS = 10
_STATEMENT_SECONDS = 3600
_CHUNK_BYTES = 8 << 20
# libpq's own names; other parameters in a URL are for the driver of the service.
_PASSED_ON = (
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "sslpassword",
    "sslcrl",
    "sslnegotiation",
    "target_session_attrs",
    "channel_binding",
    "gssencmode",
    "krbsrvname",
)

_COLUMNS = """
    select c.relname, a.attname, format_type(a.atttypid, a.atttypmod), not a.attnotnull, a.attnum
    from pg_catalog.pg_class as c
    join pg_catalog.pg_attribute as a on a.attrelid = c.oid
    where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p')
      and a.attnum > 0 and not a.attisdropped
    order by c.relname, a.attnum
"""
_CONSTRAINTS = """
    select k.conname, k.contype, c.relname, p.relname, k.confdeltype,
           array(select a.attname::text
                 from unnest(k.conkey) with ordinality as u(number, place)
                 join pg_catalog.pg_attribute as a
                   on a.attrelid = k.conrelid and a.attnum = u.number
                 order by u.place),
           array(select a.attname::text
                 from unnest(k.confkey) with ordinality as u(number, place)
                 join pg_catalog.pg_attribute as a
                   on a.attrelid = k.confrelid and a.attnum = u.number
                 order by u.place)
    from pg_catalog.pg_constraint as k
    join pg_catalog.pg_class as c on c.oid = k.conrelid
    left join pg_catalog.pg_class as p on p.oid = k.confrelid
    where c.relnamespace = current_schema()::regnamespace and k.contype in ('p', 'f')
    order by c.relname, k.conname
"""
_ON_DELETE = {
    "a": "NO ACTION",
    "r": "RESTRICT",
    "c": "CASCADE",
    "n": "SET NULL",
    "d": "SET DEFAULT",
}


class PostgresqlDatabase:
    """One repeatable, read-only transaction of PostgreSQL. Implements `Database`."""

    def __init__(self, dsn: Dsn, *, timeout: float) -> None:
        """Connect and begin the transaction.

        `timeout` is the longest silence in seconds of a dead network; a statement may run an hour.
        Raises Unreadable.
        """
        self._dsn = dsn
        with self._explained():
            self._connection = psycopg.connect(**parameters(dsn, timeout))
            self._connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            self._connection.read_only = True
            # The snapshot is taken by the first statement, not by "begin".
            self._connection.execute("set local time zone 'UTC'")
            self._connection.execute("select 1")

    @property
    def name(self) -> str:
        """Return database, host, port and user."""
        return str(self._dsn)

    @cached_property
    def _schema(self) -> SchemaMet:
        with self._attempt():
            columns: dict[str, dict[str, ColumnMet]] = defaultdict(dict)
            for table, name, kind, nullable, place in self._connection.execute(_COLUMNS):
                columns[table][name] = ColumnMet(
                    name=name, sql_type=kind, nullable=nullable, position=place
                )
            constraints = self._connection.execute(_CONSTRAINTS).fetchall()
        keys = {row[2]: tuple(row[5]) for row in constraints if row[1] == "p"}
        return SchemaMet(
            product="postgresql",
            version=str(self._connection.info.server_version),
            tables={
                name: TableMet(name=name, columns=met, primary_key=keys.get(name, ()))
                for name, met in columns.items()
            },
            references=tuple(_reference(row) for row in constraints if row[1] == "f"),
        )

    def schema(self) -> SchemaMet:
        """Return all tables of the current schema, readable or not."""
        return self._schema

    def lacks(self, table: str, columns: Sequence[str] = ()) -> str:
        """Say what is not there: PostgreSQL's catalogue hides nothing from any account."""
        return self._schema.lacks(table, columns)

    def read(
        self, table: str, columns: pa.Schema, where: Sequence[Condition] = ()
    ) -> Iterator[pa.RecordBatch]:
        """Stream columns of a table; see `Database.read`."""
        statement = select(POSTGRESQL, self._schema, table, columns.names, where)
        # COPY takes no bound values: psycopg quotes them as literals for this very connection.
        text = psycopg.ClientCursor(self._connection).mogrify(statement.sql, statement.values)
        copy = f"copy ({text}) to stdout (format csv)".encode()
        with self._attempt(), self._connection.cursor() as cursor, cursor.copy(copy) as rows:
            try:
                yield from _batches(rows, columns)
            except GeneratorExit:
                deque(rows, maxlen=0)  # the connection is of use only when nothing is left in it
                raise

    def strays(self, reference: Reference, *, examples: int = 100) -> Strays:
        """Follow a reference inside the database; see `Database.strays`."""
        with self._attempt():
            values = self._all(stray_values(POSTGRESQL, self._schema, reference))[0][0]
            found = self._all(stray_rows(POSTGRESQL, self._schema, reference)) if values else []
        return Strays(
            reference=reference,
            rows=sum(rows for _, rows in found),
            values=values,
            examples=tuple((str(value), rows) for value, rows in found[:examples]),
        )

    def _all(self, statement: Statement) -> list[tuple[Any, ...]]:
        return self._connection.execute(statement.sql.encode(), statement.values).fetchall()

    def close(self) -> None:
        """Close the connection; the server rolls back what was only read."""
        with suppress(psycopg.Error):
            self._connection.close()

    @contextmanager
    def _attempt(self) -> Iterator[None]:
        """Let a refused statement fail alone: without a savepoint it would end the transaction."""
        with self._explained(), self._connection.transaction():
            yield

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            raise Unreadable(f"{self.name}: {reason}", next_step=_advice(error)) from error
        except Unreadable as error:
            raise Unreadable(f"{self.name}: {error}", next_step=error.next_step) from error


def parameters(dsn: Dsn, timeout: float) -> dict[str, Any]:
    """Return what libpq is told for a connection; what it does not know stays out."""
    passed = {name: dsn.options[name] for name in _PASSED_ON if name in dsn.options}
    return {
        "host": dsn.socket or dsn.host,
        "port": dsn.port,
        "dbname": dsn.database or None,
        "user": dsn.user or None,
        "password": dsn.password or None,
        "connect_timeout": max(2, int(min(_CONNECT_SECONDS, timeout))),
        "tcp_user_timeout": int(timeout * 1000),
        "keepalives_idle": 30,
        "application_name": "stackfsck",
        "client_encoding": "utf8",
        # No environment variable or service file may turn the reader into a writer.
        "options": f"-c statement_timeout={_STATEMENT_SECONDS}s "
        "-c default_transaction_read_only=on",
        **passed,
    }


def _reference(row: tuple[Any, ...]) -> ReferenceMet:
    name, _, table, parent, on_delete, columns, parent_columns = row
    return ReferenceMet(
        name=name,
        table=table,
        columns=tuple(columns),
        parent=parent,
        parent_columns=tuple(parent_columns),
        on_delete=_ON_DELETE.get(on_delete, "NO ACTION"),
    )


def _batches(rows: Iterable[Piece], columns: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Decode CSV that comes a row at a time, about 64k rows or 8 MiB at once."""
    pending: list[Piece] = []
    size = 0
    for row in rows:
        pending.append(row)
        size += memoryview(row).nbytes
        if len(pending) >= BATCH_ROWS or size >= _CHUNK_BYTES:
            yield _batch(b"".join(pending), columns)
            pending, size = [], 0
    if pending:
        yield _batch(b"".join(pending), columns)


def _batch(text: bytes, columns: pa.Schema) -> pa.RecordBatch:
    table = csv.read_csv(
        pa.py_buffer(text),
        # One block: a row must never straddle two.
        csv.ReadOptions(column_names=columns.names, block_size=len(text) + 1, use_threads=False),
        csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        # PostgreSQL writes null as nothing and an empty text as two quotes.
        csv.ConvertOptions(
            column_types=dict.fromkeys(columns.names, pa.binary()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    return batch_of([spans_of(values.combine_chunks()) for values in table.columns], columns)


def _advice(error: psycopg.Error) -> str:
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        return "grant SELECT on all tables of the database to this account"
    if isinstance(error, psycopg.OperationalError):
        return "look at address, user, password and database in the connection URL"
    return ""
