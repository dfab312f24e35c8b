"""Mend what nova knows of its hosts: nodes without service, VMs without node, old evacuations.

Sources: nova/compute/resource_tracker.py, nova/compute/manager.py `_destroy_evacuated_instances`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stackfsck.model.change import Premise, Value
from stackfsck.model.finding import Finding
from stackfsck.model.plan import Refusal
from stackfsck.model.step import Stage
from stackfsck.remedies.base import (
    MOMENT,
    Choices,
    Facts,
    Proposal,
    Remedy,
    as_seen,
    one_step,
    soft_delete,
    update,
)


def remove_compute_node(facts: Facts, finding: Finding, _: Choices) -> Iterator[Proposal]:
    """Mark a compute node as deleted whose host has no compute service any more."""
    rows = [
        r for r in facts.rows("nova.compute_nodes", deleted=0) if str(r["uuid"]) == finding.subject
    ]
    if len(rows) != 1:
        yield _by_hand(finding, "which of the nodes is the right one, only you can tell")
        return
    row = rows[0]
    gone = Premise(
        table="nova.services",
        scope=row["cell"],
        where={"host": row["host"], "binary": "nova-compute", "deleted": 0},
    )
    used = Premise(
        table="nova.instances",
        scope=row["cell"],
        where={"host": row["host"], "node": row["hypervisor_hostname"], "deleted": 0},
    )
    yield one_step(
        finding,
        "remove-compute-node",
        Stage.PROVIDER,
        f"Mark the compute node {row['hypervisor_hostname']} as deleted",
        ("nova", row["cell"]),
        effects=(soft_delete("nova.compute_nodes", row["cell"], id=row["id"]),),
        premises=(gone, used),
    )


def set_node(facts: Facts, finding: Finding, _: Choices) -> Iterator[Proposal]:
    """Write the node of a VM that has none, or one that is gone, where its host has just one."""
    if finding.code not in {"NOV008", "NOV011"}:
        yield _by_hand(finding, "its allocation, ports and attachments have to move along")
        return
    for row in facts.rows("nova.instances", uuid=finding.vm, cell=finding.cell, deleted=0):
        nodes = facts.rows("nova.compute_nodes", cell=row["cell"], host=row["host"], deleted=0)
        if len(nodes) != 1:
            yield _by_hand(finding, f"the host {row['host']} has {len(nodes)} nodes")
            return
        yield _settle(finding, row, nodes[0])


def _settle(finding: Finding, row: dict[str, Any], node: dict[str, Any]) -> Proposal:
    """Return the step that writes a VM's node."""
    cell = row["cell"]
    where: dict[str, Value] = {"uuid": str(finding.vm), "deleted": 0}
    return one_step(
        finding,
        "set-host",
        Stage.INSTANCE,
        f"Set the node of VM {finding.vm} to {node['hypervisor_hostname']}",
        ("nova", cell),
        effects=(update("nova.instances", cell, where, node=node["hypervisor_hostname"]),),
        premises=(
            as_seen("nova.instances", cell, row, "host", "node", "vm_state", "task_state"),
            as_seen("nova.compute_nodes", cell, node, "host", "hypervisor_hostname", "deleted"),
        ),
    )


def end_evacuation(facts: Facts, finding: Finding, _: Choices) -> Iterator[Proposal]:
    """Complete an evacuation whose source will never come back to do it itself."""
    for row in facts.rows("nova.migrations", cell=finding.cell, instance_uuid=finding.vm):
        if finding.subject not in {str(row["uuid"]), f"{row['cell']}/{row['id']}"}:
            continue
        gone = Premise(
            table="nova.services",
            scope=row["cell"],
            where={"host": row["source_compute"], "binary": "nova-compute", "deleted": 0},
        )
        where = {"id": row["id"]}
        done = update("nova.migrations", row["cell"], where, status="completed", updated_at=MOMENT)
        yield one_step(
            finding,
            "end-evacuation",
            Stage.INSTANCE,
            f"Complete the evacuation of VM {finding.vm} from {row['source_compute']}",
            ("nova", row["cell"]),
            effects=(done,),
            premises=(gone, as_seen("nova.migrations", row["cell"], row, "status", "deleted")),
        )


def _by_hand(finding: Finding, why: str) -> Refusal:
    """Refuse, and say where it is told what to do."""
    return Refusal(
        what=f"{finding.code} {finding.subject}",
        why=why,
        lift=f"`stackfsck explain {finding.code}` tells what to look at",
    )


REMEDIES = (
    Remedy(
        name="remove-compute-node",
        what="Marks a compute node as deleted whose host has no compute service.",
        propose=remove_compute_node,
    ),
    Remedy(
        name="set-host",
        what="Writes the node of a VM, where its host leaves no choice.",
        propose=set_node,
    ),
    Remedy(
        name="end-evacuation",
        what="Completes an evacuation whose source is gone for good.",
        propose=end_evacuation,
    ),
)
