"""Reading a real MariaDB: every kind of value, and everything that can go wrong on the way."""

import datetime as dt
import uuid
from typing import Any

import pyarrow as pa
import pytest
from tests.real.servers import MariaServer

from stackfsck.clients.databases import UUID_TYPE, Condition, Database, Op, Reference, connect
from stackfsck.clients.dsn import parse
from stackfsck.model.errors import Unreadable

TIME = pa.timestamp("us")


def rows_of(
    database: Database, table: str, columns: pa.Schema, *where: Condition
) -> list[tuple[Any, ...]]:
    batches = list(database.read(table, columns, where))
    assert all(batch.schema == columns for batch in batches)
    return [tuple(row.values()) for batch in batches for row in batch.to_pylist()]


def test_values_of_every_type_come_as_the_catalogue_wants_them(mariadb: MariaServer) -> None:
    name = mariadb.database(
        "create table t (id int primary key, uuid varchar(36), name varchar(255), at datetime, "
        "at6 datetime(6), yes tinyint(1), big bigint, ratio double, raw varbinary(16));"
        "insert into t values (1, '5ad74de5-fa84-69a7-8be7-b2b2b6f3b2aa', 'ä\\'; drop', "
        "'2026-01-02 03:04:05', '2026-01-02 03:04:05.678901', 1, -9007199254740993, 1.5, x'00ff');"
        "insert into t values (2, null, null, null, null, null, null, null, null);"
        "insert into t values (3, 'no-uuid', '', '1970-01-01', '1970-01-01', 0, 0, 0, '')"
    )
    database = connect(parse(mariadb.url(name)))
    fields = {
        "id": pa.int64(),
        "uuid": UUID_TYPE,
        "name": pa.string(),
        "at": TIME,
        "at6": TIME,
        "yes": pa.bool_(),
        "big": pa.int64(),
        "ratio": pa.float64(),
        "raw": pa.binary(),
    }
    epoch = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - as the services write it
    assert rows_of(database, "t", pa.schema(fields)) == [
        (
            1,
            uuid.UUID("5ad74de5-fa84-69a7-8be7-b2b2b6f3b2aa"),
            "ä'; drop",
            dt.datetime(2026, 1, 2, 3, 4, 5),  # noqa: DTZ001
            dt.datetime(2026, 1, 2, 3, 4, 5, 678901),  # noqa: DTZ001
            True,
            -9007199254740993,
            1.5,
            b"\0\xff",
        ),
        (2, None, None, None, None, None, None, None, None),
        (3, None, "", epoch, epoch, False, 0, 0.0, b""),
    ]
    database.close()


def test_dates_of_zeros_are_null(mariadb: MariaServer) -> None:
    name = mariadb.database(
        "set sql_mode = ''; create table t (at datetime);"
        "insert into t values ('0000-00-00'), ('2026-00-10'), ('2026-10-00'), ('2026-10-01')"
    )
    database = connect(parse(mariadb.url(name)))
    times = [row[0] for row in rows_of(database, "t", pa.schema({"at": TIME}))]
    assert times == [None, None, None, dt.datetime(2026, 10, 1)]  # noqa: DTZ001
    database.close()


def test_conditions_bind_their_values(mariadb: MariaServer) -> None:
    name = mariadb.database(
        "create table t (id int, name varchar(40)); insert into t values (1, 'a'), (2, null), "
        "(3, '\\' or 1=1 -- '), (4, '100%')"
    )
    database = connect(parse(mariadb.url(name)))
    schema = pa.schema({"id": pa.int64()})

    def found(*where: Condition) -> list[object]:
        return [row[0] for row in rows_of(database, "t", schema, *where)]

    assert found(Condition(column="name", values=("' or 1=1 -- ",))) == [3]
    assert found(Condition(column="name", op=Op.NULL)) == [2]
    assert found(Condition(column="name", op=Op.IN, values=("a", "100%"))) == [1, 4]
    assert found(Condition(column="name", op=Op.IN)) == []
    assert found(
        Condition(column="id", op=Op.ABOVE, values=(1,)),
        Condition(column="id", op=Op.BELOW, values=(3,)),
    ) == [2]
    with pytest.raises(Unreadable, match="t has no column nothing"):
        found(Condition(column="nothing", values=(1,)))
    database.close()


def test_schema_is_met_with_keys_and_references(mariadb: MariaServer) -> None:
    name = mariadb.database(
        "create table parent (a int, b int, primary key (b, a)) engine=innodb;"
        "create table child (id int primary key, a int not null, b int,"
        " constraint pair foreign key (b, a) references parent (b, a) on delete cascade);"
        "create view seen as select * from child"
    )
    database = connect(parse(mariadb.url(name)))
    schema = database.schema()
    assert set(schema.tables) == {"parent", "child"}
    assert schema.tables["parent"].primary_key == ("b", "a")
    assert list(schema.tables["child"].columns) == ["id", "a", "b"]
    assert not schema.tables["child"].columns["a"].nullable
    (reference,) = schema.references
    assert (reference.table, reference.columns) == ("child", ("b", "a"))
    assert (reference.parent, reference.parent_columns) == ("parent", ("b", "a"))
    assert reference.on_delete == "CASCADE"
    assert database.lacks("child", ["id"]) == ""
    assert database.lacks("absent") == "there is no table absent"
    assert database.lacks("child", ["id", "x"]) == "child has no column x"
    database.close()


