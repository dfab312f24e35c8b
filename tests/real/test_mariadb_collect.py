"""A cell in a real MariaDB, read as `check` reads it: every way it can be incomplete is said."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.real.servers import MariaServer

from stackfsck.catalogue import TABLES
from stackfsck.catalogue.derived import TABLES as DERIVED
from stackfsck.catalogue.table import Table, Type
from stackfsck.clients.databases import connect
from stackfsck.clients.dsn import parse
from stackfsck.collect.databases import read_databases
from stackfsck.collect.places import Place
from stackfsck.model.coverage import Outcome, Reading
from stackfsck.model.watch import Silent
from stackfsck.store.snapshot import Snapshot

TYPES = {
    Type.UUID: "varchar(36)",
    Type.INTEGER: "int",
    Type.FLOAT: "double",
    Type.TEXT: "text",
    Type.BOOLEAN: "tinyint(1)",
    Type.TIME: "datetime",
}
VM = "5ad74de5-fa84-69a7-8be7-b2b2b6f3b2aa"
GONE = "00000000-fa84-69a7-8be7-b2b2b6f3b2aa"


def tables_of(store: str) -> list[Table]:
    return [t for t in TABLES.values() if t.store == store and t not in DERIVED]


def create(table: Table) -> str:
    columns = ", ".join(f"`{c.name}` {TYPES[c.type]}" for c in table.columns)
    return f"create table `{table.short_name}` ({columns});"


@pytest.fixture
def cell(mariadb: MariaServer) -> Iterator[str]:
    name = mariadb.database("".join(create(table) for table in tables_of("nova")))
    mariadb.run(
        f"insert into instances (uuid, deleted, display_name) values ('{VM}', 0, '\\'; drop');"
        f"insert into instance_faults (id, instance_uuid, deleted) values (1, '{GONE}', 0);"
        f"insert into instance_metadata (id, instance_uuid, deleted) values (1, '{VM}', 0);"
        f"insert into instance_info_caches (instance_uuid, deleted, network_info)"
        f" values ('{VM}', 0, '[]')",
        name,
    )
    yield name
    mariadb.run(f"drop database `{name}`")


def collect(url: str, folder: Path, store: str = "nova") -> Snapshot:
    snapshot = Snapshot.create(folder / "snapshot.duckdb")
    place = Place(store=store, scope="cell1", open=lambda: connect(parse(url)))
    read_databases([place], snapshot, Silent())
    return snapshot


def reading(snapshot: Snapshot, source: str) -> Reading:
    (found,) = [one for one in snapshot.coverage() if one.source == source]
    return found


def test_a_whole_cell(mariadb: MariaServer, cell: str, tmp_path: Path) -> None:
    with collect(mariadb.url(cell), tmp_path) as snapshot:
        assert {one.outcome for one in snapshot.coverage()} == {Outcome.COMPLETE}
        (row,) = snapshot.query("select cell, uuid, display_name, deleted from nova.instances")
        assert list(map(str, row.values())) == ["cell1", VM, "'; drop", "0"]
        (stray,) = snapshot.query("select child, instance, why from nova.strays")
        assert list(map(str, stray.values())) == ["instance_faults", GONE, "no parent"]
        assert len(snapshot.query("select * from nova.info_caches where empty")) == 1


def test_a_value_that_is_no_uuid_is_counted(
    mariadb: MariaServer, cell: str, tmp_path: Path
) -> None:
    mariadb.run("insert into instances (uuid, deleted) values ('somebody', 0)", cell)
    with collect(mariadb.url(cell), tmp_path) as snapshot:
        found = reading(snapshot, "nova.instances")
        assert (found.outcome, found.rows) == (Outcome.PARTIAL, 2)
        assert "1 of uuid" in found.reason


def test_a_hidden_table_is_no_missing_one(mariadb: MariaServer, cell: str, tmp_path: Path) -> None:
    hidden = {"share_mapping", "instance_metadata", "instances"}
    grants = [
        f"select on `{cell}`.`{table.short_name}`"
        for table in tables_of("nova")
        if table.short_name not in hidden
    ]
    mariadb.user("partly", "partly", *grants, f"select (uuid) on `{cell}`.instances")
    with collect(mariadb.url(cell, "partly", "partly"), tmp_path) as snapshot:
        # A cell of an older release has no share_mapping; this one has, and does not show it.
        assert reading(snapshot, "nova.share_mapping").outcome is Outcome.FAILED
        assert "denied" in reading(snapshot, "nova.share_mapping").reason
        assert reading(snapshot, "nova.instances").outcome is Outcome.PARTIAL
        assert "denied" in reading(snapshot, "nova.instances").reason
        assert not reading(snapshot, "nova.strays").proves_absence
        assert reading(snapshot, "nova.migrations").outcome is Outcome.COMPLETE


@pytest.mark.parametrize(
    ("script", "said"),
    [("", "is empty"), ("create table volumes (id int)", "not a database of nova")],
)
def test_another_database_is_no_empty_cell(
    mariadb: MariaServer, tmp_path: Path, script: str, said: str
) -> None:
    name = mariadb.database(script)
    with collect(mariadb.url(name), tmp_path) as snapshot:
        readings = snapshot.coverage()
        assert {one.outcome for one in readings} == {Outcome.FAILED}
        assert all(said in one.reason for one in readings)


def test_a_wrong_password_fails_every_table(mariadb: MariaServer, tmp_path: Path) -> None:
    with collect(mariadb.url("mysql", password="wrong-one"), tmp_path) as snapshot:
        readings = snapshot.coverage()
        assert {one.outcome for one in readings} == {Outcome.FAILED}
        assert all("Access denied" in one.reason for one in readings)
        assert not any("wrong-one" in one.reason for one in readings)
