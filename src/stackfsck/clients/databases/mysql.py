"""MySQL and MariaDB: connecting and talking by PyMySQL, rows decoded by the column.

PyMySQL makes a Python object of every value; that took six times as long as the server's own
client. Here it only connects, authenticates, encrypts and sends the statement; the rows are then
taken from its buffered socket and decoded by `mysql_rows`. The few of its inner names that this
needs are all in this file (`_Wire`). See bench/README.md for the figures.
"""

# ruff: noqa: SLF001 - see above: _Wire and close() reach into PyMySQL

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import Any

import pyarrow as pa
import pymysql
from pymysql.constants import COMMAND, CR, ER
from pymysql.cursors import Cursor

from stackfsck.clients.databases.base import (
    Condition,
    Reference,
    SchemaMet,
    Strays,
)
from stackfsck.clients.databases.mysql_rows import RowStream, batches
from stackfsck.clients.databases.mysql_schema import read_schema
from stackfsck.clients.databases.statements import (
    MYSQL,
    Statement,
    select,
    stray_rows,
    stray_values,
)
from stackfsck.clients.dsn import Dsn
from stackfsck.clients.tls import forbidden, mysql_context
from stackfsck.model.errors import Unreadable

_CONNECT_SECONDS = 10.0
_STATEMENT_SECONDS = 3600
_ANSWER_SECONDS = _STATEMENT_SECONDS + 60
_NOT_GRANTED = {ER.TABLEACCESS_DENIED_ERROR, ER.COLUMNACCESS_DENIED_ERROR, ER.DBACCESS_DENIED_ERROR}
_NOT_THERE = {ER.NO_SUCH_TABLE, ER.BAD_FIELD_ERROR}


class MysqlDatabase:
    """One consistent read-only snapshot of MySQL or MariaDB. Implements `Database`."""

    def __init__(self, dsn: Dsn, *, timeout: float) -> None:
        """Connect and begin the transaction.

        `timeout` is the longest silence in seconds that is borne while rows flow; connecting gives
        up after 10 s, a statement after an hour. Raises Unreadable.
        """
        self._dsn = dsn
        with self._explained():
            self._connection = _connect(dsn, timeout)
            self._wire = _Wire(self._connection, timeout)
            self._wire.keep_alive()
            self._version = self._wire.version
            self._begin()

    @property
    def name(self) -> str:
        """Return database, host, port and user."""
        return str(self._dsn)

    def _begin(self) -> None:
        with self._connection.cursor() as cursor:
            # A slow reader must not be cut off, a statement gone astray must be.
            cursor.execute("set session net_write_timeout = 600, net_read_timeout = 600")
            cursor.execute("set session time_zone = '+00:00'")
            # MariaDB has the one, MySQL the other; a proxy in between may call itself anything.
            _try(cursor, f"set session max_statement_time = {_STATEMENT_SECONDS}")
            _try(cursor, f"set session max_execution_time = {_STATEMENT_SECONDS * 1000}")
            cursor.execute("set session transaction isolation level repeatable read")
            cursor.execute("start transaction with consistent snapshot, read only")

    @cached_property
    def _schema(self) -> SchemaMet:
        with self._explained(), self._connection.cursor() as cursor:
            return read_schema(cursor, self._version)

    def schema(self) -> SchemaMet:
        """Return what the account may see of the schema."""
        return self._schema

    def lacks(self, table: str, columns: Sequence[str] = ()) -> str:
        """Say what is not there, after asking for it by name: grants hide tables and columns."""
        lack = self._schema.lacks(table, columns)
        if not lack:
            return ""
        names = ", ".join(MYSQL.name(column) for column in columns) or "1"
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(f"select {names} from {MYSQL.name(table)} limit 0", ())
        except pymysql.err.MySQLError as error:
            if _code(error) in _NOT_THERE:
                return lack
            raise Unreadable(f"{self.name}: {_reason(error)}") from error
        return lack

    def read(
        self, table: str, columns: pa.Schema, where: Sequence[Condition] = ()
    ) -> Iterator[pa.RecordBatch]:
        """Stream columns of a table; see `Database.read`."""
        statement = select(MYSQL, self._schema, table, columns.names, where)
        with self._explained():
            rows = self._wire.send(self._text(statement))
            try:
                yield from batches(rows, columns)
            finally:
                rows.drain()

    def strays(self, reference: Reference, *, examples: int = 100) -> Strays:
        """Follow a reference inside the database; see `Database.strays`."""
        with self._explained(), self._connection.cursor() as cursor:
            values = self._one(cursor, stray_values(MYSQL, self._schema, reference))
            found: list[tuple[str, int]] = []
            if values:
                statement = stray_rows(MYSQL, self._schema, reference)
                cursor.execute(statement.sql, statement.values)
                found = [(str(value), int(rows)) for value, rows in cursor.fetchall()]
        return Strays(
            reference=reference,
            rows=sum(rows for _, rows in found),
            values=values,
            examples=tuple(found[:examples]),
        )

    @staticmethod
    def _one(cursor: Cursor, statement: Statement) -> int:
        cursor.execute(statement.sql, statement.values)
        row = cursor.fetchone()
        return int(row[0]) if row else 0

    def _text(self, statement: Statement) -> str:
        with self._connection.cursor() as cursor:
            return cursor.mogrify(statement.sql, statement.values)

    def close(self) -> None:
        """Drop the connection; the server rolls back what was only read."""
        with suppress(OSError, pymysql.err.MySQLError):
            self._wire.drop()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except pymysql.err.MySQLError as error:
            raise Unreadable(f"{self.name}: {_reason(error)}", next_step=_advice(error)) from error
        except OSError as error:
            raise Unreadable(f"{self.name}: the connection was lost ({error})") from error
        except Unreadable as error:
            raise Unreadable(f"{self.name}: {error}", next_step=error.next_step) from error


