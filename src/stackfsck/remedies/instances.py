"""Nova's own rows of a VM: mark them as deleted the way nova does, or remove them for good.

Sources: nova/db/main/api.py `instance_destroy`; the order of a forced removal was proved on the
schema of nova 34, where the parent first is refused (error 1451).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stackfsck.catalogue.derived import SOFT_DELETED_WITH_THE_VM
from stackfsck.model.change import Change, Premise, Verb
from stackfsck.model.finding import Finding
from stackfsck.model.plan import Refusal
from stackfsck.model.step import Stage, Step
from stackfsck.remedies.base import (
    MOMENT,
    OWN_ID,
    SQL,
    Choices,
    Facts,
    Proposal,
    Remedy,
    as_seen,
    delete,
    one_step,
    soft_delete,
    still_dead,
    update,
)
from stackfsck.remedies.remove_children import events_of

HARD_ORDER = (
    "instance_actions",
    "instance_faults",
    "instance_info_caches",
    "instance_metadata",
    "instance_system_metadata",
    "instance_extra",
    "block_device_mapping",
    "virtual_interfaces",
    "security_group_instance_association",
    "migrations",
    "share_mapping",
    "fixed_ips",
    "consoles",
)
"""Children before the parent; the events of actions go before these."""

FREE = {"status": "available", "instance_uuid": None, "request_id": None}
"""What nova makes of a PCI device that nobody has any more; its row is never deleted."""


def soft_rows(vm: str, cell: str) -> tuple[Change, ...]:
    """Return what marks every row of a VM as deleted, the VM's own last."""
    return (
        *(
            soft_delete(f"nova.{t}", cell, instance_uuid=vm)
            for t in sorted(SOFT_DELETED_WITH_THE_VM)
        ),
        soft_delete("nova.instance_id_mappings", cell, uuid=vm),
        delete("nova.tags", cell, resource_id=vm),
        delete("nova.console_auth_tokens", cell, instance_uuid=vm),
        update("nova.pci_devices", cell, {"instance_uuid": vm}, **FREE),
        Change(
            verb=Verb.UPDATE,
            table="nova.instances",
            scope=cell,
            where={"uuid": vm},
            values={
                "deleted": OWN_ID,
                "deleted_at": MOMENT,
                "vm_state": "deleted",
                "task_state": None,
                "power_state": 0,
                "terminated_at": MOMENT,
            },
        ),
    )


def hard_rows(vm: str, cell: str) -> tuple[Change, ...]:
    """Return what removes every row of a VM for good, in the order of the foreign keys."""
    return (
        events_of(vm, cell),
        *(delete(f"nova.{table}", cell, instance_uuid=vm) for table in HARD_ORDER),
        delete("nova.instance_id_mappings", cell, uuid=vm),
        delete("nova.tags", cell, resource_id=vm),
        delete("nova.console_auth_tokens", cell, instance_uuid=vm),
        delete("nova.volume_usage_cache", cell, instance_uuid=vm),
        update("nova.pci_devices", cell, {"instance_uuid": vm}, **FREE),
        delete("nova.instances", cell, uuid=vm),
    )


def bury_rows(row: dict[str, Any], choices: Choices, because: tuple[str, ...]) -> Step:
    """Return the step that ends a VM in nova's books; `row` is its row as it was judged."""
    vm, cell = str(row["uuid"]), str(row["cell"])
    seen = ("deleted", "vm_state", "host", "task_state")
    return Step(
        id=f"instance:{cell}:{vm}",
        title=f"{'Remove' if choices.hard else 'Mark as deleted'} the rows of VM {vm} in {cell}",
        remedy="finish-deletion",
        stage=Stage.INSTANCE,
        store="nova",
        scope=cell,
        vm=row["uuid"],
        because=because,
        effects=hard_rows(vm, cell) if choices.hard else soft_rows(vm, cell),
        premises=(as_seen("nova.instances", cell, row, *seen),),
        ways=(SQL,),
    )


def finish_deletion(facts: Facts, finding: Finding, choices: Choices) -> Iterator[Step]:
    """End a delete that was begun: by `deleted = 1`, without a date, or in the state alone.

    Nova's own reaper then finds the domain, if one still runs, and takes it down.
    """
    for row in facts.rows("nova.instances", uuid=finding.vm, cell=finding.cell):
        if row["deleted"] == row["id"]:
            where = {"uuid": str(finding.vm)}
            yield one_step(
                finding,
                "finish-deletion",
                Stage.INSTANCE,
                f"Date the deletion of VM {finding.vm}",
                ("nova", finding.cell),
                effects=(update("nova.instances", finding.cell, where, deleted_at=MOMENT),),
                premises=(as_seen("nova.instances", finding.cell, row, "deleted", "deleted_at"),),
            )
        else:
            yield bury_rows(row, choices, (finding.code,))


def remove_cell_copy(facts: Facts, finding: Finding, _: Choices) -> Iterator[Proposal]:
    """Of a VM with rows in two cells, leave the one that nova's index points to."""
    mapped = facts.ask("select cell from vm.mapped where uuid = ?", finding.vm)
    rows = facts.rows("nova.instances", uuid=finding.vm, deleted=0)
    keep = [row for row in rows if mapped and row["cell"] == mapped[0]["cell"]]
    if len(keep) != 1:
        yield Refusal(
            what=f"{finding.code} {finding.subject}", why="nova's index points to none of the cells"
        )
        return
    for row in rows:
        if row is not keep[0]:
            yield bury_rows(row, Choices(hard=False), (finding.code,))


