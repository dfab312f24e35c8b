"""Let go, or take back, the volumes of VMs: nova's block device first, then cinder's attachment.

Cinder refuses to detach what nova still claims (since CVE-2023-2088). Nothing is let go while a
domain has the volume as a disk: its guest would go on writing to what the next VM is given.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from stackfsck.model.change import Change, Premise, Value
from stackfsck.model.finding import Finding
from stackfsck.model.plan import Refusal
from stackfsck.model.step import Means, Stage, Step, Undo, Way
from stackfsck.remedies.base import (
    MOMENT,
    SQL,
    Choices,
    Facts,
    Proposal,
    Remedy,
    Volumes,
    as_seen,
    one_step,
    still_dead,
    update,
)
from stackfsck.remedies.cinder_rows import (
    CINDER,
    attachments_of,
    bdm_step,
    marked,
    on_domains,
    set_states,
    states,
    volume_as_seen,
)
from stackfsck.remedies.volumes import delete_volume_step

Row = dict[str, Any]


def delete_attachment(facts: Facts, finding: Finding, choices: Choices) -> Iterator[Proposal]:
    """Detach what a dead VM, or no VM rightly, has attached; the volume itself stays."""
    if refusal := _in_use(facts, finding) or _kept(finding, choices):
        yield refusal
        return
    for row in _surplus(facts, finding):
        vm = row["instance_uuid"]
        alive = facts.rows("nova.instances", uuid=vm, deleted=0) if vm else []
        premises = _judged(facts, vm, alive)
        if not alive or finding.code == TWO_VMS:
            for device in _devices(facts, vm, row["volume_id"]) if vm else ():
                yield bdm_step(device, premises, finding.code)
        yield attachment_step(facts, row, premises, finding.code)
    yield from _volume_too(facts, finding, choices)


TWO_VMS = "CIN013"
DEAD_VM = "CIN001"


def attachment_step(facts: Facts, row: Row, premises: tuple[Premise, ...], because: str) -> Step:
    """Return the step that ends one attachment and sets its volume right by what remains.

    Several attachments of dead VMs to one volume end one after the other, by their ids.
    """
    earlier, left = _others(facts, row)
    attachment = str(row["id"])
    columns = ("status", "attach_status", *(() if earlier else ("updated_at",)))
    return Step(
        id=f"attachment:{attachment}",
        title=f"Detach volume {row['volume_id']} from {row['instance_uuid'] or 'nobody'}",
        remedy="delete-attachment",
        stage=Stage.ATTACHMENT,
        store="cinder",
        vm=row["instance_uuid"],
        because=(because,),
        effects=ended(facts, row, left),
        premises=(
            *premises,
            as_seen(
                "cinder.volume_attachment", "", row, "deleted", "attach_status", "instance_uuid"
            ),
            *volume_as_seen(facts, row["volume_id"], *columns),
            *(as_seen("cinder.volume_attachment", "", o, "deleted", "attach_status") for o in left),
        ),
        ways=(
            Way(
                means=Means.API,
                call="cinder.delete_attachment",
                arguments={"attachment": attachment},
            ),
            SQL,
        ),
        undo=Undo.EQUIVALENT,
        after=frozenset(f"attachment:{other['id']}" for other in earlier),
    )


def ended(facts: Facts, row: Row, left: list[Row]) -> tuple[Change, ...]:
    """Return what cinder's `volume_detached` writes."""
    attachment, volume = str(row["id"]), row["volume_id"]
    gone = (
        marked("cinder.attachment_specs", {"attachment_id": attachment}),
        marked(
            "cinder.volume_attachment",
            {"id": attachment},
            attach_status="detached",
            detach_time=MOMENT,
            updated_at=MOMENT,
        ),
    )
    live = facts.rows("cinder.volumes", id=volume, deleted=False)
    if not live:
        return gone
    note = {"volume_id": str(volume), "key": "attached_mode"}
    notes = () if left else (marked("cinder.volume_admin_metadata", note),)
    status, attach_status = states(left)
    busy = live[0]["status"] not in BY_ATTACHMENTS
    return (
        *gone,
        *notes,
        set_states(volume, live[0]["status"] if busy else status, attach_status),
    )


