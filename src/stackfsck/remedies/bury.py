"""Bury a VM that nova calls alive and that runs nowhere: all of it, in every store, in one order.

Host leftovers go first, then nova's block devices, then what they held (attachments, ports,
allocations), then nova's row and, last, the index that points to it. Nova's own delete is the
first way of the row; its disk is lost by it, so every step needs the consent to that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from stackfsck.model.change import Premise
from stackfsck.model.finding import Finding
from stackfsck.model.step import Means, Stage, Step, Undo, Way
from stackfsck.remedies.allocations import SETTLED, consumer_of
from stackfsck.remedies.attachments import attachment_step
from stackfsck.remedies.base import (
    SQL,
    Choices,
    Facts,
    Proposal,
    Remedy,
    Volumes,
    as_seen,
    delete,
    soft_delete,
    still_dead,
    update,
)
from stackfsck.remedies.cinder_rows import bdm_step
from stackfsck.remedies.directories import directory_step
from stackfsck.remedies.instances import bury_rows
from stackfsck.remedies.on_host import refusal
from stackfsck.remedies.ports import port_step
from stackfsck.remedies.storage import connected_steps, image_step
from stackfsck.remedies.switch import plugged_steps

Row = dict[str, Any]

NAME = "delete-zombie"

NO_WAY_BACK = "no-way-back"
"""The consent to lose something for good."""


def delete_zombie(facts: Facts, finding: Finding, choices: Choices) -> Iterator[Proposal]:
    """Yield every step of a burial, or why the VM is left alone."""
    rows = facts.rows("nova.instances", uuid=finding.vm, deleted=0)
    running = facts.rows("libvirt.domains", uuid=finding.vm)
    if len(rows) != 1 or running:
        why = (
            f"its domain is {running[0]['state']} on {running[0]['host']}"
            if running
            else f"nova has {len(rows)} rows of it"
        )
        yield refusal(
            finding, why, f"if it works: openstack server set --state active {finding.vm}"
        )
        return
    for proposal in _burial(facts, finding, choices, rows[0]):
        # All or none: a VM that is half buried is what this is to end.
        yield replace(proposal, consent=NO_WAY_BACK) if isinstance(proposal, Step) else proposal


def _burial(facts: Facts, finding: Finding, choices: Choices, row: Row) -> Iterator[Proposal]:
    """Yield the steps, store by store."""
    settled = (as_seen("nova.instances", row["cell"], row, *SETTLED),)
    yield from _on_hosts(facts, finding, row, settled)
    yield from _volumes(facts, finding, choices, settled)
    yield from _interfaces(facts, finding, row, settled)
    for port in facts.rows("neutron.ports", device_id=str(finding.vm)):
        yield port_step(facts, finding, port, settled)
    yield from _allocation(facts, finding, settled)
    yield _instance(row, choices, finding)
    yield from _index(facts, finding)


def _on_hosts(
    facts: Facts, finding: Finding, row: Row, settled: tuple[Premise, ...]
) -> Iterator[Step]:
    """Put aside its directories and disks, unplug it, and disconnect its volumes."""
    if finding.vm is None:
        return
    yield from plugged_steps(facts, finding, NAME, row["host"] or "", finding.vm)
    yield from connected_steps(facts, finding, NAME, row["host"] or "", finding.vm)
    for directory in facts.rows("host.instance_dirs", uuid=finding.vm):
        yield replace(directory_step(facts, finding, NAME, directory), premises=settled)
    for image in facts.rows("ceph.images", uuid=finding.vm, in_trash=False):
        yield replace(image_step(facts, finding, NAME, image), premises=settled)


def _volumes(
    facts: Facts, finding: Finding, choices: Choices, settled: tuple[Premise, ...]
) -> Iterator[Step]:
    """Take its volumes out of nova's books, then out of its hands; the volumes stay."""
    for row in facts.rows("nova.block_device_mapping", instance_uuid=finding.vm, deleted=0):
        if row["volume_id"]:
            yield bdm_step(row, settled, finding.code)
    if choices.volumes is Volumes.KEEP:
        return
    for row in facts.rows("cinder.volume_attachment", instance_uuid=finding.vm, deleted=False):
        yield attachment_step(facts, row, settled, finding.code)


def _interfaces(
    facts: Facts, finding: Finding, row: Row, settled: tuple[Premise, ...]
) -> Iterator[Step]:
    """Take its ports out of nova's books, before they go."""
    if facts.rows("nova.virtual_interfaces", instance_uuid=finding.vm, deleted=0):
        cell = row["cell"]
        yield Step(
            id=f"interfaces:{finding.vm}",
            title=f"Mark nova's interfaces of VM {finding.vm} as deleted",
            remedy=NAME,
            stage=Stage.BLOCK_DEVICE,
            store="nova",
            scope=cell,
            vm=finding.vm,
            because=(finding.code,),
            effects=(soft_delete("nova.virtual_interfaces", cell, instance_uuid=str(finding.vm)),),
            premises=settled,
            ways=(SQL,),
        )


def _allocation(facts: Facts, finding: Finding, settled: tuple[Premise, ...]) -> Iterator[Step]:
    """Release all that it holds in placement."""
    consumer = consumer_of(facts, str(finding.vm))
    if not consumer.held:
        return
    yield Step(
        id=f"allocation:{finding.vm}",
        title=f"Release all that {finding.vm} holds in placement",
        remedy=NAME,
        stage=Stage.ALLOCATION,
        store="placement",
        vm=finding.vm,
        because=(finding.code,),
        effects=(
            delete("placement.allocations", consumer_id=str(finding.vm)),
            delete("placement.consumers", uuid=str(finding.vm)),
        ),
        premises=(*settled, *consumer.seen()),
        ways=(consumer.request({}), SQL),
    )


def _instance(row: Row, choices: Choices, finding: Finding) -> Step:
    """Let nova delete its row, by force if it must, else mark the rows as nova does."""
    step = bury_rows(row, choices, (finding.code,))
    server = {"server": str(row["uuid"])}
    ways = (
        Way(means=Means.API, call="nova.delete_server", arguments=server),
        Way(means=Means.FORCED, call="nova.force_delete", arguments=server),
    )
    return replace(step, remedy=NAME, ways=(*ways, *step.ways), undo=Undo.IMPOSSIBLE)


def _index(facts: Facts, finding: Finding) -> Iterator[Step]:
    """Take it out of nova's index, once its row is gone."""
    vm = {"instance_uuid": str(finding.vm)}
    if finding.vm is None:
        return
    queued = update("nova_api.instance_mappings", "", vm, queued_for_delete=True)
    yield Step(
        id=f"index:{finding.vm}",
        title=f"Take VM {finding.vm} out of nova's requests and groups",
        remedy=NAME,
        stage=Stage.REQUEST,
        store="nova_api",
        vm=finding.vm,
        because=(finding.code,),
        effects=(
            delete("nova_api.instance_group_member", "", **vm),
            delete("nova_api.request_specs", "", **vm),
            queued,
        ),
        premises=still_dead(facts, finding.vm),
        ways=(SQL,),
    )


REMEDIES = (
    Remedy(
        name=NAME,
        what="Buries a VM that nova calls alive and that runs nowhere, with your consent.",
        propose=delete_zombie,
    ),
)
