"""The probe must run on Python 3.6: hosts are older than whoever looks at them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from stackfsck.catalogue import TABLES
from stackfsck.catalogue.table import Scope
from stackfsck.clients.hosts.base import probe_script
from stackfsck.probe import look

if TYPE_CHECKING:
    from collections.abc import Iterator

STANDARD = {
    "calendar", "json", "os", "re", "signal", "socket", "stat", "subprocess", "sys", "time",
    "typing", "xml.etree.ElementTree",
}  # fmt: skip
TOO_NEW = {
    "removeprefix", "removesuffix", "fromisoformat", "capture_output", "text", "dataclass",
    "isascii", "cached_property", "prod", "is_relative_to", "hardlink_to", "pairwise",
}  # fmt: skip


@pytest.fixture(scope="module")
def tree() -> ast.Module:
    return ast.parse(probe_script(), feature_version=(3, 6))


def test_it_is_written_in_the_python_of_old(tree: ast.Module) -> None:
    futures = [
        n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module == "__future__"
    ]
    positional = [n for n in ast.walk(tree) if isinstance(n, ast.arguments) and n.posonlyargs]
    assert futures == []
    assert positional == []


def test_it_needs_the_standard_library_only(tree: ast.Module) -> None:
    imported = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module or "")
    assert imported == STANDARD | {"libvirt"}  # only where it is there, and never needed


def test_it_calls_nothing_that_is_younger(tree: ast.Module) -> None:
    methods = {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
    keywords = {n.arg for n in ast.walk(tree) if isinstance(n, ast.keyword)}
    assert (methods | keywords) & TOO_NEW == set()


def strings(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_it_never_uses_a_shell_nor_a_pickle(tree: ast.Module) -> None:
    names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    calls = {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
    keywords = {n.arg for n in ast.walk(tree) if isinstance(n, ast.keyword)}
    assert not names & {"eval", "exec", "compile", "__import__"}
    assert not calls & {"system", "popen", "remove", "unlink", "rmdir", "rename", "write_text"}
    assert "shell" not in keywords


def test_it_reads_exactly_the_tables_of_the_catalogue() -> None:
    read = {table for tables, _ in look.READERS for table in tables}
    assert read == {n for n, t in TABLES.items() if t.scope is Scope.HOST or t.store == "ceph"}
