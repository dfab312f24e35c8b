"""Databases that are written to: one transaction, row by row, with what was there before.

Reading goes its own, faster way (`stackfsck.clients.databases`); what is written goes through
SQLAlchemy, which knows how each product quotes, binds and locks. Tables are reflected as they are
met, so that every column of a row is kept, those that the catalogue does not know included.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from stackfsck.clients import tls
from stackfsck.clients.databases import postgresql
from stackfsck.clients.dsn import Dsn, Product
from stackfsck.model.errors import StepFailed, Unreadable

Json = Any
"""A value as the journal keeps it: plain, or tagged with its type (`{"time": "…"}`)."""

Row = dict[str, Json]

DRIVERS = {
    Product.MYSQL: "mysql+pymysql",
    Product.POSTGRESQL: "postgresql+psycopg",
    Product.SQLITE: "sqlite",
}


class Writer:
    """One database, opened for writing; transactions are short and explicit."""

    def __init__(self, engine: Engine, name: str) -> None:
        """Wrap an engine; use `open_writer`."""
        self.name = name
        self._engine = engine
        self._tables = sa.MetaData()
        sa.event.listen(self._tables, "column_reflect", _take_raw)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Begin a transaction; it is committed at the end, and rolled back by any exception.

        Raises Unreadable when the database cannot be reached, StepFailed when it refuses.
        """
        try:
            connection = self._engine.connect()
        except SQLAlchemyError as error:
            raise Unreadable(f"{self.name} cannot be reached: {_words(error)}") from error
        try:
            with connection.begin():
                yield Transaction(connection, self._tables, self.name)
        except SQLAlchemyError as error:
            raise StepFailed(f"{self.name} refused: {_words(error)}") from error
        finally:
            connection.close()

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()


class Transaction:
    """What can be done inside one transaction; every table and column must exist."""

    def __init__(self, connection: Connection, tables: sa.MetaData, name: str) -> None:
        """Wrap a connection in a transaction."""
        self._connection = connection
        self._tables = tables
        self._name = name

    def has(self, table: str) -> bool:
        """Whether the database has this table."""
        return sa.inspect(self._connection).has_table(table)

    def key_of(self, table: str) -> tuple[str, ...]:
        """Return the columns of a table's primary key; all its columns when it has none."""
        met = self._table(table)
        return tuple(c.name for c in met.primary_key.columns) or tuple(met.columns.keys())

    def rows(self, table: str, where: Mapping[str, Json], *, lock: bool = False) -> list[Row]:
        """Return whole rows; locked ones nobody else can change before the end."""
        met = self._table(table)
        question = sa.select(met).where(*_conditions(met, where)).order_by(*_order(met))
        if lock:
            question = question.with_for_update()
        answer = self._connection.execute(question)
        return [{name: encode(v) for name, v in row._mapping.items()} for row in answer]  # noqa: SLF001 -- SQLAlchemy's public name

    def insert(self, table: str, row: Mapping[str, Json]) -> None:
        """Insert one whole row."""
        decoded = _decoded(self._table(table), row)
        # Without keys: a row that leaves its number to the database is no mistake here.
        plain = sa.table(table, *(sa.column(name) for name in decoded))
        self._connection.execute(plain.insert().values(decoded))

    def update(self, table: str, where: Mapping[str, Json], values: Mapping[str, Json]) -> int:
        """Change rows and return how many there were."""
        met = self._table(table)
        change = met.update().where(*_conditions(met, where)).values(_decoded(met, values))
        return self._connection.execute(change).rowcount

    def delete(self, table: str, where: Mapping[str, Json]) -> int:
        """Delete rows and return how many there were."""
        met = self._table(table)
        return self._connection.execute(met.delete().where(*_conditions(met, where))).rowcount

    def now(self) -> Json:
        """Return the database's own moment, UTC, in whole seconds as the services write it."""
        if self._connection.dialect.name == "mysql":
            moment = self._connection.execute(sa.text("select utc_timestamp()")).scalar_one()
        elif self._connection.dialect.name == "postgresql":
            question = sa.text("select date_trunc('second', now() at time zone 'utc')")
            moment = self._connection.execute(question).scalar_one()
        else:  # SQLite keeps moments as the text that it is given
            moment = self._connection.execute(sa.text("select datetime('now')")).scalar_one()
        return encode(moment)

    def advise(self, name: str) -> bool:
        """Take an advisory lock for this connection; False when somebody else holds it.

        Only the products that have such locks can refuse (MySQL, PostgreSQL).
        """
        dialect = self._connection.dialect.name
        if dialect == "mysql":
            question = sa.text("select get_lock(:name, 0)")
        elif dialect == "postgresql":
            question = sa.text("select pg_try_advisory_lock(hashtext(:name))")
        else:
            return True
        return bool(self._connection.execute(question, {"name": name}).scalar_one())

    def _table(self, name: str) -> sa.Table:
        """Return a table as it is met; raises StepFailed when there is none."""
        if name in self._tables.tables:
            return self._tables.tables[name]
        try:
            return sa.Table(name, self._tables, autoload_with=self._connection, resolve_fks=False)
        except sa.exc.NoSuchTableError as error:
            raise StepFailed(f"{self._name} has no table {name}") from error


