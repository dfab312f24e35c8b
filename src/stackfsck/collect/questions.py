"""Questions that are answered inside a database, because the rows are too many to travel.

Each fills one table of `catalogue.derived` and says how complete the answer is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from stackfsck.catalogue import TABLES
from stackfsck.catalogue.derived import (
    HOLD_UP_ARCHIVING,
    INFO_CACHES,
    SOFT_DELETED_WITH_THE_VM,
    STRAYS,
)
from stackfsck.catalogue.table import Table
from stackfsck.clients.databases import Condition, Database, Op, Reference, Strays
from stackfsck.model.coverage import Outcome, Reading
from stackfsck.model.errors import Unreadable
from stackfsck.store.arrow import schema_of

if TYPE_CHECKING:
    from stackfsck.store.snapshot import Snapshot

EXAMPLES = 10_000
"""Offenders fetched per reference: past that a list helps nobody, and the reading says so."""

LIVE = (Condition(column="deleted", values=(0,)),)

EMPTY_CACHES = ("", "[]", "null")

Row = dict[str, Any]


def ask(database: Database, table: Table, scope: str, snapshot: Snapshot) -> Reading:
    """Fill one derived table of one scope, and return how complete the answer is."""
    rows: list[Row] = []
    outcome, reason = Outcome.COMPLETE, ""
    try:
        rows.extend(_ANSWERS[table.name](database))
    except Unreadable as error:
        outcome, reason = Outcome.FAILED, str(error)
    added = snapshot.add_rows(table, scope, rows)
    if reason and rows:
        outcome = Outcome.PARTIAL
    return Reading(source=table.name, scope=scope, outcome=outcome, reason=reason, rows=added.rows)


def _strays(database: Database) -> Iterator[Row]:
    """Ask for the child rows whose VM is gone, or deleted while they are live."""
    orphans: dict[tuple[str, str], set[str]] = {}
    capped: list[str] = []
    for child, column in _children(database):
        found = database.strays(Reference(**_to_instances(child, column)), examples=EXAMPLES)
        orphans[child, column] = {vm for vm, _ in found.examples}
        capped += _capped(found)
        for vm, rows in found.examples:
            yield _stray(child, column, vm, "no parent", rows)
    for (child, column), known in orphans.items():
        if child not in SOFT_DELETED_WITH_THE_VM | HOLD_UP_ARCHIVING:
            continue
        live = _to_instances(child, column) | _live(database, child) | {"parent_where": LIVE}
        found = database.strays(Reference(**live), examples=EXAMPLES)
        capped += _capped(found)
        for vm, rows in found.examples:
            if vm not in known:
                yield _stray(child, column, vm, "parent deleted", rows)
    if capped:
        raise Unreadable(f"only {EXAMPLES} VMs are listed of {', '.join(sorted(set(capped)))}")


def _live(database: Database, child: str) -> dict[str, Any]:
    """Say which rows of a child table are live: all of one that nova does not soft-delete."""
    soft = "deleted" in database.schema().tables[child].columns
    return {"child_where": LIVE} if soft else {}


def _capped(found: Strays) -> list[str]:
    """Name the reference whose offenders are too many to be fetched."""
    whole = found.values <= len(found.examples)
    return [] if whole else [f"{found.reference.child} ({found.values})"]


def _children(database: Database) -> list[tuple[str, str]]:
    """Return every table and column that refers to a VM: those known, and those met."""
    met = database.schema()
    known = {
        (table.short_name, column.name)
        for table in TABLES.values()
        for column in table.columns
        if table.store == "nova"
        and table not in {STRAYS, INFO_CACHES}
        and column.refers_to == "nova.instances.uuid"
    }
    enforced = {
        (key.table, key.columns[0])
        for key in met.references
        if key.parent == "instances" and key.parent_columns == ("uuid",)
    }
    # A table that exists and is hidden from the account could hold strays that nobody counts.
    lacks = {t: database.lacks(t, [c]) for t, c in known}
    return sorted({(t, c) for t, c in known if not lacks[t]} | enforced)


def _to_instances(child: str, column: str) -> dict[str, Any]:
    """Name the reference of a child column to the VMs."""
    return {"child": child, "column": column, "parent": "instances", "key": "uuid"}


def _stray(child: str, column: str, vm: str, why: str, rows: int) -> Row:
    """Make one row of `nova.strays`."""
    return {"child": child, "child_column": column, "instance": vm, "why": why, "rows": rows}


def _info_caches(database: Database) -> Iterator[Row]:
    """Ask which live rows of instance_info_caches hold no network at all."""
    met = database.schema().tables.get("instance_info_caches")
    if met is None:
        raise Unreadable("there is no table instance_info_caches")
    column = "network_info"
    empty: set[str] = set()
    for condition in (
        Condition(column=column, op=Op.NULL),
        Condition(column=column, op=Op.IN, values=EMPTY_CACHES),
    ):
        columns = schema_of(TABLES["nova.info_caches"], ["instance_uuid"])
        for batch in database.read("instance_info_caches", columns, (*LIVE, condition)):
            empty |= {str(vm) for vm in batch.column(0).to_pylist() if vm}
    for vm in sorted(empty):
        yield {"instance_uuid": vm, "empty": True}


_ANSWERS: dict[str, Callable[[Database], Iterator[Row]]] = {
    STRAYS.name: _strays,
    INFO_CACHES.name: _info_caches,
}
