"""What `trace` says on a terminal: the verdict, its witnesses, every trace, and what happened."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from stackfsck.model.dossier import Relation
from stackfsck.report import commands, paint
from stackfsck.report.words import clock, command, count, shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from rich.console import Console, RenderableType

    from stackfsck.model.dossier import Dossier, Event, Name, Record, Reference

MOST_FIELDS = 6
MOST_RECORDS = 12  # of one table; the others are counted, --verbose shows them
MOST_EVENTS = 24

# The columns that tell most, in the order in which they are shown.
TELLING = (
    *("display_name", "nova_name", "name", "state", "vm_state", "task_state", "status"),
    *("attach_status", "migration_status", "migration_type", "source_compute", "dest_compute"),
    *("host", "node", "attached_host", "volume_id", "attachment_id", "device_name", "mountpoint"),
    *("device_owner", "mac_address", "mac", "ip_address", "floating_ip_address", "vif_type"),
    *("resource_class_id", "used", "size", "path", "source", "target", "pid", "iface_id"),
    *("interface_id", "serial", "action", "event", "message", "result", "queued_for_delete"),
    *("bridge", "portal", "iqn", "pool", "suffix", "watchers", "hypervisor_hostname", "binary"),
)
# What every row has and no reader needs, and what the line above it says already.
_DULL = frozenset(
    {"id", "uuid", "created_at", "updated_at", "deleted_at", "deleted", "project_id", "user_id"}
)


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
    for tree in _trees(dossier, everything=everything):
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
    """Name the readings that could have turned the verdict."""
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


def _trees(dossier: Dossier, *, everything: bool) -> Iterator[Tree]:
    """Draw one tree per layer: tables, their records, and whom each record names."""
    names = _arrows(dossier, everything=everything)
    for layer, records in dossier.by_layer().items():
        tree = Tree(Text(layer.value, style=paint.HEADING), guide_style=paint.QUIET)
        tables: dict[str, list[Record]] = defaultdict(list)
        for record in records:
            if everything or record.relation is not Relation.CONTEXT:
                tables[record.name.table].append(record)
        for table, members in tables.items():
            most = len(members) if everything else MOST_RECORDS
            for record in members[:most]:
                _grow(tree, dossier.vm, record, names[record.name], everything=everything)
            left = len(members) - most + dossier.left_out.get(table, 0)
            if left > 0:
                tree.add(Text(f"{table}: {count(left, 'more row')}", style=paint.QUIET))
        if tree.children:
            yield tree


def _arrows(dossier: Dossier, *, everything: bool) -> dict[Name, list[Reference]]:
    """Return whom each record names, as far as it is drawn.

    That a trace names the VM is what makes it one; that it names a host or network is said by
    the column, unless everything is wanted or there is no such host.
    """
    context = {r.name for r in dossier.records if r.relation is Relation.CONTEXT}
    arrows: dict[Name, list[Reference]] = defaultdict(list)
    for reference in dossier.references:
        dull = reference.target.table == "nova.instances" or reference.target in context
        if reference.dangling or everything or not dull:
            arrows[reference.source].append(reference)
    return arrows


def _grow(
    tree: Tree, vm: UUID, record: Record, names: list[Reference], *, everything: bool
) -> None:
    """Add one record and whom it names to its layer's tree."""
    style = paint.QUIET if record.deleted or record.relation is Relation.CONTEXT else ""
    line = shown(record.name.table.partition(".")[2], f"bold {style}".strip())
    line.append(" ").append_text(shown(record.name.key, style, limit=80))
    if record.name.scope:
        line.append(" in ", style=paint.QUIET).append_text(shown(record.name.scope, style))
    if record.deleted:
        line.append("  deleted", style=paint.BAD)
    if record.relation is Relation.BELONGS:
        line.append("  belongs to it", style=paint.QUIET)
    branch = tree.add(line)
    said = {str(vm), *(reference.how for reference in names)}
    fields = _fields(record, said, everything=everything)
    if fields.plain:
        branch.add(fields)
    for reference in names:
        branch.add(_arrow(reference))


def _fields(record: Record, said: set[str], *, everything: bool) -> Text:
    """Return the telling columns of a record (or all of them) as `name value` pairs.

    `said` holds the values and columns that the lines around it tell already.
    """
    said |= {record.name.key, record.name.scope, *record.name.key.split("/")}
    order = [name for name in TELLING if name in record.fields]
    order += [name for name in record.fields if name not in TELLING and name not in _DULL]
    if everything:
        chosen = list(record.fields)
    else:
        new = [name for name in order if not said & {name, record.fields[name]}]
        chosen = new[:MOST_FIELDS]
    line = Text()
    for name in chosen:
        line.append("  " if line.plain else "").append(f"{name} ", style=paint.QUIET)
        line.append_text(shown(record.fields[name], limit=0 if everything else 60))
    return line


def _arrow(reference: Reference) -> Text:
    """Return whom a record names, and whether that is there."""
    target = reference.target
    line = Text("→ ", style=paint.BAD if reference.dangling else paint.QUIET)
    line.append_text(shown(f"{target.table} {target.key}", limit=110))
    line.append(f" by {reference.how}", style=paint.QUIET)
    if reference.dangling:
        words = "  is not there" if reference.sure else "  was not seen (not all was read)"
        line.append(words, style=paint.BAD if reference.sure else paint.WARNING)
    return line


def _timeline(dossier: Dossier, *, everything: bool) -> RenderableType:
    """Draw what happened, oldest first; of a long story the beginning and the end."""
    events = list(dossier.timeline)
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, style=paint.QUIET)
    grid.add_column(ratio=1, overflow="fold")
    if everything or len(events) <= MOST_EVENTS:
        middle, head, tail = 0, events, []
    else:
        middle, head, tail = len(events) - MOST_EVENTS, events[:4], events[4 - MOST_EVENTS :]
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
