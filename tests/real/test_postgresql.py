"""Reading a real PostgreSQL: the same promises as for MariaDB."""

import datetime as dt
import uuid
from typing import Any

import pyarrow as pa
import pytest
from tests.real.servers import PostgresServer, folder_for_server, start_postgresql

from stackfsck.clients.databases import UUID_TYPE, Condition, Database, Op, Reference, connect
from stackfsck.clients.dsn import parse
from stackfsck.model.errors import Unreadable

TIME = pa.timestamp("us")
NUMBERS = pa.schema({"id": pa.int64()})


def rows_of(
    database: Database, table: str, columns: pa.Schema, *where: Condition
) -> list[tuple[Any, ...]]:
    batches = list(database.read(table, columns, where))
    assert all(batch.schema == columns for batch in batches)
    return [tuple(row.values()) for batch in batches for row in batch.to_pylist()]


def test_values_of_every_type(postgresql: PostgresServer) -> None:
    name = postgresql.database(
        "create table t (id int primary key, uuid varchar(36), name text, at timestamp, "
        "deleted boolean, ratio float8);"
        "insert into t values (1, '5ad74de5-fa84-69a7-8be7-b2b2b6f3b2aa', E'ä\"; drop,\\nnew', "
        "'2026-01-02 03:04:05.678901', true, 1.5);"
        "insert into t values (2, null, null, null, null, null);"
        "insert into t values (3, 'no-uuid', '', '1970-01-01', false, 0)"
    )
    database = connect(parse(postgresql.url(name)))
    fields = {
        "id": pa.int64(),
        "uuid": UUID_TYPE,
        "name": pa.string(),
        "at": TIME,
        "deleted": pa.bool_(),
        "ratio": pa.float64(),
    }
    assert rows_of(database, "t", pa.schema(fields)) == [
        (
            1,
            uuid.UUID("5ad74de5-fa84-69a7-8be7-b2b2b6f3b2aa"),
            'ä"; drop,\nnew',
            dt.datetime(2026, 1, 2, 3, 4, 5, 678901),  # noqa: DTZ001 - as the services write it
            True,
            1.5,
        ),
        (2, None, None, None, None, None),
        (3, None, "", dt.datetime(1970, 1, 1), False, 0.0),  # noqa: DTZ001
    ]
    # One column of nothing but null is a line of nothing.
    assert rows_of(database, "t", NUMBERS, Condition(column="deleted", op=Op.NULL)) == [(2,)]
    assert rows_of(database, "t", pa.schema({"name": pa.string()}))[1] == (None,)
    # Flags are asked for by number, as in MySQL.
    assert rows_of(database, "t", NUMBERS, Condition(column="deleted", values=(0,))) == [(3,)]
    assert rows_of(database, "t", NUMBERS, Condition(column="name", values=("%s 'x",))) == []
    database.close()


def test_many_rows_come_in_batches_and_may_be_left(postgresql: PostgresServer) -> None:
    name = postgresql.database("create table t as select id from generate_series(1, 150000) as id")
    database = connect(parse(postgresql.url(name)))
    batches = [batch.num_rows for batch in database.read("t", NUMBERS)]
    assert sum(batches) == 150000
    assert len(batches) > 1
    rows = database.read("t", NUMBERS)
    next(rows)
    rows.close()  # type: ignore[attr-defined]  # an Iterator in the protocol, a generator here
    assert len(rows_of(database, "t", NUMBERS)) == 150000
    database.close()


def test_schema_and_strays(postgresql: PostgresServer) -> None:
    name = postgresql.database(
        "create table parent (a int, b int, primary key (b, a));"
        "create table child (id int primary key, a int not null, b int,"
        " constraint pair foreign key (b, a) references parent (b, a) on delete cascade);"
        "create table loose (id int primary key, parent_b varchar(9));"
        "create table named (name varchar(9) primary key);"
        "insert into named values ('x'); insert into loose values (1, 'x'), (2, 'y'), (3, 'y')"
    )
    database = connect(parse(postgresql.url(name)))
    schema = database.schema()
    assert schema.tables["parent"].primary_key == ("b", "a")
    (reference,) = schema.references
    assert (reference.columns, reference.parent) == (("b", "a"), "parent")
    assert reference.on_delete == "CASCADE"
    assert database.lacks("absent") == "there is no table absent"
    strays = database.strays(
        Reference(child="loose", column="parent_b", parent="named", key="name")
    )
    assert (strays.rows, strays.values, strays.examples) == (2, 1, (("y", 2),))
    database.close()


def test_one_moment_is_seen_and_nothing_can_be_written(postgresql: PostgresServer) -> None:
    name = postgresql.database("create table t (id int); insert into t values (1)")
    database = connect(parse(postgresql.url(name, "admin", "admin")))
    postgresql.run("insert into t values (2)", name)
    assert rows_of(database, "t", NUMBERS) == [(1,)]
    with pytest.raises(Exception, match="read-only transaction"):
        database._connection.execute("update t set id = 3")  # type: ignore[attr-defined]
    database.close()


def test_a_table_without_rights_fails_alone(postgresql: PostgresServer) -> None:
    name = postgresql.database("create table seen (id int)")
    postgresql.run("create table hidden (id int)", name)
    database = connect(parse(postgresql.url(name)))
    with pytest.raises(Unreadable, match="permission denied for table hidden") as error:
        rows_of(database, "hidden", NUMBERS)
    assert "grant SELECT" in error.value.next_step
    assert rows_of(database, "seen", NUMBERS) == []
    database.close()


def test_wrong_password_unknown_database_closed_port(postgresql: PostgresServer) -> None:
    with pytest.raises(Unreadable, match="authentication failed") as error:
        connect(parse(postgresql.url("postgres", password="secret-word")))
    assert "secret-word" not in str(error.value)
    with pytest.raises(Unreadable, match='"nowhere" does not exist'):
        connect(parse(postgresql.url("nowhere")))
    with pytest.raises(Unreadable, match="refused"):
        connect(parse("postgresql://fsck:fsck@127.0.0.1:1/nova"))


def test_a_server_stopped_in_the_midst_makes_the_reading_partial() -> None:
    with folder_for_server() as folder:
        server = start_postgresql(folder)
        name = server.database(
            "create table t as select id, repeat('x', 200) as filler"
            " from generate_series(1, 600000) as id"
        )
        database = connect(parse(server.url(name)))
        columns = pa.schema({"id": pa.int64(), "filler": pa.string()})
        rows = database.read("t", columns)
        assert next(rows).num_rows > 0
        server.stop(hard=True)
        with pytest.raises(Unreadable, match=r"terminating|closed|lost|crash"):
            list(rows)
        database.close()
