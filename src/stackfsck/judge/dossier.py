"""From a snapshot to the dossier of one VM."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from stackfsck.catalogue import TABLES
from stackfsck.catalogue.table import Column, Scope, Table
from stackfsck.judge.timeline import timeline_of
from stackfsck.judge.traces import Row, Traces, needs_scope, traces_of
from stackfsck.judge.witnesses import gaps_of, scene_of, verdict_of, witnesses_of
from stackfsck.model.dossier import Dossier, Name, Reference, Relation, Verdict
from stackfsck.model.finding import Certainty

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from stackfsck.model.coverage import Reading
    from stackfsck.store.snapshot import Snapshot


def dossier_of(snapshot: Snapshot, vm: UUID, *, grace: timedelta = timedelta(0)) -> Dossier:
    """Return everything that a snapshot knows of one VM, as one look sees it.

    The snapshot is opened and the shared views are laid over it. It may be that of a whole cloud or
    one that holds only the rows of this VM, as long as its coverage says which sources were
    asked. Nothing is held against a VM that changed less than `grace` before it was read. A VM
    that nothing refers to has a dossier without records.
    """
    traces = traces_of(snapshot, vm)
    scene = scene_of(snapshot, traces)
    verdict, sentence = verdict_of(scene)
    if verdict.accuses and (recent := _recent_change(snapshot, vm, grace)):
        verdict, sentence = Verdict.TRANSIT, f"Wait before judging it: it changed at {recent}."
    gaps = gaps_of(scene, verdict)
    proved = not gaps and verdict is not Verdict.OPEN and not verdict.accuses
    return Dossier(
        vm=vm,
        display_name=_display_name(traces),
        verdict=verdict,
        certainty=Certainty.PROVED if proved else Certainty.SUSPECTED,
        sentence=sentence,
        witnesses=witnesses_of(scene),
        records=tuple(row.record() for row in _in_order(traces)),
        references=tuple(references_of(traces, scene.coverage)),
        timeline=timeline_of(traces),
        gaps=gaps,
        left_out=traces.left_out,
    )


def seen_twice(first: Dossier, second: Dossier) -> Dossier:
    """Conclude from two looks at the same VM, taken apart: the second as it is told now.

    A verdict that accuses is proved when both looks came to it with nothing left unread.
    """
    gaps = tuple(dict.fromkeys(first.gaps + second.gaps))
    agreed = first.verdict is second.verdict
    sentence = second.sentence
    if not agreed:
        sentence += f" (A look before, it seemed to be: {first.verdict.value}.)"
    proved = agreed and not gaps and second.verdict is not Verdict.OPEN
    return replace(
        second,
        certainty=Certainty.PROVED if proved else Certainty.SUSPECTED,
        sentence=sentence,
        gaps=gaps,
        looks=2,
    )


def _recent_change(snapshot: Snapshot, vm: UUID, grace: timedelta) -> str:
    """Return when a VM last changed, if that is less than the grace time before the reading."""
    rows = snapshot.query(
        "select c.moment from vm.changed as c cross join run.clock as k "
        "where c.uuid = ? and c.moment > k.now - ?::interval",
        [vm, grace],
    )
    return f"{rows[0]['moment']:%Y-%m-%d %H:%M:%S}" if rows else ""


def _display_name(traces: Traces) -> str:
    """Return the name that people know: nova's, else the one that libvirt keeps for nova."""
    for table, column in (("nova.instances", "display_name"), ("libvirt.domains", "nova_name")):
        for row in traces.of(table, Relation.TRACE):
            if row.values.get(column):
                return str(row.values[column])
    return ""


def _in_order(traces: Traces) -> list[Row]:
    """Return the rows in the order of the catalogue, traces before belongings before context."""
    places = {name: place for place, name in enumerate(TABLES)}
    nearness = list(Relation)
    return sorted(
        traces.rows.values(),
        key=lambda r: (places[r.table.name], nearness.index(r.relation), r.name.scope, r.name.key),
    )


def references_of(traces: Traces, coverage: tuple[Reading, ...]) -> Iterator[Reference]:
    """Yield who names whom among the rows of a VM, and who names something that is not there."""
    known = _index(traces)
    for row in _in_order(traces):
        for column in row.table.copied_columns:
            value = row.values.get(column.name)
            if column.refers_to and value is not None:
                yield from _references(row, column, known, coverage)


_Index = dict[tuple[str, str], list[Name]]


def _index(traces: Traces) -> _Index:
    """Return the rows by each of their columns (full name) and its value."""
    found: _Index = {}
    for row in traces.rows.values():
        for column in row.table.copied_columns:
            value = row.values.get(column.name)
            if value is not None:
                full_name = f"{row.table.name}.{column.name}"
                found.setdefault((full_name, str(value)), []).append(row.name)
    return found


def _names_a_record(value: str) -> bool:
    """Whether a value must name something: empty texts and zeros are the services' other nulls."""
    return value not in {"", "0"}


def _references(
    row: Row, column: Column, known: _Index, coverage: tuple[Reading, ...]
) -> Iterator[Reference]:
    """Yield where one column of one row points."""
    value = str(row.values[column.name])
    named = [n for n in known.get((column.refers_to, value), ()) if n != row.name]
    target_name, _, target_column = column.refers_to.rpartition(".")
    target = TABLES.get(target_name)
    if target is None:
        return
    if named:
        for name in _same_scope(row, target, target_column, named):
            yield Reference(source=row.name, target=name, how=column.name)
    elif _names_a_record(value) and _may_dangle(row, target_name):
        readings = [r for r in coverage if r.source == target_name]
        if readings and not row.deleted:
            yield Reference(
                source=row.name,
                target=Name(table=target_name, key=value),
                how=column.name,
                dangling=True,
                sure=all(reading.proves_absence for reading in readings),
            )


def _may_dangle(row: Row, target: str) -> bool:
    """Whether a name that leads nowhere means anything.

    What only belongs to the VM may name something else where others name a VM: the port of a
    floating address names that address, an allocation names a move.
    """
    if row.relation is Relation.CONTEXT:
        return False
    if target == "nova.instances":
        return row.relation is Relation.TRACE
    return target != row.table.name and not target.startswith("keystone.")


def _same_scope(row: Row, target: Table, column: str, names: list[Name]) -> list[Name]:
    """Return the names that a reference can mean: of the same cell or host, where it matters."""
    if row.table.scope is not Scope.GLOBAL and needs_scope(target, target.column(column)):
        return [name for name in names if name.scope == row.name.scope]
    return names
