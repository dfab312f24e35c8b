"""Take leave of volumes and images on hosts: sessions, maps, mounts, and Ceph's images.

Devices go before cinder unmaps them: a device whose unit was given to another volume shows that
volume's data (CVE-2023-2088). Source: os-brick, initiator/connectors.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from stackfsck.model.change import Premise, Row
from stackfsck.model.finding import Finding
from stackfsck.model.step import Stage, Step, Undo
from stackfsck.remedies.base import Choices, Facts, Proposal, Remedy, delete, still_dead, update
from stackfsck.remedies.on_host import Act, standing, step_of

DISCONNECT = "disconnect-volume"
FORGET = "delete-iscsi-node"
FLUSH = "flush-multipath"
UNMAP = "unmap-rbd"
UNMOUNT = "unmount-share"
TRASH = "trash-rbd-image"

_SESSIONS_OF = """
select distinct s.iqn
from host.iscsi_sessions as s
left join cinder.volumes as v
    on coalesce(v._name_id, v.id) = s.volume
    and not v.deleted
inner join libvirt.disks as d
    on d.host = s.host
    and d.serial = coalesce(v.id, s.volume)
    and d.domain = ?
anti join libvirt.disks as o
    on o.host = s.host
    and o.serial = coalesce(v.id, s.volume)
    and o.domain <> ?
where
    s.host = ?
    and s.volume is not null
order by s.iqn
"""
"""The targets that a host is logged in to for one domain alone."""


def disconnect_volume(facts: Facts, finding: Finding, _: Choices) -> Iterator[Proposal]:
    """End the sessions to a volume's own target."""
    volume = finding.evidence.get("volume", "")
    premises = _unattached(finding.host, volume)
    yield session_step(facts, finding, DISCONNECT, (finding.host, finding.subject), premises)


def session_step(
    facts: Facts,
    finding: Finding,
    remedy: str,
    target: tuple[str, str],
    premises: tuple[Premise, ...],
) -> Step:
    """Return the step that ends the sessions of a host to a target; `target` names both."""
    host, iqn = target
    vm = {"vm": str(finding.vm)} if finding.vm else {}
    act = Act(
        call="iscsi_session.log_out",
        host=host,
        key=iqn,
        title=f"Disconnect {host} from {iqn}",
        stage=Stage.DEVICE,
        subject={"iqn": iqn, **vm},
        effects=(
            delete("host.iscsi_sessions", host, iqn=iqn),
            delete("host.iscsi_nodes", host, iqn=iqn),
        ),
        undo=Undo.EQUIVALENT,
    )
    return step_of(facts, finding, remedy, act, premises)


def connected_steps(
    facts: Facts, finding: Finding, remedy: str, host: str, vm: UUID
) -> Iterator[Step]:
    """Yield the steps that disconnect a host from what only one domain uses."""
    for row in facts.ask(_SESSIONS_OF, vm, vm, host):
        target = (host, row["iqn"])
        yield session_step(facts, finding, remedy, target, standing(facts, vm))


def delete_iscsi_node(facts: Facts, finding: Finding, _: Choices) -> Iterator[Proposal]:
    """Forget a volume's own target."""
    host, iqn = finding.host, finding.subject
    act = Act(
        call="iscsi_node.delete",
        host=host,
        key=iqn,
        title=f"Let {host} forget {iqn}",
        stage=Stage.DEVICE,
        subject={"iqn": iqn},
        effects=(delete("host.iscsi_nodes", host, iqn=iqn),),
    )
    volume = finding.evidence.get("volume", "")
    yield step_of(facts, finding, FORGET, act, _unattached(host, volume))


def _unattached(host: str, volume: str) -> tuple[Premise, ...]:
    """Return that cinder still has no attachment of a volume for a host."""
    where: Row = {"volume_id": volume, "attached_host": host, "deleted": False}
    return (Premise(table="cinder.volume_attachment", where=where),) if volume else ()