def free_pci_device(facts: Facts, finding: Finding, _: Choices) -> Iterator[Step]:
    """Free the PCI devices that a dead VM still holds in a cell."""
    where = {"instance_uuid": str(finding.vm)}
    yield one_step(
        finding,
        "free-pci-device",
        Stage.INSTANCE,
        f"Free the PCI devices of VM {finding.vm} in {finding.cell}",
        ("nova", finding.cell),
        effects=(update("nova.pci_devices", finding.cell, where, **FREE),),
        premises=still_dead(facts, finding.vm) if finding.vm else (),
    )


def remove_console_token(facts: Facts, finding: Finding, _: Choices) -> Iterator[Step]:
    """Remove the console tokens of a dead VM, or those that name a host which is gone."""
    where = {"instance_uuid": str(finding.vm)} if finding.vm else {"host": finding.host}
    gone = Premise(
        table="nova.services",
        scope=finding.cell,
        where={"host": finding.host, "binary": "nova-compute", "deleted": 0},
    )
    yield one_step(
        finding,
        "remove-console-token",
        Stage.CONSOLE,
        f"Remove the console tokens of {finding.vm or finding.host}",
        ("nova", finding.cell),
        effects=(delete("nova.console_auth_tokens", finding.cell, **where),),
        premises=still_dead(facts, finding.vm) if finding.vm else (gone,),
    )


def end_migration(facts: Facts, finding: Finding, _: Choices) -> Iterator[Step]:
    """Say of a move that nobody is making any more that it failed: it holds up other moves.

    The status is nova's own for a move that was given up (`error`). Of a VM that is dead the row
    stays as its history.
    """
    for row in _migrations(facts, finding):
        where = {"id": row["id"]}
        yield one_step(
            finding,
            "end-migration",
            Stage.INSTANCE,
            f"Call the {row['migration_type'] or 'move'} of VM {row['instance_uuid']} failed",
            ("nova", finding.cell),
            effects=(
                update("nova.migrations", finding.cell, where, status="error", updated_at=MOMENT),
            ),
            premises=(as_seen("nova.migrations", finding.cell, row, "status", "deleted"),),
        )


def _migrations(facts: Facts, finding: Finding) -> list[dict[str, Any]]:
    """Return the migration of a finding: its subject is a UUID or, of old ones, `cell/id`."""
    rows = facts.rows("nova.migrations", cell=finding.cell, instance_uuid=finding.vm)
    return [r for r in rows if finding.subject in {str(r["uuid"]), f"{r['cell']}/{r['id']}"}]


def reset_task(facts: Facts, finding: Finding, _: Choices) -> Iterator[Step]:
    """Clear a task that nobody works on any more, so that the VM can be used or deleted again.

    The gentle way is nova's own (reset-state to error); the row's way leaves the state as it is.
    """
    for row in facts.rows("nova.instances", uuid=finding.vm, cell=finding.cell, deleted=0):
        yield one_step(
            finding,
            "reset-state",
            Stage.INSTANCE,
            f"Clear the task {row['task_state']} of VM {finding.vm}",
            ("nova", finding.cell),
            effects=(
                update(
                    "nova.instances",
                    finding.cell,
                    {"uuid": str(finding.vm), "deleted": 0},
                    task_state=None,
                    updated_at=MOMENT,
                ),
            ),
            premises=(
                as_seen(
                    "nova.instances",
                    finding.cell,
                    row,
                    "task_state",
                    "vm_state",
                    "host",
                    "updated_at",
                ),
            ),
        )


def finish_offload(facts: Facts, finding: Finding, _: Choices) -> Iterator[Step]:
    """Take host and node off a VM that is shelved and offloaded: it runs nowhere."""
    for row in facts.rows("nova.instances", uuid=finding.vm, cell=finding.cell, deleted=0):
        yield one_step(
            finding,
            "finish-offload",
            Stage.INSTANCE,
            f"Take VM {finding.vm} off host {row['host']}: it is shelved and offloaded",
            ("nova", finding.cell),
            effects=(
                update(
                    "nova.instances",
                    finding.cell,
                    {"uuid": str(finding.vm), "deleted": 0},
                    host=None,
                    node=None,
                ),
            ),
            premises=(
                as_seen("nova.instances", finding.cell, row, "vm_state", "host", "task_state"),
            ),
        )


REMEDIES = (
    Remedy(
        name="finish-deletion",
        what="Ends a delete that was begun, the way nova marks it (`deleted = id`).",
        propose=finish_deletion,
    ),
    Remedy(
        name="remove-cell-copy",
        what="Of a VM in two cells, leaves the row to which nova's index points.",
        propose=remove_cell_copy,
    ),
    Remedy(
        name="free-pci-device",
        what="Frees the PCI devices that a dead VM still holds.",
        propose=free_pci_device,
    ),
    Remedy(
        name="remove-console-token",
        what="Removes console tokens of dead VMs and of hosts that are gone.",
        propose=remove_console_token,
    ),
    Remedy(
        name="end-migration",
        what="Says of a move that nobody makes any more that it failed.",
        propose=end_migration,
    ),
    Remedy(
        name="reset-state",
        what="Clears a task that nobody works on any more.",
        propose=reset_task,
    ),
    Remedy(
        name="finish-offload",
        what="Takes the host off a VM that is shelved and offloaded.",
        propose=finish_offload,
    ),
)