BY_ATTACHMENTS = frozenset({"in-use", "available", "attaching", "detaching", "reserved"})
"""The states that follow from attachments; others say what is being done with the volume."""


def _others(facts: Facts, row: Row) -> tuple[list[Row], list[Row]]:
    """Part the other attachments of a volume: those that are ended before, those that stay."""
    others = [a for a in attachments_of(facts, row["volume_id"]) if a["id"] != row["id"]]
    dead = {a["id"] for a in others if a["instance_uuid"] and not _lives(facts, a)}
    earlier = [a for a in others if a["id"] in dead and a["id"] < row["id"]]
    return earlier, [a for a in others if a not in earlier]


def _lives(facts: Facts, attachment: Row) -> bool:
    """Whether nova stands for the VM of an attachment, or a domain still has the volume."""
    vm = attachment["instance_uuid"]
    disks = facts.rows("libvirt.disks", serial=attachment["volume_id"], domain=vm)
    return bool(disks or facts.ask("select 1 as one from vm.alive where uuid = ?", vm))


def _surplus(facts: Facts, finding: Finding) -> list[Row]:
    """Return the attachments that a finding says are too many."""
    if finding.code != TWO_VMS:
        return facts.rows("cinder.volume_attachment", id=UUID(finding.subject), deleted=False)
    has = {disk["domain"] for disk in on_domains(facts, finding.subject)}
    return [a for a in attachments_of(facts, finding.subject) if a["instance_uuid"] not in has]


def _in_use(facts: Facts, finding: Finding) -> Refusal | None:
    """Refuse when a guest still writes to the volume, or when it cannot be told which one does."""
    what = f"{finding.code} {finding.subject}"
    if finding.code == TWO_VMS:
        has = {disk["domain"] for disk in on_domains(facts, finding.subject)}
        why = f"{len(has)} domains have the volume: which VM it belongs to is not to be seen"
        return None if len(has) == 1 else Refusal(what=what, why=why)
    volume = finding.evidence.get("volume") or None
    disks = on_domains(facts, volume) if volume and finding.code != NOT_NOVAS else []
    mine = [d for d in disks if finding.vm is None or d["domain"] == finding.vm]
    if not mine:
        return None
    return Refusal(
        what=what,
        why=f"the domain of {mine[0]['domain']} on {mine[0]['host']} still has the volume",
        lift="end the domain first (stackfsck trace), or restore nova's block device",
    )


NOT_NOVAS = "CIN012"


def _kept(finding: Finding, choices: Choices) -> Refusal | None:
    """Refuse what the operator wants to keep attached."""
    if choices.volumes is Volumes.KEEP and finding.code == DEAD_VM:
        why = "volumes are to be left as they are"
        return Refusal(what=f"{finding.code} {finding.subject}", why=why, lift="--volumes detach")
    return None


def _judged(facts: Facts, vm: UUID | None, alive: list[Row]) -> tuple[Premise, ...]:
    """Return what must still hold of the VM: it is dead, or alive, settled and in its place."""
    if alive:
        seen = ("deleted", "host", "vm_state", "task_state")
        return tuple(as_seen("nova.instances", row["cell"], row, *seen) for row in alive)
    return still_dead(facts, vm) if vm else ()


def _devices(facts: Facts, vm: UUID, volume: UUID) -> list[Row]:
    """Return the live block devices by which nova ties a VM to a volume."""
    return facts.rows("nova.block_device_mapping", instance_uuid=vm, volume_id=volume, deleted=0)