def open_writer(dsn: Dsn, timeout: float = 30.0) -> Writer:
    """Return a writer; nothing is connected before its first transaction.

    `timeout` is the longest wait, in seconds, for a connection.
    """
    engine = sa.create_engine(
        _url(dsn), connect_args=_arguments(dsn, timeout), pool_pre_ping=True, hide_parameters=True
    )
    if dsn.product is Product.SQLITE:
        sa.event.listen(engine, "begin", _begin_at_once)
    return Writer(engine, str(dsn))


def _url(dsn: Dsn) -> sa.URL:
    """Return SQLAlchemy's form of a connection."""
    if dsn.product is Product.SQLITE:
        return sa.URL.create(DRIVERS[dsn.product], database=dsn.database)
    return sa.URL.create(
        DRIVERS[dsn.product],
        username=dsn.user or None,
        password=dsn.password or None,
        host=dsn.socket if dsn.socket and dsn.product is Product.POSTGRESQL else dsn.host or None,
        port=dsn.port or None,
        database=dsn.database,
    )


def _arguments(dsn: Dsn, timeout: float) -> dict[str, Any]:
    """Return what the driver is told besides."""
    if dsn.product is Product.SQLITE:
        # Python's sqlite3 begins no transaction by itself then: `_begin_at_once` does.
        return {"timeout": timeout, "isolation_level": None}
    if dsn.product is Product.POSTGRESQL:
        return postgresql.parameters(dsn, timeout)
    arguments: dict[str, Any] = {"connect_timeout": int(timeout), "charset": "utf8mb4"}
    if dsn.socket:
        arguments["unix_socket"] = dsn.socket
    if context := tls.mysql_context(dsn.options):
        arguments["ssl"] = context
    return arguments


def _begin_at_once(connection: Connection) -> None:
    """Take SQLite's write lock at the beginning: what is looked at cannot change until the end."""
    connection.exec_driver_sql("begin immediate")


def encode(value: object) -> Json:
    """Return a value as JSON can hold it and `decode` gives it back."""
    if value is None or isinstance(value, str | int | float | bool):
        return value
    for kind, (tag, write, _) in _TAGGED.items():
        if isinstance(value, kind):
            return {tag: write(value)}
    return {"text": str(value)}


def decode(value: Json) -> Any:  # noqa: ANN401 -- whatever the driver takes
    """Return the value that `encode` was given."""
    if not isinstance(value, dict):
        return value
    (kind, held), *_ = value.items()
    return _DECODERS[kind](held)


_TAGGED: Mapping[Any, tuple[str, Callable[[Any], Any], Callable[[Any], Any]]] = {
    # a moment is a date, too, so it comes first
    datetime: ("time", datetime.isoformat, datetime.fromisoformat),
    date: ("date", date.isoformat, date.fromisoformat),
    timedelta: ("span", timedelta.total_seconds, lambda seconds: timedelta(seconds=seconds)),
    Decimal: ("decimal", str, Decimal),
    bytes: ("bytes", lambda raw: base64.b64encode(raw).decode("ascii"), base64.b64decode),
}
_DECODERS = {tag: read for tag, _, read in _TAGGED.values()} | {"text": str}


def _conditions(table: sa.Table, where: Mapping[str, Json]) -> list[sa.ColumnElement[bool]]:
    """Compare columns with values, null included; raises StepFailed for a missing column."""
    decoded = _decoded(table, where)
    return [
        table.c[name].is_(None) if value is None else table.c[name] == value
        for name, value in decoded.items()
    ]


def _decoded(table: sa.Table, row: Mapping[str, Json]) -> dict[str, Any]:
    """Give each value the type of its column; raises StepFailed for a missing column."""
    missing = [name for name in row if name not in table.c]
    if missing:
        raise StepFailed(f"{table.name} has no column {', '.join(missing)}")
    return {name: decode(value) for name, value in row.items()}


def _take_raw(_inspector: object, _table: object, column: dict[str, Any]) -> None:
    """Leave values as the driver gives and takes them: what is put back is what was there."""
    column["type"] = sa.types.NullType()


def _order(table: sa.Table) -> Sequence[sa.ColumnElement[Any]]:
    """Return what rows are ordered by, so that two readings look alike."""
    return list(table.primary_key.columns) or list(table.columns)


def _words(error: SQLAlchemyError) -> str:
    """Return what the driver said, without the statement and its values: they may be secret."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return str(cause).splitlines()[0][:300]