class _Wire:
    """The only place that knows PyMySQL from the inside."""

    def __init__(self, connection: "pymysql.Connection[Cursor]", timeout: float) -> None:
        self._inner: Any = connection
        self._timeout = timeout

    @property
    def version(self) -> str:
        """Return what the server called itself in its greeting."""
        return str(self._inner.server_version)

    def send(self, sql: str) -> RowStream:
        """Send a query and return its rows; only the header has been read when this returns."""
        inner = self._inner
        # Until the first row the server may think as long as a statement is allowed to run.
        inner._read_timeout = _ANSWER_SECONDS
        inner._execute_command(COMMAND.COM_QUERY, sql)
        columns = inner._read_packet().read_length_encoded_integer()
        for _ in range(columns + 1):  # one packet a column, and the one that ends them
            inner._read_packet()
        inner._sock.settimeout(self._timeout)
        inner._current_timeout = self._timeout  # PyMySQL remembers what it has set
        return RowStream(inner._rfile, columns)

    def keep_alive(self) -> None:
        """Notice within a minute that a host or the network between has died."""
        wire = self._inner._sock
        if wire.family == socket.AF_UNIX:
            return
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, seconds in (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3)):
            if hasattr(socket, name):
                wire.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), seconds)

    def drop(self) -> None:
        """Close without a farewell: a polite one would wait for rows that nobody reads."""
        self._inner._force_close()


def _connect(dsn: Dsn, timeout: float) -> "pymysql.Connection[Cursor]":
    return pymysql.connect(
        host=dsn.host or "localhost",
        port=dsn.port,
        user=dsn.user or None,
        password=dsn.password.encode(),  # PyMySQL would take text for latin-1
        database=dsn.database or None,
        unix_socket=dsn.socket or None,
        charset="utf8mb4",
        # A known mode, so that quoting of values means the same on every server.
        sql_mode="NO_ENGINE_SUBSTITUTION",
        connect_timeout=min(_CONNECT_SECONDS, timeout),
        read_timeout=_ANSWER_SECONDS,
        write_timeout=timeout,
        ssl=mysql_context(dsn.options),
        ssl_disabled=forbidden(dsn.options),
        local_infile=False,
        autocommit=None,
    )


def _try(cursor: Cursor, sql: str) -> None:
    """Set a variable that not every server has."""
    try:
        cursor.execute(sql)
    except pymysql.err.MySQLError as error:
        if _code(error) != ER.UNKNOWN_SYSTEM_VARIABLE:
            raise


def _code(error: pymysql.err.MySQLError) -> int:
    return error.args[0] if error.args and isinstance(error.args[0], int) else 0


def _reason(error: pymysql.err.MySQLError) -> str:
    text = str(error.args[1]) if len(error.args) > 1 else str(error) or type(error).__name__
    return f"{text} ({_code(error)})" if _code(error) else text


def _advice(error: pymysql.err.MySQLError) -> str:
    code = _code(error)
    if code in {ER.ACCESS_DENIED_ERROR, ER.DBACCESS_DENIED_ERROR}:
        return "look at user and password in the configuration, and at the account's grants"
    if code == ER.BAD_DB_ERROR:
        return "look at the name of the database in the connection URL"
    if code in _NOT_GRANTED:
        return "grant SELECT on the whole database to this account"
    if code == CR.CR_CONN_HOST_ERROR:
        return "is the server running, and can it be reached from here?"
    return ""
