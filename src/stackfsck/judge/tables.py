"""Which tables of the catalogue a query reads, seen through the shared views."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import duckdb

from stackfsck.catalogue import TABLES
from stackfsck.catalogue.table import Scope
from stackfsck.model.errors import BadCheck

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stackfsck.model.check import Check


class TableFinder:
    """An empty cloud in memory, in which queries are taken apart and never run."""

    def __init__(self, views: Mapping[str, str]) -> None:
        """Lay out the catalogue's tables and these views (name to select, in order)."""
        self._connection = duckdb.connect(":memory:")
        _lay_out(self._connection)
        self._views: dict[str, frozenset[str]] = {}
        for name, select in views.items():
            schema = name.partition(".")[0]
            self._connection.execute(f"create schema if not exists {schema}")
            self._views[name] = self.tables_of(select)
            self._connection.execute(f"create view {name} as {select}")
        self.tables_of = cache(self.tables_of)  # type: ignore[method-assign]

    def tables_of(self, sql: str) -> frozenset[str]:
        """Return the catalogue's tables that a query rests on; raises duckdb.Error."""
        named = self._connection.get_table_names(sql, qualified=True)
        # DuckDB 2.0 appends the alias to a qualified name.
        return frozenset(n.partition(" AS ")[0] for n in named) & TABLES.keys()

    def columns_of(self, sql: str) -> tuple[str, ...]:
        """Return the names of the columns that a query answers; raises duckdb.Error."""
        answer = self._connection.execute(f"describe {sql}").fetchall()
        return tuple(row[0] for row in answer)

    def refuse_unfit(self, check: Check) -> None:
        """Raise BadCheck for a query that is not one select, or reads what it does not declare."""
        try:
            kinds = [s.type for s in self._connection.extract_statements(check.sql)]
            if kinds != [duckdb.StatementType.SELECT]:
                raise BadCheck(f"{check.origin}: the query is not a single select")
            columns = self.columns_of(check.sql)
            read = self.tables_of(check.sql)
        except duckdb.Error as error:
            raise BadCheck(f"{check.origin}: {str(error).splitlines()[0]}") from error
        undeclared = read - check.tables - self.implied()
        if undeclared:
            raise BadCheck(f"{check.origin}: it reads {_list(undeclared)} and does not declare it")
        unread = check.tables - read
        if unread:
            raise BadCheck(f"{check.origin}: it declares {_list(unread)} and does not read it")
        if len(columns) != len(set(columns)):
            raise BadCheck(f"{check.origin}: two columns of its answer have the same name")

    def implied(self) -> frozenset[str]:
        """Return the tables that come with every judgement, declared or not."""
        return frozenset()


def _lay_out(connection: duckdb.DuckDBPyConnection) -> None:
    """Make every table of the catalogue, empty."""
    stores = {table.store for table in TABLES.values()} | {"run"}
    for store in sorted(stores):
        connection.execute(f"create schema {store}")
    connection.execute("create table run.clock (now timestamp, stuck_before timestamp)")
    for table in TABLES.values():
        scope = [] if table.scope is Scope.GLOBAL else [f'"{table.scope.value}" varchar']
        columns = [f'"{c.name}" {c.type.value}' for c in table.copied_columns]
        body = ", ".join(scope + columns)
        connection.execute(f'create table {table.store}."{table.short_name}" ({body})')


def _list(names: frozenset[str]) -> str:
    """Join names for a message."""
    return ", ".join(sorted(names))
