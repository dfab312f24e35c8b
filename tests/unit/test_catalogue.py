"""The catalogue against the schemas of real clouds: 2026.2 and Zed (tests/facts)."""

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from stackfsck.catalogue import (
    DATABASE_STORES,
    TABLES,
    Scope,
    SoftDelete,
    Table,
    Type,
    references_to,
    tables_of,
    tables_with_vm,
)
from stackfsck.catalogue.derived import TABLES as DERIVED
from stackfsck.catalogue.releases import RELEASES, within

FACTS = Path(__file__).parents[1] / "facts"
NEWEST = "2026.2"


def rows(name: str) -> Iterator[dict[str, str]]:
    with (FACTS / name).open(newline="") as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


def read_schemas() -> dict[tuple[str, str], dict[str, dict[str, str]]]:
    """Return {(release, table): {column: row}} with the catalogue's names of tables."""
    schemas: dict[tuple[str, str], dict[str, dict[str, str]]] = defaultdict(dict)
    for row in rows("columns.tsv"):
        schemas[row["release"], f"{row['store']}.{row['table']}"][row["column"]] = row
    return schemas


SCHEMAS = read_schemas()
KNOWN = {(release, name.partition(".")[0]) for release, name in SCHEMAS}
KINDS = {
    Type.INTEGER: {"int", "bigint"},
    Type.FLOAT: {"float", "double"},
    Type.BOOLEAN: {"tinyint"},
    Type.TIME: {"datetime", "timestamp"},
    Type.TEXT: {"varchar", "text", "mediumtext", "enum", "longtext"},
    Type.UUID: {"varchar"},
}
IN_DATABASES = [t for t in TABLES.values() if t.store in DATABASE_STORES and t not in DERIVED]


def names(tables: list[Table]) -> list[str]:
    return [table.name for table in tables]


@pytest.mark.parametrize("table", IN_DATABASES, ids=names(IN_DATABASES))
@pytest.mark.parametrize("release", ["Zed", NEWEST])
def test_tables_and_columns_exist_in_the_releases_they_claim(table: Table, release: str) -> None:
    if (release, table.store) not in KNOWN:
        return  # nova and keystone of Zed were not installed; their ranges come from the source
    there = SCHEMAS.get((release, table.name), {})
    claimed = within(release, since=table.since, until=table.until)
    if not table.optional:
        assert bool(there) is claimed
    for column in table.columns if there else ():
        exists = within(release, since=column.since, until=column.until)
        assert (column.name in there) is exists, column.name


@pytest.mark.parametrize("table", IN_DATABASES, ids=names(IN_DATABASES))
def test_types_are_those_of_the_schema(table: Table) -> None:
    there = SCHEMAS[NEWEST, table.name]
    for column in table.columns:
        kind = re.split(r"\W", there[column.name]["type"])[0]
        assert kind in KINDS[column.type], f"{column.name}: {column.type} for {kind}"


@pytest.mark.parametrize("table", IN_DATABASES, ids=names(IN_DATABASES))
def test_keys_are_the_primary_keys_of_the_schema(table: Table) -> None:
    primary = {name for name, row in SCHEMAS[NEWEST, table.name].items() if row["key"] == "PRI"}
    if primary:  # resource_provider_aggregates and such have one; every service table does
        assert set(table.key) == primary


@pytest.mark.parametrize("table", IN_DATABASES, ids=names(IN_DATABASES))
def test_soft_delete_is_what_the_schema_allows(table: Table) -> None:
    deleted = SCHEMAS[NEWEST, table.name].get("deleted")
    if deleted is None:
        assert table.soft_delete is SoftDelete.NONE
    elif table.name != "cinder.workers":  # has the column, and removes its rows all the same
        flag = deleted["type"].startswith("tinyint")
        assert table.soft_delete is (SoftDelete.FLAG if flag else SoftDelete.ID)
        assert table.column("deleted").type is (Type.BOOLEAN if flag else Type.INTEGER)


def test_every_foreign_key_to_a_vm_is_known() -> None:
    enforced = {
        (row["table"], row["column"])
        for row in rows("foreign_keys.tsv")
        if row["store"] == "nova"
        and row["parent"] == "instances"
        and row["parent_column"] == "uuid"
    }
    known = {
        (table.short_name, column.name)
        for table, column in references_to("nova.instances.uuid")
        if table.store == "nova"
    }
    assert len(enforced) == 13
    assert enforced <= known


def test_every_foreign_key_between_tables_of_the_catalogue_is_known() -> None:
    for row in rows("foreign_keys.tsv"):
        child = TABLES.get(f"{row['store']}.{row['table']}")
        parent = f"{row['store']}.{row['parent']}"
        if child is None or parent not in TABLES:
            continue
        columns = {column.name: column for column in child.columns}
        if row["column"] in columns:
            target = f"{parent}.{row['parent_column']}"
            assert columns[row["column"]].refers_to == target, f"{child.name}.{row['column']}"


def test_references_lead_to_columns_that_exist() -> None:
    for table in TABLES.values():
        for column in table.columns:
            if column.refers_to:
                parent, _, name = column.refers_to.rpartition(".")
                assert name in {c.name for c in TABLES[parent].columns}


@pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))
def test_a_table_is_described_whole(table: Table) -> None:
    assert table.meaning.endswith((".", "..."))
    columns = [column.name for column in table.columns]
    assert len(columns) == len(set(columns))
    assert set(table.key) <= set(columns)
    assert not table.vm or table.vm in columns
    assert table.copied_columns
    for column in table.columns:
        assert column.meaning.endswith((".", "...")), column.name
        assert "\n" not in column.meaning


@pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))
def test_ranges_name_releases(table: Table) -> None:
    assert {table.since, table.until} <= {"", *RELEASES}
    for column in table.columns:
        assert {column.since, column.until} <= {"", *RELEASES}


def test_what_is_known_to_hold_secrets_is_never_copied() -> None:
    secret = re.compile(r"password|connection_info|token|auth|transport_url|database_connection")
    for table in TABLES.values():
        for column in table.copied_columns:
            assert not secret.search(column.name), f"{table.name}.{column.name}"


def test_big_columns_are_never_copied() -> None:
    for table in IN_DATABASES:
        for column in table.copied_columns:
            kind = SCHEMAS[NEWEST, table.name][column.name]["type"]
            small = kind not in {"mediumtext", "text"}
            assert small or (table.name, column.name) in {
                ("nova.instances", "launched_on"),
                ("nova.compute_nodes", "hypervisor_type"),
                ("nova.share_mapping", "export_location"),
                ("glance.image_properties", "value"),
            }, f"{table.name}.{column.name}"


def test_helpers_find_tables() -> None:
    assert [t.name for t in tables_of("memcached")] == ["memcached.tokens"]
    assert tables_of("nothing") == ()
    assert TABLES["nova.instances"] in tables_with_vm()
    assert TABLES["cinder.volumes"] not in tables_with_vm()


def test_every_table_of_a_cell_says_so() -> None:
    assert {t.scope for t in tables_of("nova")} == {Scope.CELL}
    for store in ("libvirt", "vswitch", "host"):
        assert {t.scope for t in tables_of(store)} == {Scope.HOST}


def test_releases_have_an_order() -> None:
    assert within("Zed", since="Train", until="2023.1")
    assert not within("Zed", since="2023.1", until="")
    assert not within("2024.1", since="", until="Zed")
    with pytest.raises(ValueError, match="not in tuple"):
        within("Essex", since="", until="")
