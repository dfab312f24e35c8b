"""What `explain` says: one check, from its header, as a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from stackfsck.model.check import Reach
from stackfsck.report import paint
from stackfsck.report.words import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import Console, RenderableType

    from stackfsck.model.check import Check, Source

_KINDS = {
    "zombie": "the record is alive, the domain is gone",
    "ghost": "the domain is alive, the record is gone",
    "orphan": "its owner is gone",
    "stray": "it is in the wrong place",
    "stuck": "it has been in transit for too long",
    "contradiction": "two stores disagree",
    "leak": "a count or reservation that nobody owns",
}
_HARM = {
    "corrupts": "two owners of one disk, address or device",
    "blocks": "an operation on a live VM fails because of it",
    "leaks": "capacity or quota is lost",
    "clutters": "nothing but noise",
}
_WIDEST = 96  # columns beyond which prose is hard to read


def show(console: Console, check: Check, *, sql: bool) -> None:
    """Print the page of one check, with its query when asked for."""
    width = min(console.width, _WIDEST)
    for part in _parts(check, sql=sql):
        console.print(part, width=width)


def _parts(check: Check, *, sql: bool) -> Iterator[RenderableType]:
    severity = check.severity
    title = Text(f"{check.code}  ", style=paint.CODE).append_text(shown(check.name, paint.HEADING))
    yield Padding(title, (1, 0, 1, 0))
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style=paint.QUIET, no_wrap=True)
    grid.add_column(ratio=1, overflow="fold")
    grid.add_row("Says", shown(check.title))
    grid.add_row("Kind", Text.assemble((check.kind.value, "bold"), f": {_KINDS[check.kind.value]}"))
    harm = Text(severity.value, style=paint.SEVERITY[severity])
    grid.add_row("Harm", Text.assemble(harm, f": {_HARM[severity.value]}"))
    if check.remedy:
        grid.add_row("Remedy", shown(check.remedy))
    yield Padding(grid, (0, 0, 0, 2))
    for heading, words in (
        ("What it finds", check.what),
        ("Why it matters", check.why),
        ("When it is wrong", check.wrong),
    ):
        yield Padding(Text(heading, style=paint.HEADING), (1, 0, 0, 0))
        yield Padding(shown(words), (0, 0, 0, 2))
    yield Padding(Text("Where its proof lies", style=paint.HEADING), (1, 0, 0, 0))
    yield Padding(_sources(check), (0, 0, 0, 2))
    if sql:
        yield Padding(Text("The query", style=paint.HEADING), (1, 0, 0, 0))
        query = Syntax(
            check.sql, "sql", background_color="default", word_wrap=True, theme="ansi_dark"
        )
        yield Padding(query, (0, 0, 0, 2))


def _sources(check: Check) -> RenderableType:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style=paint.QUIET, no_wrap=True)
    grid.add_column(ratio=1, overflow="fold")
    grid.add_row("Found in", _list(check.found_in))
    grid.add_row("Absent from", _list(check.absent_from))
    words = "It is proved when these were read to their end, twice; otherwise suspected."
    grid.add_row("", Text(words, style=paint.QUIET))
    return grid


_REACH = {Reach.ALL: "", Reach.CELL: " (of its own cell)", Reach.HOST: " (of its own host)"}


def _list(sources: Iterable[Source]) -> Text:
    words = ", ".join(f"{source.table}{_REACH[source.reach]}" for source in sources)
    return shown(words or "nowhere: it contradicts itself")


def show_all(console: Console, checks: Iterable[Check]) -> None:
    """Print one line for each check."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("code", "kind", "harm", "what it says"):
        table.add_column(heading, ratio=1 if heading == "what it says" else None, overflow="fold")
    for check in checks:
        table.add_row(
            Text(check.code, style=paint.CODE),
            check.kind.value,
            Text(check.severity.value, style=paint.SEVERITY[check.severity]),
            shown(check.name.replace("-", " ")),
        )
    console.print(table)
    console.print(Text("\nstackfsck explain CODE tells all of one.", style=paint.QUIET))
