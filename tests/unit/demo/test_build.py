"""The embedded cloud is whole, healthy, and the same every time."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.unit.demo.looking import look

from stackfsck.catalogue import DATABASE_STORES, TABLES
from stackfsck.catalogue.derived import TABLES as DERIVED
from stackfsck.demo.build import build
from stackfsck.demo.faults import inject
from stackfsck.demo.folder import SCHEMAS, Folder
from stackfsck.model.errors import ExitCode, Misused

TIME = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d")


def test_a_healthy_cloud_has_no_finding_and_no_gap(healthy: Folder, tmp_path: Path) -> None:
    inquiry = look(healthy, tmp_path / "whole.duckdb")
    assert [(f.code, f.title) for f in inquiry.findings] == []
    assert [(r.source, r.scope, r.reason) for r in inquiry.unread] == []
    assert inquiry.unjudged == ()
    assert inquiry.exit_code == ExitCode.CLEAN


@pytest.mark.parametrize("seed", [1, 2])
def test_health_is_no_accident_of_one_seed(seed: int, tmp_path: Path) -> None:
    folder = build(tmp_path / "cloud", vms=150, seed=seed)
    inquiry = look(folder, tmp_path / "whole.duckdb")
    assert [(f.code, f.title) for f in inquiry.findings] == []


def test_it_has_every_ordinary_state(healthy: Folder) -> None:
    states: set[str] = set()
    for name in ("nova_cell0", "nova_cell1", "nova_cell2"):
        with healthy.open(name) as connection:
            states |= {row[0] for row in connection.execute("select vm_state from instances")}
    assert states == {
        "active",
        "building",
        "deleted",
        "error",
        "paused",
        "rescued",
        "resized",
        "shelved",
        "shelved_offloaded",
        "soft-delete",
        "stopped",
        "suspended",
    }


def test_two_cells_and_twenty_hosts(healthy: Folder) -> None:
    assert len(healthy.hosts()) == 20
    with healthy.open("nova_api") as connection:
        cells = [row[0] for row in connection.execute("select name from cell_mappings")]
    assert cells == ["cell0", "cell1", "cell2"]


@pytest.mark.parametrize("database", SCHEMAS)
def test_the_schemas_have_all_that_the_catalogue_names(healthy: Folder, database: str) -> None:
    store = SCHEMAS[database]
    assert store in DATABASE_STORES
    with healthy.open(database) as connection:
        for table in TABLES.values():
            if table.store == store and table not in DERIVED:
                info = connection.execute(f'pragma table_info("{table.short_name}")')
                assert {c.name for c in table.columns} <= {row["name"] for row in info}


@pytest.mark.parametrize("database", SCHEMAS)
def test_no_reference_inside_a_database_dangles(healthy: Folder, database: str) -> None:
    with healthy.open(database) as connection:
        assert connection.execute("pragma foreign_key_check").fetchall() == []


def test_the_same_seed_makes_the_same_cloud(
    healthy: Folder, tmp_path: Path, dump: Callable[[Folder, str], list[str]]
) -> None:
    again = build(tmp_path / "again", vms=100)
    for database in ("nova_cell1", "cinder", "neutron", "placement"):
        first, second = (
            [TIME.sub("T", line) for line in dump(f, database)] for f in (healthy, again)
        )
        assert first == second


def test_another_seed_makes_another(healthy: Folder, tmp_path: Path) -> None:
    other = build(tmp_path / "other", vms=100, seed=7)
    assert other.host("compute-01").read_text() != healthy.host("compute-01").read_text()


def test_a_cloud_is_replaced_and_nothing_else_is(tmp_path: Path) -> None:
    folder = build(tmp_path / "cloud", vms=20)
    inject(folder, "PLC008")
    assert len(folder.hosts()) == 21
    build(folder.root, vms=20)
    assert len(folder.hosts()) == 20
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "thesis.tex").write_text("precious")
    with pytest.raises(Misused, match="neither empty nor a demo cloud"):
        build(tmp_path / "home", vms=20)
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["thesis.tex"]


def test_hosts_answer_in_the_lines_of_the_probe(healthy: Folder) -> None:
    lines = [json.loads(line) for line in healthy.host("compute-13").read_text().splitlines()]
    assert lines[-1] == {"end": True}
    ends = [line for line in lines[:-1] if "r" not in line]
    assert all(line["done"] is True for line in ends)
    for line in lines[:-1]:
        columns = {column.name for column in TABLES[line["t"]].columns}
        assert set(line.get("r", {})) <= columns
