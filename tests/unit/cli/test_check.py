"""`check` on an embedded cloud: what it says, how it ends, and what it never does."""

import json
import shutil
from pathlib import Path

import pytest
from tests.unit.cli.conftest import Command

from stackfsck.demo.folder import Folder

FAST = ("--pause", "0")


def test_a_healthy_cloud_is_clean(command: Command, healthy: Folder) -> None:
    answer = command("check", "--config", healthy.settings, *FAST)
    assert (answer.code, answer.err) == (0, "")
    assert "Nothing was found." in answer.out


def test_findings_are_proved_and_lead_on(command: Command, broken: Folder) -> None:
    answer = command("check", "--config", broken.settings, *FAST)
    assert answer.code == 4
    for code in ("NOV001", "LIB001", "PLC001"):
        assert code in answer.out
    assert "suspected" not in answer.out.replace("0 suspected", "")
    assert f"stackfsck trace --config {broken.settings} " in answer.out
    assert "stackfsck explain LIB001" in answer.out


def test_only_some_checks(command: Command, broken: Folder) -> None:
    answer = command("check", "--config", broken.settings, *FAST, "--only", "plc", "--json")
    told = json.loads(answer.out)
    assert {f["code"] for f in told["findings"]} == {"PLC001"}
    assert all(code.startswith("PLC") for code in told["checks"])


def test_only_some_hosts(command: Command, broken: Folder) -> None:
    everything = json.loads(command("check", "--config", broken.settings, *FAST, "--json").out)
    host = next(f["host"] for f in everything["findings"] if f["code"] == "LIB001")
    some = command("check", "--config", broken.settings, *FAST, "--json", "--host", host)
    assert {f["host"] for f in json.loads(some.out)["findings"]} == {host}


def test_the_json_has_its_shape(command: Command, broken: Folder) -> None:
    answer = command("check", "--config", broken.settings, *FAST, "--json")
    told = json.loads(answer.out)
    assert told["format"] == "check/1"
    assert told["exit_code"] == answer.code == 4
    assert set(told) == {
        *("format", "stackfsck", "exit_code", "began", "ended", "looks", "checks", "snapshot"),
        *("summary", "findings", "held", "unjudged", "coverage", "notes"),
    }
    assert set(told["findings"][0]) == {
        *("code", "name", "title", "kind", "severity", "certainty", "gaps", "subject", "vm"),
        *("vm_name", "cell", "host", "remedy", "evidence"),
    }
    assert set(told["coverage"][0]) == {"source", "scope", "outcome", "reason", "rows"}
    assert told["summary"]["proved"] == len(told["findings"])


def test_one_snapshot_suspects_and_two_prove(
    command: Command, broken: Folder, tmp_path: Path
) -> None:
    first, second = tmp_path / "one.duckdb", tmp_path / "two.duckdb"
    assert command("collect", first, "--config", broken.settings).code == 0
    assert command("collect", second, "--config", broken.settings).code == 0
    once = command("check", "--from", first)
    assert once.code == 4
    assert "0 proved" in once.out
    assert "looked at only once" in once.out
    assert f"stackfsck trace --from {first} " in once.out
    twice = json.loads(command("check", "--from", first, "--from", second, "--json").out)
    assert {f["certainty"] for f in twice["findings"]} == {"proved"}


def test_the_same_snapshot_twice_proves_nothing(
    command: Command, broken: Folder, tmp_path: Path
) -> None:
    path = tmp_path / "one.duckdb"
    command("collect", path, "--config", broken.settings)
    answer = command("check", "--from", path, "--from", path)
    assert answer.code == 16
    assert "next step: " in answer.err


def test_a_kept_snapshot_stays(command: Command, broken: Folder, tmp_path: Path) -> None:
    path = tmp_path / "kept.duckdb"
    assert command("check", "--config", broken.settings, *FAST, "--keep", path).code == 4
    assert command("check", "--from", path).code == 4


def test_a_lost_database_turns_proof_into_suspicion(
    command: Command, broken: Folder, tmp_path: Path
) -> None:
    shutil.copytree(broken.root, tmp_path / "cloud")
    cloud = Folder(tmp_path / "cloud")
    cloud.database("nova_cell2").unlink()
    answer = command("check", "--config", cloud.settings, *FAST)
    assert answer.code == 4 + 8
    assert "Not read to its end" in answer.out
    assert "nova cell2" in answer.out
    assert "stackfsck doctor" in answer.out
    told = json.loads(command("check", "--config", cloud.settings, *FAST, "--json").out)
    assert "suspected" in {f["certainty"] for f in told["findings"] if f["code"] == "PLC001"}


def test_what_an_operator_asks_himself(command: Command, broken: Folder, tmp_path: Path) -> None:
    (tmp_path / "own001.sql").write_text(
        """-- code: OWN001
-- name: vm-of-mine
-- title: VM {name} has no owner here
-- kind: leak
-- severity: clutters
-- found_in: nova.instances@cell
-- absent_from: -
-- What it finds: Every VM.
-- Why it matters: It is an example.
-- When it is wrong: Always.
select
    uuid,
    uuid as vm,
    cell,
    display_name as name
from nova.instances
where deleted = 0
order by uuid
limit 2
"""
    )
    answer = command(
        *("check", "--config", broken.settings, *FAST),
        *("--checks", tmp_path, "--only", "OWN001", "--json"),
    )
    assert [f["code"] for f in json.loads(answer.out)["findings"]] == ["OWN001", "OWN001"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("select 1", "header"),
        ("-- code: X\nselect 1", "header lacks"),
        ("-- nonsense\nselect 1", "not understood"),
    ],
)
def test_a_bad_check_is_told_and_nothing_is_read(
    command: Command, broken: Folder, tmp_path: Path, text: str, said: str
) -> None:
    (tmp_path / "bad.sql").write_text(text)
    answer = command("check", "--config", broken.settings, "--checks", tmp_path)
    assert answer.code == 16
    assert "bad.sql" in answer.err
    assert said in answer.err
    assert answer.out == ""
