"""Rows decoded by the column are the rows that PyMySQL's own cursor sees, whatever they hold."""

import itertools
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pymysql
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.real.servers import MariaServer

from stackfsck.clients.databases import UUID_TYPE, connect
from stackfsck.clients.databases.mysql import MysqlDatabase
from stackfsck.clients.databases.mysql_rows import RowStream, batches
from stackfsck.clients.dsn import parse
from stackfsck.model.errors import Unreadable

COLUMNS = pa.schema(
    {"id": pa.int64(), "first": pa.string(), "number": pa.int64(), "second": pa.binary()}
)
Row = tuple[str | None, int | None, bytes | None]

# Lengths around every change in how a length is written: 250/251, 65535/65536.
lengths = st.sampled_from([0, 1, 12, 249, 250, 251, 252, 300, 65535, 65536, 70000])
long_texts = st.builds(lambda letter, length: letter * length, st.sampled_from("aé"), lengths)
texts = st.none() | st.text(st.characters(exclude_categories=["Cs"])) | long_texts
numbers = st.none() | st.integers(-(2**63), 2**63 - 1)
raws = st.none() | st.binary() | st.builds(lambda length: b"\xfb\xff\xfe\0" * length, lengths)


@pytest.fixture(scope="module")
def table(mariadb: MariaServer) -> tuple[MariaServer, str]:
    name = mariadb.database(
        "create table t (id int auto_increment primary key, first longtext, number bigint,"
        " second longblob)"
    )
    return mariadb, name


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(texts, numbers, raws), max_size=8))
@example(rows=[("", 0, b"")])
@example(rows=[(None, None, None), ("x", 1, None)])
@example(rows=[("a", 1, bytes([byte])) for byte in range(256)])
def test_the_same_rows_as_pymysql(table: tuple[MariaServer, str], rows: Sequence[Row]) -> None:
    server, name = table
    connection = pymysql.connect(
        unix_socket=str(server.socket), user="root", database=name, charset="utf8mb4"
    )
    with connection, connection.cursor() as cursor:
        cursor.execute("truncate t")
        for row in rows:
            cursor.execute("insert into t (first, number, second) values (%s, %s, %s)", row)
        connection.commit()
        cursor.execute("select id, first, number, second from t order by id")
        expected = list(cursor.fetchall())
    assert read(server, name) == expected


def read(server: MariaServer, name: str) -> list[tuple[Any, ...]]:
    database = connect(parse(server.url(name)))
    found = [
        tuple(row.values()) for batch in database.read("t", COLUMNS) for row in batch.to_pylist()
    ]
    database.close()
    return sorted(found)


@pytest.mark.parametrize("size", [2**24 - 20, 2**24 - 13, 2**24, 2**24 + 1, 2**25 - 13, 2**25])
def test_rows_of_several_packets(mariadb: MariaServer, size: int) -> None:
    name = mariadb.database(
        "create table t (id int primary key, first longtext, number int, second longblob);"
        f"insert into t values (1, 'before', 1, 'b'), (2, repeat('x', {size}), 2, null),"
        " (3, 'after', 3, null)"
    )
    rows = read(mariadb, name)
    assert [row[0] for row in rows] == [1, 2, 3]
    assert rows[1][1] == "x" * size
    assert (rows[0][1], rows[2][1]) == ("before", "after")
    mariadb.run(f"drop database {name}")


def test_uuids_of_a_large_table(mariadb: MariaServer) -> None:
    name = mariadb.database(
        "create table t (u varchar(40));"
        "insert into t select uuid() from seq_1_to_100000;"
        "insert into t values ('5AD74DE5fa8469a78be7b2b2b6f3b2aa'), ('host'), (null),"
        " ('zad74de5-fa84-69a7-8be7-b2b2b6f3b2aa'), ('5ad74de5+fa84-69a7-8be7-b2b2b6f3b2aa')"
    )
    database = connect(parse(mariadb.url(name)))
    as_uuid = values(database.read("t", pa.schema({"u": UUID_TYPE})))
    as_text = values(database.read("t", pa.schema({"u": pa.string()})))
    assert [str(one) for one in as_uuid[:100000]] == as_text[:100000]
    assert as_uuid[100000:] == [uuid.UUID("5ad74de5-fa84-69a7-8be7-b2b2b6f3b2aa"), *[None] * 4]
    database.close()


def values(found: Iterator[pa.RecordBatch]) -> list[Any]:
    return list(itertools.chain.from_iterable(batch.column(0).to_pylist() for batch in found))


def test_an_error_in_the_midst_of_the_rows(mariadb: MariaServer) -> None:
    database = MysqlDatabase(parse(mariadb.url(mariadb.database())), timeout=10)
    fails_late = (
        "select seq, if(seq = 150000, (select 1 union select 2), repeat('x', 50))"
        " from seq_1_to_200000"
    )
    rows = batches(
        database._wire.send(fails_late), pa.schema({"seq": pa.int64(), "x": pa.string()})
    )
    read_before: list[int] = []
    with pytest.raises(Unreadable, match="more than 1 row"):
        read_before.extend(batch.num_rows for batch in rows)
    assert sum(read_before) == 149999
    database.close()


def test_a_result_set_of_no_rows(mariadb: MariaServer) -> None:
    name = mariadb.database("create table t (id int, first text, number int, second blob)")
    assert read(mariadb, name) == []


class Pieces:
    """A socket that hands out what it has in pieces of odd sizes."""

    def __init__(self, data: bytes, sizes: Sequence[int]) -> None:
        self._data = data
        self._sizes = itertools.cycle(sizes)

    def read1(self, size: int, /) -> bytes:
        take = min(next(self._sizes), size)
        piece, self._data = self._data[:take], self._data[take:]
        return piece


END = b"\x05\x00\x00\x00\xfe\x00\x00\x02\x00"


@given(st.lists(st.integers(1, 40), min_size=1, max_size=5))
def test_packets_cut_anywhere(sizes: list[int]) -> None:
    row = b"\x01a\xfb"
    packet = len(row).to_bytes(3, "little") + b"\0" + row
    stream = RowStream(Pieces(packet * 50 + END, sizes), 2)
    schema = pa.schema({"a": pa.string(), "b": pa.string()})
    rows = [row for batch in batches(stream, schema) for row in batch.to_pylist()]
    assert rows == [{"a": "a", "b": None}] * 50


@pytest.mark.parametrize(
    "payload", [b"", b"\x05ab", b"\x01a", b"\x01a\x01bX", b"\xfc", b"\xfd\xff\xff", b"\x01a\xff"]
)
def test_rows_that_break_the_protocol_are_refused(payload: bytes) -> None:
    packet = len(payload).to_bytes(3, "little") + b"\0" + payload
    stream = RowStream(Pieces(packet + END, [1000]), 2)
    schema = pa.schema({"a": pa.string(), "b": pa.string()})
    with pytest.raises(Unreadable, match="the server sent"):
        list(batches(stream, schema))


def test_a_stream_that_just_stops() -> None:
    stream = RowStream(Pieces(b"\x03\x00\x00\x00\x01a\xfb", [1000]), 2)
    with pytest.raises(Unreadable, match="closed the connection"):
        list(batches(stream, pa.schema({"a": pa.string(), "b": pa.string()})))