def flush_multipath(facts: Facts, finding: Finding, _: Choices) -> Iterator[Proposal]:
    """Flush a map without paths."""
    host, name = finding.host, finding.subject
    act = Act(
        call="multipath.flush",
        host=host,
        key=name,
        title=f"Flush the map {name} on {host}, which has no paths",
        stage=Stage.DEVICE,
        subject={"name": name},
        effects=(delete("host.multipaths", host, name=name),),
        expected={"paths": 0, "wwid": finding.evidence.get("wwid")},
        undo=Undo.EQUIVALENT,
    )
    yield step_of(facts, finding, FLUSH, act, ())


def unmap_rbd(facts: Facts, finding: Finding, _: Choices) -> Iterator[Proposal]:
    """Take the kernel's hands off an image."""
    for row in facts.rows("host.rbd_maps", host=finding.host, device=finding.subject):
        named = finding.evidence.get("named", "")
        dead = still_dead(facts, UUID(named)) if named else ()
        act = Act(
            call="rbd_map.unmap",
            host=finding.host,
            key=finding.subject,
            title=f"Unmap {row['pool']}/{row['image']} ({row['device']}) on {finding.host}",
            stage=Stage.DEVICE,
            subject={"device": finding.subject},
            effects=(delete("host.rbd_maps", finding.host, device=finding.subject),),
            expected={"pool": row["pool"], "image": row["image"]},
            undo=Undo.EQUIVALENT,
        )
        premises = (*dead, *_unattached(finding.host, named))
        yield step_of(facts, finding, UNMAP, act, premises)


def unmount_share(facts: Facts, finding: Finding, _: Choices) -> Iterator[Proposal]:
    """Unmount a share that no domain uses."""
    host, target = finding.host, finding.subject
    act = Act(
        call="share.unmount",
        host=host,
        key=target,
        title=f"Unmount {finding.evidence.get('source', target)} on {host}",
        stage=Stage.DEVICE,
        subject={"target": target},
        effects=(delete("host.mounts", host, target=target),),
        expected={"source": finding.evidence.get("source")},
        undo=Undo.EQUIVALENT,
    )
    yield step_of(facts, finding, UNMOUNT, act, ())


def trash_rbd_image(facts: Facts, finding: Finding, _: Choices) -> Iterator[Proposal]:
    """Move an image of a VM or volume that is gone into the trash, where it can be had back."""
    pool = finding.evidence.get("pool", "")
    for row in facts.rows("ceph.images", pool=pool, name=finding.subject):
        yield image_step(facts, finding, TRASH, row)


def image_step(facts: Facts, finding: Finding, remedy: str, row: dict[str, Any]) -> Step:
    """Return the step for one image."""
    pool, name = row["pool"], row["name"]
    act = Act(
        call="rbd_image.trash",
        host="",
        key=f"{pool}/{name}",
        title=f"Move {pool}/{name} into Ceph's trash",
        stage=Stage.FILE,
        store="ceph",
        subject={"pool": pool, "image": name},
        effects=(update("ceph.images", "", {"pool": pool, "name": name}, in_trash=True),),
    )
    gone = still_dead(facts, finding.vm) if finding.vm else _no_volume(str(row["uuid"]))
    return step_of(facts, finding, remedy, act, gone)


def _no_volume(volume: str) -> tuple[Premise, ...]:
    """Return that cinder has no volume under an id, nor one that lies under that name."""
    return tuple(
        Premise(table="cinder.volumes", where={column: volume, "deleted": False})
        for column in ("id", "_name_id")
    )


REMEDIES = (
    Remedy(
        name=DISCONNECT,
        what="Ends the iSCSI sessions to a volume that nothing attaches on the host.",
        propose=disconnect_volume,
    ),
    Remedy(
        name=FORGET,
        what="Lets a host forget the target of a volume that nothing attaches there.",
        propose=delete_iscsi_node,
    ),
    Remedy(
        name=FLUSH,
        what="Flushes a multipath map without paths that nobody has open.",
        propose=flush_multipath,
    ),
    Remedy(
        name=UNMAP,
        what="Unmaps an RBD image from the kernel that nobody has open.",
        propose=unmap_rbd,
    ),
    Remedy(
        name=UNMOUNT,
        what="Unmounts a share of volumes that no domain of the host uses.",
        propose=unmount_share,
    ),
    Remedy(
        name=TRASH,
        what="Moves an RBD image of a VM or volume that is gone into the trash for 30 days.",
        propose=trash_rbd_image,
    ),
)