def test_one_moment_is_seen_and_nothing_can_be_written(mariadb: MariaServer) -> None:
    name = mariadb.database("create table t (id int); insert into t values (1)")
    mariadb.user("writer", "writer", "all on *.*")
    database = connect(parse(mariadb.url(name, "writer", "writer")))
    mariadb.run("insert into t values (2)", name)
    assert rows_of(database, "t", pa.schema({"id": pa.int64()})) == [(1,)]
    with pytest.raises(Exception, match="READ ONLY transaction"):
        database._connection.cursor().execute("update t set id = 3")  # type: ignore[attr-defined]
    database.close()


def test_strays_are_counted_where_they_are(mariadb: MariaServer) -> None:
    name = mariadb.database(
        "create table instances (uuid varchar(36) primary key, deleted int);"
        "create table metadata (id int primary key, instance_uuid varchar(36), deleted int);"
        "insert into instances values ('a', 0), ('b', 5);"
        "insert into metadata values (1, 'a', 0), (2, 'gone', 0), (3, 'gone', 0), (4, 'b', 0),"
        " (5, null, 0), (6, 'lost', 6)"
    )
    database = connect(parse(mariadb.url(name)))
    anything = Reference(child="metadata", column="instance_uuid", parent="instances", key="uuid")
    strays = database.strays(anything)
    assert (strays.rows, strays.values) == (3, 2)
    assert strays.examples == (("gone", 2), ("lost", 1))
    live = Condition(column="deleted", values=(0,))
    strays = database.strays(
        Reference(
            child="metadata",
            column="instance_uuid",
            parent="instances",
            key="uuid",
            child_where=(live,),
            parent_where=(live,),
        ),
        examples=1,
    )
    assert (strays.rows, strays.values, strays.examples) == (3, 2, (("b", 1),))
    database.close()


def test_a_read_left_in_the_midst_does_not_spoil_the_next(mariadb: MariaServer) -> None:
    name = mariadb.database(
        "create table t (id int); insert into t select seq from seq_1_to_200000"
    )
    database = connect(parse(mariadb.url(name)))
    schema = pa.schema({"id": pa.int64()})
    first = next(iter(database.read("t", schema)))
    assert 0 < first.num_rows < 200000
    assert len(rows_of(database, "t", schema)) == 200000
    database.close()


def test_wrong_password_says_so_and_nothing_else(mariadb: MariaServer) -> None:
    with pytest.raises(Unreadable, match="Access denied") as error:
        connect(parse(mariadb.url("test", password="secret-word")))
    assert "secret-word" not in str(error.value)
    assert "password" in error.value.next_step


def test_password_with_every_hostile_letter(mariadb: MariaServer) -> None:
    name = mariadb.database("create table t (id int)")
    mariadb.user("odd", "p@/:?#[]%ä ", f"select on `{name}`.*")
    database = connect(parse(mariadb.url(name, "odd", "p@/:?#[]%ä ")))
    assert "p@/" not in repr(parse(mariadb.url(name, "odd", "p@/:?#[]%ä ")))
    database.close()


def test_unknown_database_and_closed_port(mariadb: MariaServer) -> None:
    with pytest.raises(Unreadable, match="Unknown database 'nowhere'"):
        connect(parse(mariadb.url("nowhere")))
    with pytest.raises(Unreadable, match="refused") as error:
        connect(parse("mysql://fsck:fsck@127.0.0.1:1/nova"))
    assert "running" in error.value.next_step


def test_table_without_rights_is_no_missing_table(mariadb: MariaServer) -> None:
    name = mariadb.database("create table seen (id int); create table hidden (id int, secret int)")
    mariadb.user("half", "half", f"select on `{name}`.seen", f"select (id) on `{name}`.hidden")
    database = connect(parse(mariadb.url(name, "half", "half")))
    assert database.lacks("seen", ["id"]) == ""
    with pytest.raises(Unreadable, match="denied"):
        database.lacks("hidden", ["secret"])
    with pytest.raises(Unreadable, match="denied"):
        database.lacks("other")
    assert rows_of(database, "seen", pa.schema({"id": pa.int64()})) == []
    database.close()


def test_names_made_to_break_out_mean_only_themselves(mariadb: MariaServer) -> None:
    name = mariadb.database(
        "create table `a``b %s; drop` (id int, `c``d%` varchar(9), `select` int);"
        "insert into `a``b %s; drop` values (1, 'x', 2), (2, 'y', 3)"
    )
    database = connect(parse(mariadb.url(name)))
    assert list(database.schema().tables) == ["a`b %s; drop"]
    columns = pa.schema({"c`d%": pa.string(), "select": pa.int64()})
    where = Condition(column="c`d%", values=("y",))
    assert rows_of(database, "a`b %s; drop", columns, where) == [("y", 3)]
    assert rows_of(database, "a`b %s; drop", columns) == [("x", 2), ("y", 3)]
    database.close()
