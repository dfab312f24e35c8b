"""Databases of MySQL, MariaDB, PostgreSQL and SQLite behind one small protocol."""

from stackfsck.clients.databases.base import (
    UUID_TYPE,
    ColumnMet,
    Condition,
    Database,
    Op,
    Reference,
    ReferenceMet,
    SchemaMet,
    Strays,
    TableMet,
    Value,
)
from stackfsck.clients.dsn import Dsn, Product

__all__ = [
    "UUID_TYPE",
    "ColumnMet",
    "Condition",
    "Database",
    "Op",
    "Reference",
    "ReferenceMet",
    "SchemaMet",
    "Strays",
    "TableMet",
    "Value",
    "connect",
]


def connect(dsn: Dsn, *, timeout: float = 60.0) -> Database:
    """Open a database and begin its one read-only transaction.

    `timeout` is the longest silence in seconds that is borne. Raises `Unreadable`, with a reason
    for people, when it cannot be reached or the account is refused; `Misused` for TLS files that
    cannot be used.
    """
    # Each driver is imported only when it is needed: most clouds use one.
    if dsn.product is Product.SQLITE:
        from stackfsck.clients.databases.sqlite import SqliteDatabase

        return SqliteDatabase(dsn, timeout=timeout)
    if dsn.product is Product.POSTGRESQL:
        from stackfsck.clients.databases.postgresql import PostgresqlDatabase

        return PostgresqlDatabase(dsn, timeout=timeout)
    from stackfsck.clients.databases.mysql import MysqlDatabase

    return MysqlDatabase(dsn, timeout=timeout)
