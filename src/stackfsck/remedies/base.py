"""What every remedy is made with: facts to ask, choices to obey, and the parts of steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from stackfsck.catalogue import TABLES
from stackfsck.catalogue.table import Scope
from stackfsck.model.change import Change, Own, Premise, Those, Value, Verb
from stackfsck.model.change import Moment as _Moment
from stackfsck.model.finding import Finding
from stackfsck.model.plan import Refusal
from stackfsck.model.step import Means, Stage, Step, Way
from stackfsck.store.ddl import quoted

if TYPE_CHECKING:
    from stackfsck.store.snapshot import Snapshot


class Volumes(StrEnum):
    """What becomes of the volumes of a dead VM; its own mark (`delete_on_termination`) aside."""

    KEEP = "keep"  # attachments are left, too
    DETACH = "detach"
    DELETE = "delete"  # needs its own consent


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the operator has decided before a plan is made.

    `hard` removes nova's rows instead of marking them as deleted.
    """

    volumes: Volumes = Volumes.DETACH
    hard: bool = False


class Facts:
    """A joined snapshot, asked by remedies for the rows that a step will touch."""

    def __init__(self, snapshot: Snapshot) -> None:
        """Ask this snapshot."""
        self._snapshot = snapshot

    def rows(self, table: str, **where: Value | UUID) -> list[dict[str, Any]]:
        """Return the rows of a table whose columns have these values; null compares with None."""
        conditions = " and ".join(f'"{name}" is not distinct from ?' for name in where) or "true"
        return self._snapshot.query(
            f"select * from {quoted(TABLES[table])} where {conditions} order by all",
            list(where.values()),
        )

    def ask(self, sql: str, *values: Any) -> list[dict[str, Any]]:  # noqa: ANN401 -- bound values
        """Answer a question that `rows` is too small for."""
        return self._snapshot.query(sql, list(values))

    def scopes(self, table: str) -> tuple[str, ...]:
        """Return the cells or hosts in which a table was read; ("",) for a global one."""
        if TABLES[table].scope is Scope.GLOBAL:
            return ("",)
        readings = self._snapshot.coverage()
        return tuple(sorted({r.scope for r in readings if r.source == table}))


Proposal = Step | Refusal
Propose = Callable[[Facts, Finding, Choices], Iterable[Proposal]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """One way to put a kind of finding right; `what` tells it in a sentence."""

    name: str
    what: str
    propose: Propose = field(repr=False)


MOMENT = _Moment()
OWN_ID = Own("id")
SQL = Way(means=Means.SQL)


def soft_delete(table: str, scope: str, **where: Value) -> Change:
    """Mark nova's rows as deleted, as nova does: `deleted = id`, with the moment."""
    return Change(
        verb=Verb.UPDATE,
        table=table,
        scope=scope,
        where={**where, "deleted": 0},
        values={"deleted": OWN_ID, "deleted_at": MOMENT},
    )


def delete(table: str, scope: str = "", **where: Value | Those) -> Change:
    """Remove rows."""
    return Change(verb=Verb.DELETE, table=table, scope=scope, where=where)


def update(table: str, scope: str, where: Mapping[str, Value], **values: Any) -> Change:  # noqa: ANN401 -- see Change
    """Change rows."""
    return Change(verb=Verb.UPDATE, table=table, scope=scope, where=where, values=values)


def one_step(
    finding: Finding,
    remedy: str,
    stage: Stage,
    title: str,
    place: tuple[str, str],
    **parts: Any,  # noqa: ANN401 -- fields of Step
) -> Step:
    """Make the single SQL step of a finding about one record; `place` is store and scope."""
    store, scope = place
    return Step(
        id=f"{remedy}:{scope}:{finding.subject}" if scope else f"{remedy}:{finding.subject}",
        title=title,
        remedy=remedy,
        stage=stage,
        store=store,
        scope=scope,
        vm=finding.vm,
        because=(finding.code,),
        **{"ways": (SQL,), **parts},
    )


def still_dead(facts: Facts, vm: UUID) -> tuple[Premise, ...]:
    """Return what must hold right before anything of a dead VM goes: no cell has it alive.

    A VM that is being scheduled has a build request and no row: there may be none either.
    """
    nowhere = tuple(
        Premise(table="nova.instances", scope=cell, where={"uuid": str(vm), "deleted": 0})
        for cell in facts.scopes("nova.instances")
    )
    return (*nowhere, Premise(table="nova_api.build_requests", where={"instance_uuid": str(vm)}))


def as_seen(table: str, scope: str, row: Mapping[str, Any], *columns: str) -> Premise:
    """Return that a row still has the values it was judged by; its key comes from the catalogue."""
    described = TABLES[table]
    return Premise(
        table=table,
        scope=scope,
        where={name: plain(row[name]) for name in described.key},
        fields={name: plain(row[name]) for name in columns},
    )


def plain(value: object) -> Value:
    """Return a snapshot's value as a change may hold it."""
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)
