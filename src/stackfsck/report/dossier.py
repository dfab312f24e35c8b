"""What `trace` says on a terminal: the verdict, its witnesses, every trace, and what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from stackfsck.model.dossier import Relation
from stackfsck.report import commands, paint
from stackfsck.report.traces import trees
from stackfsck.report.words import clock, command, count, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console, RenderableType

    from stackfsck.model.dossier import Dossier, Event

MOST_EVENTS = 14
HEAD = 4  # events from the beginning of a long story; the others are from its end


def show(console: Console, dossier: Dossier, *, options: tuple[str, ...], everything: bool) -> None:
    """Print a dossier; `everything` shows all columns, rows and events, contexts included."""
    for part in _parts(dossier, everything=everything):
        console.print(part)
    commands.show(console, _next_steps(dossier, options))


def _parts(dossier: Dossier, *, everything: bool) -> Iterator[RenderableType]:
    yield Padding(_heading(dossier), (1, 0, 0, 0))
    yield Padding(_verdict(dossier), (1, 0, 0, 2))
    yield from _gaps(dossier)
    yield _section("Witnesses")
    yield Padding(_witnesses(dossier), (0, 0, 0, 2))
    if dossier.findings:
        yield _section("Findings")
        yield Padding(_findings(dossier), (0, 0, 0, 2))
    yield _section("Traces, from the books down to the metal")
    for tree in trees(dossier, everything=everything):
        yield Padding(tree, (0, 0, 0, 2))
    if dossier.timeline:
        yield _section("What happened (UTC)")
        yield Padding(_timeline(dossier, everything=everything), (0, 0, 0, 2))


def _section(title: str) -> RenderableType:
    return Padding(Text(title, style=paint.HEADING), (1, 0, 0, 0))


def _heading(dossier: Dossier) -> Text:
    line = Text()
    if dossier.display_name:
        line.append_text(shown(dossier.display_name, paint.HEADING, limit=60)).append("  ")
    return line.append(str(dossier.vm))


def _verdict(dossier: Dossier) -> Text:
    line = Text(f" {dossier.verdict.value} ", style=f"{paint.VERDICT[dossier.verdict]} reverse")
    certainty = dossier.certainty
    line.append(f" {certainty.value} ", style=f"not reverse {paint.CERTAINTY[certainty]}")
    return Text.assemble(line, " ", shown(dossier.sentence))


def _gaps(dossier: Dossier) -> Iterator[RenderableType]:
    """Name the readings that could have turned the verdict, and that one look is not enough."""
    if dossier.verdict.accuses and dossier.looks == 1:
        words = "looked at only once; a second look (without --from, or with two) can prove it"
        yield Padding(Text("? ", style=paint.WARNING).append(words), (0, 0, 0, 2))
    for reading in dossier.gaps:
        line = Text("? ", style=paint.WARNING).append_text(shown(f"not read to its end: {reading}"))
        yield Padding(line, (0, 0, 0, 2))


def _witnesses(dossier: Dossier) -> RenderableType:
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column(ratio=1, overflow="fold")
    for witness in dossier.witnesses:
        mark, style = paint.SPEAKS[witness.speaks]
        says = Text(witness.speaks.value, style=style)
        grid.add_row(Text(mark, style=style), says, shown(witness.sentence))
    return grid


def _findings(dossier: Dossier) -> RenderableType:
    grid = Table.grid(padding=(0, 2, 0, 0))
    for finding in dossier.findings:
        grid.add_row(
            Text(finding.code, style=paint.CODE),
            Text(finding.certainty.value, style=paint.CERTAINTY[finding.certainty]),
            shown(finding.title),
        )
    return grid


def _timeline(dossier: Dossier, *, everything: bool) -> RenderableType:
    """Draw what happened, oldest first; of a long story the beginning and the end."""
    events = list(dossier.timeline)
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, style=paint.QUIET)
    grid.add_column(ratio=1, overflow="fold")
    if everything or len(events) <= MOST_EVENTS:
        middle, head, tail = 0, events, []
    else:
        middle, head, tail = len(events) - MOST_EVENTS, events[:HEAD], events[HEAD - MOST_EVENTS :]
    for event in head:
        grid.add_row(*_event(event))
    if middle:
        grid.add_row("", Text(f"… {count(middle, 'more event')}; -v shows them", style=paint.QUIET))
    for event in tail:
        grid.add_row(*_event(event))
    return grid


def _event(event: Event) -> tuple[str, Text]:
    line = shown(event.what)
    if event.detail:
        line.append("  ").append_text(shown(event.detail, paint.QUIET, limit=120))
    return clock(event.at), line


def _next_steps(dossier: Dossier, options: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for code in list(dict.fromkeys(finding.code for finding in dossier.findings))[:3]:
        yield command("stackfsck", "explain", code), "what it means, and when it is wrong"
    if any(record.relation is Relation.CONTEXT for record in dossier.records):
        typed = command("stackfsck", "trace", "-v", *options, dossier.vm)
        yield typed, "all columns, and what the traces name"
