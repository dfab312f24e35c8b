"""The snapshot keeps what was read, says what did not fit, and shuts its doors."""

from pathlib import Path

import pytest

from stackfsck.catalogue import TABLES
from stackfsck.model.coverage import Outcome, Reading
from stackfsck.model.errors import BadSnapshot
from stackfsck.store.snapshot import Snapshot

VM = "11111111-1111-1111-1111-111111111111"
INSTANCES = TABLES["nova.instances"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cloud.duckdb"


def test_rows_come_back_with_their_scope_and_types(path: Path) -> None:
    with Snapshot.create(path) as snapshot:
        added = snapshot.add_rows(INSTANCES, "cell1", [{"uuid": VM, "id": 7, "deleted": 0}])
    assert added.rows == 1
    assert not added.spoiled
    with Snapshot.open(path) as snapshot:
        row = snapshot.query("select cell, uuid::varchar as uuid, id from nova.instances")[0]
    assert row == {"cell": "cell1", "uuid": VM, "id": 7}


def test_a_value_that_does_not_fit_is_counted_not_hidden(path: Path) -> None:
    with Snapshot.create(path) as snapshot:
        rows: list[dict[str, str | None]] = [
            {"uuid": "'; drop table"},
            {"uuid": VM},
            {"uuid": None},
        ]
        assert snapshot.add_rows(INSTANCES, "cell1", rows).spoiled == {"uuid": 1}
        assert len(snapshot.query("select * from nova.instances")) == 3


def test_coverage_is_kept(path: Path) -> None:
    reading = Reading(
        source="nova.instances", scope="cell1", outcome=Outcome.FAILED, reason="refused"
    )
    with Snapshot.create(path) as snapshot:
        snapshot.cover(reading)
    with Snapshot.open(path) as snapshot:
        assert snapshot.coverage() == (reading,)


def test_rows_met_twice_are_kept_once(path: Path) -> None:
    with Snapshot.create(path) as snapshot:
        for _ in range(2):
            snapshot.add_rows(INSTANCES, "cell1", [{"uuid": VM, "id": 7}])
        snapshot.keep_once(INSTANCES)
        assert len(snapshot.query("select * from nova.instances")) == 1


@pytest.mark.parametrize(
    "question",
    [
        "select * from read_csv('/etc/passwd')",
        "copy (select 1) to '/tmp/stackfsck-escape'",
        "attach '/tmp/stackfsck-other.duckdb' as other",
        "set enable_external_access = true",
        "insert into nova.instances (id) values (1)",
        "install httpfs",
    ],
)
def test_a_query_cannot_leave_an_opened_snapshot(path: Path, question: str) -> None:
    Snapshot.create(path).close()
    with Snapshot.open(path) as snapshot, pytest.raises(Exception, match=r"(?i)error"):
        snapshot.query(question)


def test_a_snapshot_is_never_overwritten(path: Path) -> None:
    Snapshot.create(path).close()
    with pytest.raises(BadSnapshot, match="there already"):
        Snapshot.create(path)


def test_a_file_cut_short_is_told_apart(path: Path) -> None:
    Snapshot.create(path).close()
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(BadSnapshot, match="not a whole snapshot"):
        Snapshot.open(path)


@pytest.mark.parametrize("content", [b"", b"not a database", b"\0" * 20_000])
def test_a_file_of_another_make_is_told_apart(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(BadSnapshot):
        Snapshot.open(path)


def test_a_newer_format_is_refused(path: Path) -> None:
    with Snapshot.create(path) as snapshot:
        snapshot.note("format", "999")
    with pytest.raises(BadSnapshot, match="999"):
        Snapshot.open(path)


def test_a_missing_file_is_told(path: Path) -> None:
    with pytest.raises(BadSnapshot, match="no snapshot"):
        Snapshot.open(path)


def test_no_secret_column_is_ever_in_a_snapshot(path: Path) -> None:
    with Snapshot.create(path) as snapshot:
        held = {
            (row["table_schema"] + "." + row["table_name"], row["column_name"])
            for row in snapshot.query(
                "select table_schema, table_name, column_name from information_schema.columns"
            )
        }
    secrets = {(t.name, c.name) for t in TABLES.values() for c in t.columns if c.secret}
    assert secrets
    assert not held & secrets
