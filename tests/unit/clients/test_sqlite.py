"""SQLite files, which type nothing strictly and may come from anywhere."""

import datetime as dt
import sqlite3
import uuid
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from stackfsck.clients.databases import UUID_TYPE, Condition, Database, Op, Reference, connect
from stackfsck.clients.dsn import parse
from stackfsck.model.errors import Unreadable
from stackfsck.store.arrow import spoiled_of

VM = "5ad74de5-fa84-69a7-8be7-b2b2b6f3b2aa"


def database_of(tmp_path: Path, script: str) -> Database:
    connection = sqlite3.connect(tmp_path / "x.db")
    connection.executescript(script)
    connection.close()
    return connect(parse(f"sqlite:///{tmp_path}/x.db"))


def rows_of(database: Database, columns: pa.Schema, *where: Condition) -> list[tuple[Any, ...]]:
    return [
        tuple(row.values())
        for batch in database.read("t", columns, where)
        for row in batch.to_pylist()
    ]


def test_values_of_every_type(tmp_path: Path) -> None:
    database = database_of(
        tmp_path,
        "create table t (id integer primary key, u varchar(36), name text, at datetime, yes bool,"
        " ratio float);"
        f"insert into t values (1, '{VM}', 'ä', '2026-01-02 03:04:05.000006', 1, 0.5),"
        " (2, null, null, null, null, null), (3, 'none', '', '2026-01-02', 0, 2);",
    )
    columns = pa.schema(
        {
            "id": pa.int64(),
            "u": UUID_TYPE,
            "name": pa.string(),
            "at": pa.timestamp("us"),
            "yes": pa.bool_(),
            "ratio": pa.float64(),
        }
    )
    assert rows_of(database, columns) == [
        (1, uuid.UUID(VM), "ä", dt.datetime(2026, 1, 2, 3, 4, 5, 6), True, 0.5),  # noqa: DTZ001
        (2, None, None, None, None, None),
        (3, None, "", dt.datetime(2026, 1, 2), False, 2.0),  # noqa: DTZ001
    ]
    (batch,) = database.read("t", columns)
    assert spoiled_of(batch) == {"u": 1}
    database.close()


def test_conditions_schema_and_strays(tmp_path: Path) -> None:
    database = database_of(
        tmp_path,
        "create table p (name text primary key);"
        "create table t (id integer primary key, p text references p (name) on delete cascade);"
        "insert into p values ('a'); insert into t values (1, 'a'), (2, 'b'), (3, 'b'), (4, null);",
    )
    numbers = pa.schema({"id": pa.int64()})
    assert rows_of(database, numbers, Condition(column="p", op=Op.IN, values=("b",))) == [
        (2,),
        (3,),
    ]
    assert rows_of(database, numbers, Condition(column="p", values=("' or 1=1",))) == []
    (reference,) = database.schema().references
    assert (reference.columns, reference.parent, reference.on_delete) == (("p",), "p", "CASCADE")
    strays = database.strays(Reference(child="t", column="p", parent="p", key="name"))
    assert (strays.rows, strays.values, strays.examples) == (2, 1, (("b", 2),))
    assert database.lacks("t", ["id", "x"]) == "t has no column x"
    database.close()


def test_a_value_of_another_kind_is_no_row_less(tmp_path: Path) -> None:
    database = database_of(tmp_path, "create table t (id int); insert into t values (1), ('many')")
    with pytest.raises(Unreadable, match="a value is no int64"):
        rows_of(database, pa.schema({"id": pa.int64()}))
    database.close()


def test_nothing_can_be_written(tmp_path: Path) -> None:
    database = database_of(tmp_path, "create table t (id int)")
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        database._connection.execute("insert into t values (1)")  # type: ignore[attr-defined]
    database.close()


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="there is no database file"):
        connect(parse("sqlite:////nowhere/x.db"))
    (tmp_path / "x.db").write_bytes(b"not a database at all" * 100)
    with pytest.raises(Unreadable, match="not a database"):
        connect(parse(f"sqlite:///{tmp_path}/x.db"))
