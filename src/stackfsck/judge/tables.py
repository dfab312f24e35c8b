"""Which tables of the catalogue a query reads, seen through the shared views."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from stackfsck.catalogue import TABLES
from stackfsck.model.errors import BadCheck
from stackfsck.store.ddl import make_tables

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stackfsck.model.check import Check

TRANSIT = "vm.in_transit"
"""The view that every judgement uses, whether its check names it or not."""


class TableFinder:
    """An empty cloud in memory, in which queries are taken apart and never run."""

    def __init__(self, views: Mapping[str, str]) -> None:
        """Lay out the catalogue's tables and these views (name to select, in order)."""
        self._connection = duckdb.connect(":memory:")
        make_tables(self._connection)
        self._connection.execute("create schema run")
        self._connection.execute("create table run.clock (now timestamp, stuck_before timestamp)")
        for name, select in views.items():
            self._connection.execute(f"create schema if not exists {name.partition('.')[0]}")
            self._connection.execute(f"create view {name} as {select}")
        self.transit = self.tables_of(f"from {TRANSIT}")

    def tables_of(self, sql: str) -> frozenset[str]:
        """Return the catalogue's tables that a query rests on; raises duckdb.Error."""
        named = self._connection.get_table_names(sql, qualified=True)
        # DuckDB 2.0 appends the alias to a qualified name.
        return (
            frozenset(name.partition(" AS ")[0].replace('"', "") for name in named) & TABLES.keys()
        )

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
        _refuse_undeclared(check, read)
        if len(columns) != len({name.lower() for name in columns}):
            raise BadCheck(f"{check.origin}: two columns of its answer have the same name")


def _refuse_undeclared(check: Check, read: frozenset[str]) -> None:
    """Raise BadCheck unless the declared tables are exactly those that the query rests on."""
    if undeclared := read - check.tables:
        raise BadCheck(f"{check.origin}: it reads {_list(undeclared)} and does not declare it")
    if unread := check.tables - read:
        raise BadCheck(f"{check.origin}: it declares {_list(unread)} and does not read it")


def _list(names: Iterable[str]) -> str:
    """Join names for a message."""
    return ", ".join(sorted(names))
