"""What the guide tells operators to write and type works."""

import re
import tomllib
from pathlib import Path

import pytest
from tests.unit.cli.conftest import Command

from stackfsck.cli.app import make
from stackfsck.clients import settings
from stackfsck.demo.folder import Folder

GUIDE = Path(__file__).parents[3] / "docs" / "guide"
PAGES = ("getting-started.md", "configuration.md", "own-checks.md", "../../README.md")
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(page: str, language: str) -> list[str]:
    return [b for kind, b in BLOCK.findall((GUIDE / page).read_text()) if kind == language]


def typed() -> list[str]:
    lines = [line for page in PAGES for block in blocks(page, "") for line in block.splitlines()]
    return [line.partition("#")[0].strip() for line in lines if line.startswith("stackfsck ")]


@pytest.mark.parametrize("line", sorted(set(typed())))
def test_commands_of_the_guide_exist(line: str) -> None:
    import typer.main

    words = re.split(r"[>;]", line)[0].split()[1:]
    group = typer.main.get_command(make())
    command = group.commands[words[0]]  # type: ignore[attr-defined]
    options = {name for p in command.params for name in p.opts} | {"--help"}
    assert {word for word in words if word.startswith("--")} <= options


@pytest.mark.parametrize("page", PAGES)
def test_settings_of_the_guide_are_understood(page: str, tmp_path: Path) -> None:
    for number, block in enumerate(blocks(page, "toml")):
        if block.startswith("cinder ="):  # one line out of [databases]
            block = f"[databases]\n{block}"  # noqa: PLW2901
        tomllib.loads(block)
        path = tmp_path / f"{number}.toml"
        secret = tmp_path / "password"
        secret.write_text("secret")
        path.write_text(block.replace("/etc/stackfsck/password", str(secret)))
        read = settings.load(path, {"CINDER_PASSWORD": "secret"})
        assert read.path == path


def test_the_check_of_the_guide_runs(command: Command, healthy: Folder, tmp_path: Path) -> None:
    (sql,) = blocks("own-checks.md", "sql")
    (tmp_path / "acme001.sql").write_text(sql)
    answer = command(
        *("check", "--config", healthy.settings, "--pause", "0"),
        *("--checks", tmp_path, "--only", "ACME001"),
    )
    assert (answer.code, answer.err) == (0, "")
    (tmp_path / "acme001.sql").write_text(sql.replace(", nova.services@cell", ""))
    refused = command("check", "--config", healthy.settings, "--checks", tmp_path)
    assert refused.code == 16
    assert "nova.services" in refused.err
