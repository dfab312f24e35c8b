"""How the catalogue's tables are made in DuckDB."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stackfsck.catalogue import TABLES
from stackfsck.catalogue.table import Scope, Table

if TYPE_CHECKING:
    import duckdb


def make_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Make every table of the catalogue, empty, in the schema of its store."""
    for store in stores():
        connection.execute(f"create schema {store}")
    for table in TABLES.values():
        connection.execute(f"create table {quoted(table)} ({_columns(table)})")


def stores() -> list[str]:
    """Return the names of all stores in the catalogue, sorted."""
    return sorted({table.store for table in TABLES.values()})


def quoted(table: Table) -> str:
    """Return a table's name as a query writes it."""
    return f'{table.store}."{table.short_name}"'


def _columns(table: Table) -> str:
    """Return the columns of a table: its scope first, then those that are copied."""
    scope = [] if table.scope is Scope.GLOBAL else [f'"{table.scope.value}" varchar']
    return ", ".join(scope + [f'"{c.name}" {c.type.value}' for c in table.copied_columns])