def _volume_too(facts: Facts, finding: Finding, choices: Choices) -> Iterator[Proposal]:
    """Delete the volume of a dead VM, when the operator wants that and nobody else has it."""
    volume = finding.evidence.get("volume") or None
    if choices.volumes is not Volumes.DELETE or finding.code != DEAD_VM or volume is None:
        return
    others = [a for a in attachments_of(facts, volume) if str(a["id"]) != finding.subject]
    rows = facts.rows("cinder.volumes", id=volume, deleted=False)
    if rows and not any(_lives(facts, a) for a in others):
        after = frozenset(f"attachment:{a['id']}" for a in attachments_of(facts, volume))
        yield from delete_volume_step(facts, rows[0], finding, after, choices)


def soft_delete_bdm(facts: Facts, finding: Finding, _: Choices) -> Iterator[Proposal]:
    """Take out of nova's books a volume that cinder does not have, or has not given to the VM."""
    number = int(finding.evidence["bdm"])
    for row in facts.rows("nova.block_device_mapping", cell=finding.cell, id=number):
        if refusal := _needed(facts, finding, row):
            yield refusal
            return
        attached: dict[str, Value] = {
            "volume_id": str(row["volume_id"]),
            "instance_uuid": str(finding.vm),
            "deleted": False,
        }
        none = Premise(table="cinder.volume_attachment", where=attached)
        alive = facts.rows("nova.instances", uuid=finding.vm, cell=finding.cell, deleted=0)
        yield bdm_step(row, (*_judged(facts, finding.vm, alive), none), finding.code)


def _needed(facts: Facts, finding: Finding, row: Row) -> Refusal | None:
    """Refuse when the guest has the disk, or starts from it."""
    what = f"{finding.code} {finding.subject}"
    disks = facts.rows("libvirt.disks", serial=row["volume_id"], domain=finding.vm)
    if disks:
        why = f"the domain on {disks[0]['host']} still has the volume as {disks[0]['target']}"
        return Refusal(what=what, why=why, lift="it is the attachment that has to come back")
    if row["boot_index"] == 0:
        why = "the VM starts from this volume: without it, it is lost"
        return Refusal(what=what, why=why, lift="delete the VM, or restore the volume")
    return None


def detach_volume(facts: Facts, finding: Finding, _: Choices) -> Iterator[Proposal]:
    """Detach from a VM a volume that its guest does not have any more: nova first, then cinder."""
    number = int(finding.evidence["bdm"])
    alive = facts.rows("nova.instances", uuid=finding.vm, cell=finding.cell, deleted=0)
    premises = _judged(facts, finding.vm, alive)
    for device in facts.rows("nova.block_device_mapping", cell=finding.cell, id=number, deleted=0):
        if refusal := _needed(facts, finding, device):
            yield refusal
            return
        yield bdm_step(device, premises, finding.code)
    attachment = UUID(finding.evidence["attachment"])
    for row in facts.rows("cinder.volume_attachment", id=attachment, deleted=False):
        yield attachment_step(facts, row, premises, finding.code)


def restore_bdm(facts: Facts, finding: Finding, _: Choices) -> Iterator[Proposal]:
    """Bring back nova's block device of a disk that the guest still has, if its row is left."""
    volume = finding.evidence.get("volume") or None
    rows = facts.ask(
        "select * from nova.block_device_mapping where instance_uuid = ? and volume_id = ?"
        " and cell = ? and deleted <> 0 order by deleted_at desc, id desc limit 1",
        finding.vm,
        volume,
        finding.cell,
    )
    attached = facts.rows(
        "cinder.volume_attachment", instance_uuid=finding.vm, volume_id=volume, deleted=False
    )
    if not rows or rows[0]["attachment_id"] not in {row["id"] for row in attached}:
        yield Refusal(
            what=f"{finding.code} {finding.subject}",
            why="nova keeps no deleted row of this disk that fits to cinder's attachment",
            lift="stop the VM, detach the disk in its domain, and attach the volume again",
        )
        return
    alive = facts.rows("nova.instances", uuid=finding.vm, cell=finding.cell, deleted=0)
    where = {"id": rows[0]["id"]}
    yield one_step(
        finding,
        "restore-bdm",
        Stage.BLOCK_DEVICE,
        f"Bring back nova's block device of VM {finding.vm} and volume {volume}",
        ("nova", finding.cell),
        effects=(
            update("nova.block_device_mapping", finding.cell, where, deleted=0, deleted_at=None),
        ),
        premises=(
            as_seen("nova.block_device_mapping", finding.cell, rows[0], "deleted"),
            *_judged(facts, finding.vm, alive),
            *(as_seen("cinder.volume_attachment", "", row, "deleted") for row in attached),
        ),
    )


