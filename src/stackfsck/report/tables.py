"""What `tables` says: the tables that a snapshot holds, and what each column means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from stackfsck.catalogue.table import Scope
from stackfsck.model.dossier import Layer
from stackfsck.report import paint
from stackfsck.report.words import count, shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

    from stackfsck.catalogue.table import Column
    from stackfsck.catalogue.table import Table as Described

_PER = {Scope.GLOBAL: "", Scope.CELL: "one per cell", Scope.HOST: "one per host"}


def show_all(console: Console, tables: Iterable[Described]) -> None:
    """Print one line per table, by store."""
    shown_layers: set[Layer] = set()
    grid = _grid()
    for table in tables:
        layer = Layer.of(table.name)
        if layer not in shown_layers:
            grid.add_row(Text(f"{layer.value}", style=paint.HEADING), "")
            shown_layers.add(layer)
        grid.add_row(f"  {table.name}", table.meaning)
    console.print(grid)
    console.print(Text("\nstackfsck tables NAME tells its columns.", style=paint.QUIET))


def show_one(console: Console, table: Described) -> None:
    """Print one table with its columns."""
    console.print(Padding(Text(table.name, style=paint.CODE), (1, 0, 0, 0)))
    console.print(shown(table.meaning))
    facts = [_PER[table.scope], f"key {', '.join(table.key)}"]
    facts += [f"the VM is in {table.vm}"] if table.vm else []
    facts += [] if table.copied else ["asked in its own database, never copied whole"]
    console.print(shown(" · ".join(filter(None, facts)), paint.QUIET))
    grid = _grid()
    for column in table.columns:
        grid.add_row(Text(column.name, style=paint.HEADING), _column(column))
    console.print(Padding(grid, (1, 0, 0, 2)))


def _grid() -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(ratio=1, overflow="fold")
    return grid


def _column(column: Column) -> Text:
    line = shown(column.meaning)
    facts = [column.type.value.lower()]
    facts += [f"names {column.refers_to}"] if column.refers_to else []
    facts += [f"since {column.since}"] if column.since else []
    facts += [f"until {column.until}"] if column.until else []
    facts += ["secret: never read"] if column.secret else []
    return line.append(f"  {' · '.join(facts)}", style=paint.QUIET)


def rows_in(console: Console, rows: Iterable[tuple[str, int]]) -> None:
    """Print how many rows of each table a snapshot holds."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(justify="right", no_wrap=True)
    for name, many in rows:
        grid.add_row(name, count(many, "row"))
    console.print(grid)
