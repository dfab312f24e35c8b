"""What `collect` says: what was read into the file, and what was not."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from stackfsck.model.coverage import Outcome
from stackfsck.model.dossier import Layer
from stackfsck.report import commands, paint
from stackfsck.report.as_json import Shape, reading_shape, shape_of
from stackfsck.report.hints import gaps_of
from stackfsck.report.words import command, count, number_of_bytes, shown

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from stackfsck.model.coverage import Reading


def shape(path: Path, coverage: tuple[Reading, ...]) -> Shape:
    """Return the answer for programs."""
    return shape_of("collect/1", snapshot=path, coverage=[reading_shape(r) for r in coverage])


def show(console: Console, path: Path, coverage: tuple[Reading, ...]) -> None:
    """Print how many rows of each layer were read, and what to type next."""
    rows: dict[Layer, int] = defaultdict(int)
    scopes: dict[Layer, set[str]] = defaultdict(set)
    for reading in coverage:
        layer = Layer.of(reading.source)
        rows[layer] += reading.rows
        if reading.outcome in {Outcome.COMPLETE, Outcome.PARTIAL}:
            scopes[layer] |= {reading.scope} - {""}
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(justify="right", no_wrap=True)
    grid.add_column(style=paint.QUIET)
    for layer in Layer:
        if layer in rows:
            places = f"from {count(len(scopes[layer]), 'place')}" if scopes[layer] else ""
            grid.add_row(layer.value, count(rows[layer], "row"), places)
    console.print(Padding(grid, (1, 0, 1, 0)))
    _show_gaps(console, coverage)
    size = number_of_bytes(path.stat().st_size)
    commands.show(console, [(command("stackfsck", "check", "--from", path), "judge what was read")])
    console.print()
    console.print(shown(f"{path}, {size}"))


def _show_gaps(console: Console, coverage: tuple[Reading, ...]) -> None:
    for gap in gaps_of(coverage):
        line = shown(f"{gap.place}: {gap.reason}", paint.OUTCOME[gap.outcome], limit=300)
        line.append(f" ({count(len(gap.tables), 'table')})", style=paint.QUIET)
        console.print(Padding(line, (0, 0, 0, 0)))
        console.print(Text("→ ").append_text(shown(gap.way_on)))