def restore_attachment(facts: Facts, finding: Finding, _: Choices) -> Iterator[Proposal]:
    """Bring back cinder's attachment of a disk that a living guest still has, if its row is left.

    The volume is then safe from a second VM; what its back end exports is not touched.
    """
    volume = finding.evidence.get("volume") or None
    rows = _restorable(facts, finding, volume)
    if not rows:
        yield Refusal(
            what=f"{finding.code} {finding.subject}",
            why="cinder keeps no ended attachment that nova still names, or the VM is gone",
            lift="stop the guest before anybody else is given the volume",
        )
        return
    row = rows[0]
    alive = facts.rows("nova.instances", uuid=finding.vm, deleted=0)
    back = update(
        "cinder.volume_attachment",
        "",
        {"id": str(row["id"])},
        deleted=False,
        deleted_at=None,
        detach_time=None,
        attach_status="attached",
        updated_at=MOMENT,
    )
    yield one_step(
        finding,
        "restore-attachment",
        Stage.ATTACHMENT,
        f"Bring back cinder's attachment of volume {volume} to VM {finding.vm}",
        CINDER,
        effects=(back, set_states(str(volume), "in-use", "attached")),
        premises=(
            as_seen("cinder.volume_attachment", "", row, "deleted"),
            *volume_as_seen(facts, str(volume), "status", "attach_status", "deleted"),
            *_judged(facts, finding.vm, alive),
        ),
    )


def _restorable(facts: Facts, finding: Finding, volume: str | None) -> list[Row]:
    """Return the ended attachment that a living VM's block device names; none if others have it."""
    if volume is None or attachments_of(facts, volume):
        return []
    return facts.ask(
        "select a.* from cinder.volume_attachment as a inner join nova.block_device_mapping as b"
        " on b.attachment_id = a.id and b.deleted = 0 inner join vm.live as l"
        " on l.uuid = b.instance_uuid where a.deleted and a.volume_id = ? and a.instance_uuid = ?",
        volume,
        finding.vm,
    )


def refresh_attachment(_: Facts, finding: Finding, __: Choices) -> Iterator[Proposal]:
    """Only nova can connect a volume to another host."""
    vm, volume = finding.vm, finding.evidence.get("volume", "")
    yield Refusal(
        what=f"{finding.code} {finding.subject}",
        why="the host's own connector is needed: no record tells it",
        lift=f"stop the VM, then: nova-manage volume_attachment refresh {vm} {volume} CONNECTOR",
    )


REMEDIES = (
    Remedy(
        name="delete-attachment",
        what="Detaches what a dead VM still has, nova's block device first; the volume stays.",
        propose=delete_attachment,
    ),
    Remedy(
        name="soft-delete-bdm",
        what="Takes out of nova's books a volume that its VM does not have.",
        propose=soft_delete_bdm,
    ),
    Remedy(
        name="detach-volume",
        what="Detaches a volume that the guest does not have any more.",
        propose=detach_volume,
    ),
    Remedy(
        name="restore-bdm",
        what="Brings back nova's block device of a disk that the guest still has.",
        propose=restore_bdm,
    ),
    Remedy(
        name="restore-attachment",
        what="Brings back cinder's attachment of a disk that the guest still has.",
        propose=restore_attachment,
    ),
    Remedy(
        name="refresh-attachment",
        what="Tells by hand how to connect a volume to the host that its VM is on.",
        propose=refresh_attachment,
    ),
)
