"""One look at one snapshot: what every check answers, before anything is concluded from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import duckdb

from stackfsck.judge.gaps import Gaps
from stackfsck.judge.tables import TRANSIT
from stackfsck.model.errors import BadCheck
from stackfsck.model.finding import Finding, Held, HeldWhy, Unjudged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from stackfsck.model.check import Check
    from stackfsck.store.snapshot import Snapshot

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What one look saw: suspects (with what is missing to prove them), and the rest."""

    suspects: tuple[Finding, ...]
    held: tuple[Held, ...]
    unjudged: tuple[Unjudged, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a look goes by.

    `now` is the moment of the reading (UTC, without zone); what changed less than `grace` before
    it is left alone. `transit` names the tables behind `vm.in_transit`.
    """

    now: datetime
    grace: timedelta
    transit: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Knowledge:
    """What is known of the VMs that some check answered."""

    transit: Mapping[UUID, str] = field(default_factory=dict)
    changed: Mapping[UUID, datetime] = field(default_factory=dict)


def _nothing(check: Check) -> None:
    """Tell nobody."""


def look(
    snapshot: Snapshot,
    checks: Iterable[Check],
    rules: Rules,
    began: Callable[[Check], None] = _nothing,
) -> Sighting:
    """Ask every check of a joined snapshot; `began` is told which one is being asked.

    Raises BadCheck when a query fails: a check that cannot be asked must not look like a clean
    one.
    """
    gaps = Gaps(snapshot.coverage())
    known = _knowledge(snapshot)
    suspects: list[Finding] = []
    held: list[Held] = []
    unjudged: list[Unjudged] = []
    for check in checks:
        began(check)
        for row in _ask(snapshot, check):
            finding = _finding(check, row, gaps, rules)
            reason = _hold(finding, row, known, rules)
            if reason:
                held.append(reason)
            else:
                suspects.append(finding)
        if missing := gaps.unread_of(check):
            unjudged.append(Unjudged(code=check.code, missing=missing))
    return Sighting(suspects=tuple(suspects), held=tuple(held), unjudged=tuple(unjudged))


def _knowledge(snapshot: Snapshot) -> _Knowledge:
    """Fetch the VMs in transit and the young ones: they are few."""
    transit: dict[UUID, str] = {}
    for row in snapshot.query(f"select uuid, reason from {TRANSIT} order by all"):
        transit[row["uuid"]] = row["reason"]
    changed = snapshot.query(
        "select c.uuid, c.moment from vm.changed as c cross join run.clock as k "
        "where c.moment > k.now - interval 1 day"
    )
    return _Knowledge(transit, {row["uuid"]: row["moment"] for row in changed})


def _ask(snapshot: Snapshot, check: Check) -> list[Row]:
    """Run one check's query."""
    try:
        return snapshot.query(check.sql)
    except duckdb.Error as error:
        raise BadCheck(
            f"{check.origin}: the query fails: {str(error).splitlines()[0]}",
            next_step="Mend the file, or leave it out of the folder given with --checks.",
        ) from error


def _finding(check: Check, row: Row, gaps: Gaps, rules: Rules) -> Finding:
    """Make a suspect of a row, with the gaps that keep it from being proved."""
    cell, host = _text(row.get("cell")), _text(row.get("host"))
    vm = row["vm"] if isinstance(row.get("vm"), UUID) else None
    evidence = {name: _text(value) for name, value in row.items() if value is not None}
    return Finding(
        check=check,
        subject=_text(next(iter(row.values()))),
        vm=vm,
        cell=cell,
        host=host,
        evidence=evidence,
        gaps=gaps.of_check(
            check, rules.transit, cell=cell, host=host, is_about_a_vm=vm is not None
        ),
    )


def _hold(finding: Finding, row: Row, known: _Knowledge, rules: Rules) -> Held | None:
    """Say why a row is no finding now, or None when it is one."""
    if finding.vm and not finding.check.judges_transit and finding.vm in known.transit:
        return _held(finding, HeldWhy.IN_TRANSIT, known.transit[finding.vm])
    moments = [known.changed.get(finding.vm) if finding.vm else None, row.get("changed_at")]
    newest = max((m for m in moments if isinstance(m, datetime)), default=None)
    if newest is not None and newest > rules.now - rules.grace:
        return _held(finding, HeldWhy.YOUNG, f"changed {newest:%Y-%m-%d %H:%M:%S}")
    return None


def _held(finding: Finding, why: HeldWhy, detail: str) -> Held:
    """Note that a row is held back."""
    return Held(code=finding.code, subject=finding.subject, vm=finding.vm, why=why, detail=detail)


def _text(value: object) -> str:
    """Write a value as evidence shows it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, list | tuple):
        return ", ".join(_text(part) for part in value)
    return str(value)
