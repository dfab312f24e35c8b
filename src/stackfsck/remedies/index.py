"""Mend nova's index of the cloud: mappings, request specs, build requests, groups, host mappings.

All of it stands in the API database and only points at what the cells hold. Sources:
nova/objects/{instance_mapping,request_spec,build_request,instance_group,host_mapping}.py.
"""

from __future__ import annotations

from collections.abc import Iterator

from stackfsck.model.change import Change, Premise, Verb
from stackfsck.model.finding import Finding
from stackfsck.model.plan import Refusal
from stackfsck.model.step import Stage, Step
from stackfsck.remedies.base import (
    MOMENT,
    Choices,
    Facts,
    Proposal,
    Remedy,
    delete,
    one_step,
    still_dead,
    update,
)

API = ("nova_api", "")


def remove_mapping(facts: Facts, finding: Finding, _: Choices) -> Iterator[Step]:
    """Remove the pointer to a cell of a VM that no cell has; it goes last of all."""
    if finding.vm is None:
        return
    yield one_step(
        finding,
        "remove-mapping",
        Stage.MAPPING,
        f"Remove the mapping of VM {finding.vm}",
        API,
        effects=(delete("nova_api.instance_mappings", instance_uuid=str(finding.vm)),),
        premises=still_dead(facts, finding.vm),
    )


def remove_request_spec(facts: Facts, finding: Finding, _: Choices) -> Iterator[Step]:
    """Remove the request of a VM that no cell has."""
    if finding.vm is None:
        return
    yield one_step(
        finding,
        "remove-request-spec",
        Stage.REQUEST,
        f"Remove the request spec of VM {finding.vm}",
        API,
        effects=(delete("nova_api.request_specs", instance_uuid=str(finding.vm)),),
        premises=still_dead(facts, finding.vm),
    )


def remove_group_member(facts: Facts, finding: Finding, _: Choices) -> Iterator[Step]:
    """Take a VM that no cell has out of its server groups: it still fills their quota."""
    if finding.vm is None:
        return
    yield one_step(
        finding,
        "remove-group-member",
        Stage.REQUEST,
        f"Take VM {finding.vm} out of its server groups",
        API,
        effects=(delete("nova_api.instance_group_member", instance_uuid=str(finding.vm)),),
        premises=still_dead(facts, finding.vm),
    )


def remove_build_request(facts: Facts, finding: Finding, _: Choices) -> Iterator[Step]:
    """Remove a build request that nobody will serve any more.

    It must still be the one that was judged: a retried build writes a new one. Of a VM that no
    cell has, its request spec and its mapping have no other purpose and go with it.
    """
    if finding.vm is None:
        return
    vm = str(finding.vm)
    nowhere = not facts.rows("nova.instances", uuid=finding.vm)
    others = ("request_specs", "instance_mappings") if nowhere else ()
    rows = facts.rows("nova_api.build_requests", instance_uuid=finding.vm)
    seen = tuple(
        Premise(
            table="nova_api.build_requests",
            where={"instance_uuid": str(finding.vm)},
            fields={"id": row["id"]},
        )
        for row in rows
    )
    yield one_step(
        finding,
        "remove-build-request",
        Stage.REQUEST,
        f"Remove the build request of VM {finding.vm}",
        API,
        effects=(
            delete("nova_api.build_requests", instance_uuid=vm),
            *(delete(f"nova_api.{table}", instance_uuid=vm) for table in others),
        ),
        premises=(*seen, *(_in_no_cell(facts, vm) if nowhere else ())),
    )


def requeue_mapping(_: Facts, finding: Finding, __: Choices) -> Iterator[Step]:
    """Say again that a VM which lives is not to be deleted: lists of servers leave it out now."""
    where = {"instance_uuid": str(finding.vm)}
    yield one_step(
        finding,
        "requeue-mapping",
        Stage.MAPPING,
        f"Mark VM {finding.vm} as not deleted in nova's index",
        API,
        effects=(update("nova_api.instance_mappings", "", where, queued_for_delete=False),),
        premises=(_alive(finding),),
    )


def map_instance(facts: Facts, finding: Finding, _: Choices) -> Iterator[Proposal]:
    """Point nova's index at the cell in which a VM really lives."""
    cell = facts.ask(
        "select id from nova_api.cell_mappings where coalesce(nullif(name, ''), uuid::varchar) = ?",
        finding.cell,
    )
    if len(cell) != 1 or finding.vm is None:
        yield Refusal(
            what=f"{finding.code} {finding.subject}", why=f"{finding.cell} is not one cell's name"
        )
        return
    where = {"instance_uuid": str(finding.vm)}
    there = facts.rows("nova_api.instance_mappings", instance_uuid=finding.vm)
    effect = (
        update("nova_api.instance_mappings", "", where, cell_id=cell[0]["id"])
        if there
        else Change(
            verb=Verb.INSERT,
            table="nova_api.instance_mappings",
            values={
                **where,
                "cell_id": cell[0]["id"],
                "project_id": finding.evidence.get("project_id") or None,
                "queued_for_delete": False,
                "created_at": MOMENT,
            },
        )
    )
    yield one_step(
        finding,
        "map-instance",
        Stage.MAPPING,
        f"Map VM {finding.vm} to {finding.cell}",
        API,
        effects=(effect,),
        premises=(_alive(finding),),
    )


def remove_host_mapping(facts: Facts, finding: Finding, _: Choices) -> Iterator[Step]:
    """Remove the pointer to the cell of a host that has no compute service in any cell."""
    gone = tuple(
        Premise(
            table="nova.services",
            scope=cell,
            where={"host": finding.subject, "binary": "nova-compute", "deleted": 0},
        )
        for cell in facts.scopes("nova.services")
    )
    yield one_step(
        finding,
        "remove-host-mapping",
        Stage.MAPPING,
        f"Remove the mapping of host {finding.subject}",
        API,
        effects=(delete("nova_api.host_mappings", host=finding.subject),),
        premises=gone,
    )


def _in_no_cell(facts: Facts, vm: str) -> tuple[Premise, ...]:
    """No cell has any row of the VM, not even a deleted one."""
    return tuple(
        Premise(table="nova.instances", scope=cell, where={"uuid": vm})
        for cell in facts.scopes("nova.instances")
    )


def _alive(finding: Finding) -> Premise:
    """The VM still lives in the cell in which it was seen."""
    return Premise(
        table="nova.instances",
        scope=finding.cell,
        where={"uuid": str(finding.vm)},
        fields={"deleted": 0},
    )


REMEDIES = (
    Remedy(
        name="remove-mapping",
        what="Removes the pointer to the cell of a VM that no cell has.",
        propose=remove_mapping,
    ),
    Remedy(
        name="remove-request-spec",
        what="Removes the request spec of a VM that no cell has.",
        propose=remove_request_spec,
    ),
    Remedy(
        name="remove-group-member",
        what="Takes a VM that no cell has out of its server groups.",
        propose=remove_group_member,
    ),
    Remedy(
        name="remove-build-request",
        what="Removes a build request that nobody will serve.",
        propose=remove_build_request,
    ),
    Remedy(
        name="requeue-mapping",
        what="Marks a living VM as not deleted in nova's index.",
        propose=requeue_mapping,
    ),
    Remedy(
        name="map-instance",
        what="Points nova's index at the cell in which a VM lives.",
        propose=map_instance,
    ),
    Remedy(
        name="remove-host-mapping",
        what="Removes the pointer to the cell of a host that is no compute any more.",
        propose=remove_host_mapping,
    ),
)
