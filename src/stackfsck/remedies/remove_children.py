"""Clear the rows of a VM that has no row of its own, or only a deleted one.

Foreign keys forbid the first; somebody switched them off. Seed of it: the old advice to delete
from `instances` with FOREIGN_KEY_CHECKS=0.
"""

from __future__ import annotations

from collections.abc import Iterator

from stackfsck.catalogue.derived import SOFT_DELETED_WITH_THE_VM
from stackfsck.model.change import Change, Premise, Those
from stackfsck.model.finding import Finding
from stackfsck.model.step import Stage, Step
from stackfsck.remedies.base import SQL, Choices, Facts, Remedy, delete, soft_delete, still_dead

NO_PARENT = "no parent"

ACTIONS = "instance_actions"

NAME = "remove-children"


def propose(facts: Facts, finding: Finding, choices: Choices) -> Iterator[Step]:
    """Yield one step for the cell: every stray row goes, or is marked deleted with its parent."""
    if finding.vm is None:
        return
    strays = facts.rows("nova.strays", cell=finding.cell, instance=finding.vm)
    orphaned = {row["child"] for row in strays if row["why"] == NO_PARENT}
    effects = [e for row in strays for e in _effects(row, finding.cell, hard=choices.hard)]
    # What the database answered of itself is no longer so; databases have no such table.
    effects.append(delete("nova.strays", finding.cell, instance=str(finding.vm)))
    yield Step(
        id=f"children:{finding.cell}:{finding.vm}",
        title=f"Clear the rows of VM {finding.vm} in {finding.cell} that have no VM",
        remedy=NAME,
        stage=Stage.INSTANCE,
        store="nova",
        scope=finding.cell,
        vm=finding.vm,
        because=(finding.code,),
        effects=tuple(effects),
        premises=_premises(facts, finding, gone=bool(orphaned)),
        ways=(SQL,),
    )


def _effects(stray: dict[str, object], cell: str, *, hard: bool) -> Iterator[Change]:
    """Say what becomes of the stray rows of one table."""
    child, column, vm = str(stray["child"]), str(stray["child_column"]), str(stray["instance"])
    if stray["why"] == NO_PARENT or hard or child not in SOFT_DELETED_WITH_THE_VM:
        if child == ACTIONS:
            yield events_of(vm, cell)
        yield delete(f"nova.{child}", cell, **{column: vm})
    else:
        yield soft_delete(f"nova.{child}", cell, **{column: vm})


def events_of(vm: str, cell: str) -> Change:
    """Remove the events of a VM's actions: they name those by number and have to go first."""
    actions = Those(table="nova.instance_actions", column="id", where={"instance_uuid": vm})
    return delete("nova.instance_actions_events", cell, action_id=actions)


def _premises(facts: Facts, finding: Finding, *, gone: bool) -> tuple[Premise, ...]:
    """The VM is dead everywhere and, for rows without a parent, has no row in this cell."""
    vm = finding.vm
    if vm is None:
        return ()
    none = Premise(table="nova.instances", scope=finding.cell, where={"uuid": str(vm)})
    return (*still_dead(facts, vm), *([none] if gone else []))


REMEDIES = (
    Remedy(
        name=NAME,
        what="Removes rows of VMs that do not exist, and marks those of deleted VMs as deleted.",
        propose=propose,
    ),
)
