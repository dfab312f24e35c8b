"""The traces of one VM drawn as trees: one per layer, what belongs to a thing below that thing."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.text import Text
from rich.tree import Tree

from stackfsck.catalogue import TABLES
from stackfsck.model.dossier import Relation
from stackfsck.report import paint
from stackfsck.report.words import count, listed, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stackfsck.model.dossier import Dossier, Name, Record, Reference

MOST_FIELDS = 5
MOST_RECORDS = 12  # of one table; the others are counted
_UUID = re.compile(r"\b([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
SHORT = 8  # characters of an id that stands elsewhere in full

# The columns that tell most, in the order in which they are shown.
TELLING = (
    *("display_name", "nova_name", "name", "state", "vm_state", "task_state", "status"),
    *("attach_status", "migration_status", "migration_type", "source_compute", "dest_compute"),
    *("host", "node", "attached_host", "device_name", "mountpoint", "size", "volume_size"),
    *("device_owner", "mac_address", "mac", "vif_type", "used", "resource_class_id", "source"),
    *(
        "resource_provider_id",
        "network_id",
        "target",
        "pid",
        "bridge",
        "queued_for_delete",
        "portal",
        "device",
        "kind",
        "why",
        "rows",
    ),
    *("pool", "suffix", "watchers", "hypervisor_hostname", "binary", "last_seen_up", "started"),
)


@dataclass(slots=True)
class _Drawing:
    """What is drawn: the records, whom each names, and what stands below what."""

    dossier: Dossier
    everything: bool
    drawn: dict[Name, Record] = field(default_factory=dict)
    context: dict[Name, Record] = field(default_factory=dict)
    aside: list[Record] = field(default_factory=list)
    names: dict[Name, list[Reference]] = field(default_factory=lambda: defaultdict(list))
    below: dict[Name, list[Record]] = field(default_factory=lambda: defaultdict(list))


def trees(dossier: Dossier, *, everything: bool) -> Iterator[Tree]:
    """Draw one tree per layer.

    Without `everything`, context is left out, rows that tell nothing of their own are only
    counted, and each record takes about one line.
    """
    drawing = _laid_out(dossier, everything=everything)
    nested = {record.name for members in drawing.below.values() for record in members}
    for layer, records in dossier.by_layer().items():
        tree = Tree(Text(layer.value, style=paint.HEADING), guide_style=paint.QUIET)
        tops = [r for r in records if r.name in drawing.drawn and r.name not in nested]
        _grow(tree, tops, drawing)
        aside = [record for record in drawing.aside if record.layer is layer]
        if aside:
            tree.add(_counted(aside))
        if tree.children:
            yield tree


def _laid_out(dossier: Dossier, *, everything: bool) -> _Drawing:
    """Decide what is drawn, what is only counted, and what stands below what."""
    drawing = _Drawing(dossier, everything)
    for record in dossier.records:
        if record.relation is Relation.CONTEXT:
            drawing.context[record.name] = record
        if everything or record.relation is not Relation.CONTEXT:
            if everything or _tells(record):
                drawing.drawn[record.name] = record
            else:
                drawing.aside.append(record)
    for reference in dossier.references:
        drawing.names[reference.source].append(reference)
    for name, record in drawing.drawn.items():
        owner = next((r.target for r in drawing.names[name] if _stands_below(r, drawing)), None)
        if owner:
            drawing.below[owner].append(record)
    return drawing


def _tells(record: Record) -> bool:
    """Whether a record says more than that it is there: children of many rows do not."""
    table = TABLES.get(record.name.table)
    return table is None or table.copied


def _stands_below(reference: Reference, drawing: _Drawing) -> bool:
    """Whether the record that names another is drawn below it: both of one layer and place."""
    source, target = drawing.drawn[reference.source], drawing.drawn.get(reference.target)
    if target is None or target.name.table == "nova.instances":
        return False
    return source.layer is target.layer and source.name.scope == target.name.scope


def _grow(
    tree: Tree, records: Iterable[Record], drawing: _Drawing, above: Name | None = None
) -> None:
    """Add records (which stand below `above`) to a tree, and what stands below each of them."""
    tables: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        tables[record.name.table].append(record)
    for table, members in tables.items():
        most = len(members) if drawing.everything else MOST_RECORDS
        for record in members[:most]:
            branch = tree.add(_line(record, above, drawing))
            if drawing.everything:
                branch.add(_fields(record, drawing))
            _grow(branch, drawing.below[record.name], drawing, record.name)
        left = len(members) - most
        left = max(left, 0) + drawing.dossier.left_out.get(table, 0)
        if left:
            tree.add(Text(f"{table}: {count(left, 'more row')}", style=paint.QUIET))


def _counted(records: list[Record]) -> Text:
    """Count the rows that tell nothing of their own."""
    tables = Counter(record.name.table.partition(".")[2] for record in records)
    told = [f"{table} {many}" if many > 1 else table for table, many in tables.items()]
    words = f"and {count(len(records), 'row')} in {listed(told)}"
    return Text(words, style=paint.QUIET)


def _line(record: Record, above: Name | None, drawing: _Drawing) -> Text:
    """Return one record in a line: its name, what tells most of it, and whom it names."""
    key = record.name.key if drawing.everything else _short_key(record.name.key, above)
    style = paint.QUIET if record.deleted or record.relation is Relation.CONTEXT else ""
    line = Text().append_text(shown(record.name.table.partition(".")[2], f"cyan {style}".strip()))
    line.append(" ").append_text(shown(key, f"bold {style}".strip(), limit=100))
    if record.name.scope and not above:
        line.append(" in ", style=paint.QUIET).append_text(shown(record.name.scope, style))
    if record.deleted:
        line.append(" deleted", style=paint.BAD)
    if not drawing.everything:
        fields = _fields(record, drawing)
        line.append("  " if fields.plain else "").append_text(fields)
    for reference in drawing.names[record.name]:
        if _is_told(reference, record, drawing):
            line.append_text(_arrow(reference))
    return line


def _short_key(key: str, above: Name | None) -> str:
    """Return a key without what the line above says; ids in a key of several parts are cut."""
    if above and key.startswith(f"{above.key}/"):
        key = key.removeprefix(f"{above.key}/")
    return _UUID.sub(r"\1…", key) if "/" in key and not key.startswith("/") else key


def _is_told(reference: Reference, record: Record, drawing: _Drawing) -> bool:
    """Whether an arrow says something that the tree does not say already."""
    if reference.dangling:
        return not reference.target.table.startswith("keystone.")
    if reference.target.table == "nova.instances":
        return False
    if record in drawing.below.get(reference.target, ()):
        return False
    return reference.target in drawing.drawn


def _arrow(reference: Reference) -> Text:
    """Return whom a record names, and whether that is there."""
    target, dangling = reference.target, reference.dangling
    key = target.key if dangling or len(target.key) <= SHORT else f"{target.key[:SHORT]}…"
    line = Text("  → ", style=paint.BAD if dangling else paint.QUIET)
    line.append_text(shown(f"{target.table} {key}", "" if dangling else paint.QUIET))
    if dangling:
        words = " is not there" if reference.sure else " was not seen (not all was read)"
        line.append(words, style=paint.BAD if reference.sure else paint.WARNING)
    return line


def _labels(record: Record, drawing: _Drawing) -> dict[str, str]:
    """Return what the numbers of a record stand for: the names of the context that they name."""
    labels = {}
    for reference in drawing.names[record.name]:
        named = drawing.context.get(reference.target)
        name = named.fields.get("name", "") if named else ""
        if name and name != record.fields.get(reference.how):
            labels[reference.how] = name
    return labels


def _fields(record: Record, drawing: _Drawing) -> Text:
    """Return what tells most of a record (or all of it) as pairs of name and value."""
    said = {str(drawing.dossier.vm), record.name.scope}
    said |= {part for part in record.name.key.split("/") if len(part) > SHORT}
    if drawing.everything:
        chosen = list(record.fields)
    else:
        telling = [name for name in TELLING if name in record.fields]
        chosen = [name for name in telling if record.fields[name] not in said][:MOST_FIELDS]
    labels = _labels(record, drawing)
    line = Text()
    for name in chosen:
        line.append("  " if line.plain else "").append(f"{name} ", style=paint.QUIET)
        line.append_text(shown(record.fields[name], limit=0 if drawing.everything else 48))
        if label := labels.get(name):
            line.append(" = ", style=paint.QUIET).append_text(shown(label, limit=40))
    return line
