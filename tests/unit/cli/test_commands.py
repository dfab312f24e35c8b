"""Every command answers, and every mistake has a message, a next step and its exit code."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.unit.cli.conftest import Command

from stackfsck import __version__
from stackfsck.demo.folder import Folder

EXECUTABLE = [sys.executable, "-m", "stackfsck.cli"]


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--help"],
        ["-h"],
        *([name, "--help"] for name in ("check", "trace", "collect", "doctor")),
        *([name, "--help"] for name in ("demo", "explain", "tables", "completion")),
    ],
)
def test_help(command: Command, words: list[str]) -> None:
    answer = command(*words)
    assert answer.code == 0
    assert "Usage: stackfsck" in answer.out


def test_version(command: Command) -> None:
    assert command("--version").out == f"stackfsck {__version__}\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["chekc"], "No such command"),
        (["check", "--frm", "x"], "No such option"),
        (["check", "--limit", "many"], "--limit"),
        (["trace"], "Missing argument"),
        (["check", "--grace", "5 parsecs", "--config", "{config}"], "--grace: '5 parsecs'"),
        (["check", "--only", "PLC999", "--config", "{config}"], "there is no check 'PLC999'"),
        (["check", "--checks", "/no/such/folder"], "there is no folder /no/such/folder"),
        (["check", "--config", "/no/such/file.toml"], "/no/such/file.toml"),
        (["explain", "allocation-without-vn"], "Did you mean allocation-without-vm"),
        (["tables", "nova.nothing"], "there is no table or store"),
        (["completion", "csh"], "csh"),
        (["trace", "no-such-vm", "--config", "{config}"], "'no-such-vm'"),
        (["demo", "--inject", "XYZ001"], "there is no check 'XYZ001'"),
    ],
)
def test_wrong_usage(command: Command, healthy: Folder, words: list[str], said: str) -> None:
    answer = command(*(word.format(config=healthy.settings) for word in words))
    assert answer.code == 16
    assert answer.err.startswith("stackfsck: ")
    assert said in answer.err
    assert answer.out == ""


def test_bad_settings_are_told_with_their_place(command: Command, tmp_path: Path) -> None:
    config = tmp_path / "stackfsck.toml"
    config.write_text('[limits]\ngarce = "2m"\n')
    answer = command("check", "--config", config)
    assert answer.code == 16
    assert "garce" in answer.err
    assert "next step: did you mean 'grace'?" in answer.err


@pytest.mark.parametrize("content", [b"", b"not a snapshot at all", b"SQLite format 3\x00" * 100])
def test_what_is_no_snapshot(command: Command, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "odd.duckdb"
    path.write_bytes(content)
    for words in (["check"], ["trace", "x"]):
        answer = command(*words, "--from", path)
        assert answer.code == 8
        assert "next step: Collect again" in answer.err
    assert path.read_bytes() == content


def test_a_snapshot_cut_short(command: Command, healthy: Folder, tmp_path: Path) -> None:
    path = tmp_path / "cut.duckdb"
    assert command("collect", path, "--config", healthy.settings).code == 0
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    answer = command("check", "--from", path)
    assert answer.code == 8
    assert answer.err.startswith("stackfsck: ")


def test_collect_does_not_overwrite(command: Command, healthy: Folder, tmp_path: Path) -> None:
    path = tmp_path / "mine"
    path.write_text("precious")
    assert command("collect", path, "--config", healthy.settings).code == 8
    assert path.read_text() == "precious"


def test_collect_says_what_it_read(command: Command, healthy: Folder, tmp_path: Path) -> None:
    path = tmp_path / "cloud.duckdb"
    answer = command("collect", path, "--config", healthy.settings)
    assert answer.code == 0
    assert "Nova, in its cells" in answer.out
    assert f"stackfsck check --from {path}" in answer.out


def test_errors_are_json_when_that_is_wanted(command: Command) -> None:
    answer = command("check", "--from", "/no/such/file", "--json")
    told = json.loads(answer.out)
    assert (told["format"], told["exit_code"]) == ("error/1", answer.code)
    assert "/no/such/file" in told["error"]


def test_trace_finds_and_tells(command: Command, broken: Folder) -> None:
    told = json.loads(command("check", "--config", broken.settings, "--pause", "0", "--json").out)
    vm = {f["code"]: f["vm"] for f in told["findings"]}["NOV001"]
    answer = command("trace", vm, "--config", broken.settings, "--pause", "0")
    assert answer.code == 4
    assert "zombie  proved" in answer.out
    shape = json.loads(
        command("trace", vm, "--config", broken.settings, "--pause", "0", "--json").out
    )
    assert set(shape) == {
        *("format", "stackfsck", "vm", "display_name", "verdict", "certainty", "sentence"),
        *(
            "looks",
            "gaps",
            "witnesses",
            "findings",
            "records",
            "references",
            "timeline",
            "left_out",
        ),
    }
    assert (shape["format"], shape["vm"], shape["verdict"]) == ("trace/1", vm, "zombie")


def test_explain_tells_every_check(command: Command) -> None:
    told = json.loads(command("explain", "--json").out)
    for check in told["checks"]:
        answer = command("explain", check["code"], "--sql")
        assert answer.code == 0
        for heading in ("What it finds", "Why it matters", "When it is wrong", "The query"):
            assert heading in answer.out


def test_tables_tell_every_column(command: Command) -> None:
    told = json.loads(command("tables", "--json").out)
    assert len(told["tables"]) > 50
    answer = command("tables", "nova.instances")
    assert "display_name" in answer.out
    assert "nova.instances" in command("tables", "nova").out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(command: Command, shell: str) -> None:
    answer = command("completion", shell)
    assert answer.code == 0
    assert "_STACKFSCK_COMPLETE" in answer.out


def test_the_shell_completes_codes() -> None:
    environment = {
        **os.environ,
        "_STACKFSCK_COMPLETE": "complete_bash",
        "COMP_WORDS": "stackfsck explain PLC00",
        "COMP_CWORD": "2",
    }
    done = subprocess.run(
        EXECUTABLE, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert "PLC001" in done.stdout.split()


def test_ctrl_c_ends_cleanly(broken: Folder) -> None:
    process = subprocess.Popen(
        [*EXECUTABLE, "check", "--config", str(broken.settings), "--pause", "60s", "-v"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        for line in process.stderr:
            if "looking again" in line:
                break
        process.send_signal(signal.SIGINT)
        began = time.monotonic()
        out, err = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 32
    assert time.monotonic() - began < 10
    assert "cancelled; nothing was changed" in err
    assert "Traceback" not in err
    assert out == ""


def test_a_reader_that_leaves_makes_no_noise() -> None:
    process = subprocess.Popen(
        [*EXECUTABLE, "tables", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(10)
    process.stdout.close()
    noise = process.stderr.read()
    process.wait(timeout=60)
    process.stderr.close()
    assert noise == b""


def test_the_demo_reads_like_a_story(command: Command, tmp_path: Path) -> None:
    answer = command("demo", "--folder", tmp_path / "cloud", "--vms", "60", "--inject", "NOV001")
    assert answer.code == 0
    order = [
        "A small OpenStack",
        "$ stackfsck check",
        "NOV001",
        "$ stackfsck trace",
        "zombie  proved",
        "$ stackfsck explain NOV001",
        "What it finds",
        "What to type next",
    ]
    place = 0
    for words in order:
        place = answer.out.index(words, place) + len(words)
    # What it recommends works: the cloud is still there.
    again = command("check", "--config", tmp_path / "cloud" / "stackfsck.toml")
    assert again.code == 4


def test_the_demo_does_not_touch_what_is_not_its_own(command: Command, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine")
    answer = command("demo", "--folder", tmp_path)
    assert answer.code == 16
    assert [path.name for path in tmp_path.iterdir()] == ["precious"]
