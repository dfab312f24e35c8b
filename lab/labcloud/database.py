"""The services' databases, as the operator of the blogs has them: root, any statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pymysql
from lab.labcloud.places import HOME
from pymysql.cursors import DictCursor

CELL_1 = "nova"
Row = dict[str, Any]


def connect(database: str) -> pymysql.connections.Connection[DictCursor]:
    """A connection as root; cell1 lives in a server of its own."""
    folder = "mysql-cell1" if database == CELL_1 else "mysql"
    return pymysql.connect(
        unix_socket=str(HOME / "var" / folder / "mysqld.sock"),
        user="root",
        database=database,
        autocommit=True,
        cursorclass=DictCursor,
    )


def query(database: str, statement: str, *values: object) -> list[Row]:
    """The rows of a statement."""
    with connect(database) as connection, connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def execute(database: str, statement: str, *values: object) -> int:
    """Run one statement; the number of rows changed."""
    return session(database, (statement, values))


def session(database: str, *statements: str | tuple[str, Sequence[object]]) -> int:
    """Run statements in one session (`set foreign_key_checks` lasts that long); rows changed."""
    changed = 0
    with connect(database) as connection, connection.cursor() as cursor:
        for statement in statements:
            words, values = (statement, ()) if isinstance(statement, str) else statement
            changed += cursor.execute(words, values)
    return changed


def take(database: str, table: str, where: str, *values: object) -> list[Row]:
    """Rows as they are, to be put back with `put`."""
    return query(database, f"select * from {table} where {where}", *values)


def put(database: str, table: str, rows: Sequence[Row]) -> None:
    """Write taken rows back, over what stands there now."""
    for row in rows:
        names = ", ".join(f"`{name}`" for name in row)
        marks = ", ".join(["%s"] * len(row))
        session(
            database,
            "set foreign_key_checks = 0",
            (f"replace into {table} ({names}) values ({marks})", tuple(row.values())),
        )
