"""The reference pages are what the code says."""

from tools import reference

from stackfsck.catalogue import STORES
from stackfsck.checks import builtin
from stackfsck.model.check import Kind, Severity
from stackfsck.model.errors import ExitCode


def test_the_pages_are_current() -> None:
    assert reference.stale() == []


def test_every_check_is_told() -> None:
    page = reference.pages()["checks.md"]
    for check in builtin():
        assert f"### {check.code} {check.name}" in page


def test_everything_has_its_words() -> None:
    assert set(reference.STORES_IN_WORDS) == set(STORES)
    assert {check.code[:3] for check in builtin()} == set(reference.PREFIXES)
    assert set(reference.SEVERITIES) == set(Severity)
    assert set(reference.KINDS) == set(Kind)
    assert set(reference.CODES) == {ExitCode.CLEAN, *ExitCode}


def test_every_command_is_told() -> None:
    page = reference.pages()["commands.md"]
    for command in ("doctor", "check", "trace", "collect", "demo", "explain", "tables"):
        assert f"## stackfsck {command}" in page
