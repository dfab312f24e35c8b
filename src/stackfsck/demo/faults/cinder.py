"""Faults in cinder: attachments, block devices, states of volumes."""

from stackfsck.demo.faults.breaker import Breaker, Fault, Vm
from stackfsck.demo.folder import Row


def _attach(b: Breaker, volume: str, vm: str | None, host: str | None, **columns: object) -> str:
    """Write an attachment and return its id."""
    attachment = b.uuid()
    b.insert(
        "cinder",
        "volume_attachment",
        id=attachment,
        volume_id=volume,
        instance_uuid=vm,
        attached_host=host,
        **{
            "created_at": b.ago(days=30),
            "updated_at": b.ago(),
            "deleted": 0,
            "mountpoint": "/dev/vdf",
            "attach_mode": "rw",
            "attach_status": "attached",
            "attach_time": b.ago(days=30),
            **columns,
        },
    )
    return attachment


def _device(b: Breaker, vm: Vm, volume: str, attachment: str | None) -> None:
    """Write a block device of a VM."""
    b.insert(
        vm.database,
        "block_device_mapping",
        created_at=b.ago(days=30),
        deleted=0,
        uuid=b.uuid(),
        instance_uuid=vm.uuid,
        source_type="volume",
        destination_type="volume",
        device_name="/dev/vdf",
        volume_id=volume,
        attachment_id=attachment,
        delete_on_termination=0,
        no_device=0,
    )


def _set(b: Breaker, volume: str, **columns: object) -> None:
    """Change the row of a volume."""
    names = ", ".join(f'"{name}" = ?' for name in ("updated_at", *columns))
    b.run("cinder", f"update volumes set {names} where id = ?", b.ago(), *columns.values(), volume)


def _in_use(b: Breaker, backend: str = "rbd") -> Row:
    """Choose an unused volume and mark it as used."""
    volume = b.spare_volume(backend)
    _set(b, volume["id"], status="in-use", attach_status="attached")
    return volume


def _detach(b: Breaker, attachment: Row) -> None:
    """Mark an attachment as deleted, as cinder does."""
    b.run(
        "cinder",
        "update volume_attachment set deleted = 1, deleted_at = ?, attach_status = 'detached'"
        " where id = ?",
        b.ago(),
        attachment["id"],
    )


def attachment_of_dead_vm(b: Breaker) -> None:
    """A VM was deleted while cinder was away, its volume is still attached."""
    vm = b.vm("deleted", cell="cell2")
    _attach(b, _in_use(b)["id"], vm.uuid, vm.host)


def attachment_without_bdm(b: Breaker) -> None:
    """Detaching a volume broke off after nova had removed its part."""
    vm = b.vm(cell="cell2")
    _attach(b, _in_use(b)["id"], vm.uuid, vm.host)


def disk_without_bdm(b: Breaker) -> None:
    """Nova's block device was deleted by SQL while the guest had the disk."""
    vm = b.vm(volumes=True)
    attachment = b.attachments(vm)[0]
    b.run(
        vm.database,
        "update block_device_mapping set deleted = id, deleted_at = ? where volume_id = ?",
        b.ago(),
        attachment["volume_id"],
    )


def bdm_without_disk(b: Breaker) -> None:
    """A disk was taken out of a running domain with virsh."""
    vm = b.vm(volumes=True)
    b.forget(vm.host, "libvirt.disks", "serial", b.attachments(vm)[0]["volume_id"])


def bdm_of_gone_volume(b: Breaker) -> None:
    """A volume was removed from cinder's database while nova still used it."""
    _device(b, b.vm(volumes=False), b.uuid(), None)


def bdm_without_attachment(b: Breaker) -> None:
    """A volume was reset to available, nova was not told."""
    _device(b, b.vm(volumes=False), b.spare_volume()["id"], None)


def in_use_without_attachment(b: Breaker) -> None:
    """An attachment was deleted by SQL, the volume still says in-use."""
    _in_use(b)


def available_with_attachment(b: Breaker) -> None:
    """A volume was reset to available while a VM had it."""
    _set(b, b.attachments(b.vm(volumes=True))[0]["volume_id"], status="available")


def disk_without_attachment(b: Breaker) -> None:
    """A volume was detached by force in cinder under a running guest."""
    attachment = b.attachments(b.vm(volumes=True))[0]
    _detach(b, attachment)
    _set(b, attachment["volume_id"], status="available", attach_status="detached")


def attach_status_against_status(b: Breaker) -> None:
    """A volume was reset to available, its attach status was left."""
    _set(b, b.spare_volume()["id"], attach_status="attached")


def attachment_of_gone_volume(b: Breaker) -> None:
    """A volume was deleted by SQL, its attachment was not."""
    volume = b.uuid()
    like = b.query("cinder", "select * from volumes where deleted = 0 limit 1")[0]
    gone = {"id": volume, "deleted": 1, "deleted_at": b.ago(), "status": "deleted"}
    b.insert("cinder", "volumes", **{**like, **gone, "attach_status": "detached"})
    _attach(b, volume, None, "storage-1")


def attachment_not_novas(b: Breaker) -> None:
    """Refreshing an attachment left the old one beside the new."""
    vm = b.vm(volumes=True)
    _attach(b, b.attachments(vm)[0]["volume_id"], vm.uuid, vm.host)


def volume_of_two_vms(b: Breaker) -> None:
    """A volume was freed by hand and attached to a second VM."""
    volume = b.attachments(b.vm(volumes=True))[0]["volume_id"]
    second = b.vm("stopped")
    _device(b, second, volume, _attach(b, volume, second.uuid, second.host))


def volume_stuck(b: Breaker) -> None:
    """cinder-volume was restarted while it deleted a volume."""
    _set(b, b.spare_volume()["id"], status="deleting")


def volume_delete_failed(b: Breaker) -> None:
    """The back end refused to delete a volume."""
    _set(b, b.spare_volume()["id"], status="error_deleting")


def volume_locked(b: Breaker) -> None:
    """An operation on a volume ended without giving it free."""
    _set(b, b.spare_volume()["id"], status="maintenance")


def volume_migration_stuck(b: Breaker) -> None:
    """A migration between back ends was lost."""
    _set(b, b.spare_volume()["id"], migration_status="migrating")


def volume_half_deleted(b: Breaker) -> None:
    """A volume was brought back by SQL and kept the date of its deletion."""
    _set(b, b.spare_volume()["id"], deleted_at=b.ago(days=5))


def attachment_half_deleted(b: Breaker) -> None:
    """An attachment was deleted by SQL without a date."""
    _attach(b, b.spare_volume()["id"], None, "storage-1", deleted=1, attach_status="detached")


def snapshot_of_gone_volume(b: Breaker) -> None:
    """A volume was deleted by SQL, its snapshot was not."""
    like = b.query("cinder", "select * from snapshots where deleted = 0 limit 1")[0]
    new = {"id": b.uuid(), "volume_id": b.uuid(), "use_quota": 0, "updated_at": b.ago()}
    b.insert("cinder", "snapshots", **{**like, **new})


def _usage(b: Breaker, resource: str) -> Row:
    """Choose a counter of quota."""
    rows = b.query("cinder", "select * from quota_usages where resource = ?", resource)
    return b.pick([{**row, "id": f"usage {row['id']}"} for row in rows], "id", "counter of quota")


def _count(b: Breaker, usage: Row, column: str, more: int) -> int:
    """Raise a counter and return its number."""
    number = int(usage["id"].removeprefix("usage "))
    b.run(
        "cinder",
        f"update quota_usages set {column} = {column} + ?, updated_at = ? where id = ?",
        more,
        b.ago(),
        number,
    )
    return number


def quota_usage_wrong(b: Breaker) -> None:
    """Volumes were deleted by SQL, the quota was not told."""
    _count(b, _usage(b, "volumes"), "in_use", 7)


def reservation_expired(b: Breaker) -> None:
    """The API server died while it made a volume."""
    usage = _usage(b, "gigabytes")
    b.insert(
        "cinder",
        "reservations",
        created_at=b.ago(),
        deleted=0,
        uuid=b.uuid(),
        usage_id=_count(b, usage, "reserved", 50),
        project_id=usage["project_id"],
        resource="gigabytes",
        delta=50,
        expire=b.ago(days=2),
    )


def quota_reserved_wrong(b: Breaker) -> None:
    """A reservation was removed by SQL, what it had reserved was not given back."""
    _count(b, _usage(b, "snapshots"), "reserved", 5)


def attachment_on_wrong_host(b: Breaker) -> None:
    """A migration moved the VM and left the attachment with the old host."""
    vm = b.vm(volumes=True)
    b.run(
        "cinder",
        "update volume_attachment set attached_host = ? where id = ?",
        b.other_host(vm),
        b.attachments(vm)[0]["id"],
    )


FAULTS = (
    Fault.of("CIN001", attachment_of_dead_vm),
    Fault.of("CIN002", attachment_without_bdm),
    Fault.of("CIN003", disk_without_bdm, "CIN002"),
    Fault.of("CIN004", bdm_without_disk),
    Fault.of("CIN005", bdm_of_gone_volume),
    Fault.of("CIN006", bdm_without_attachment),
    Fault.of("CIN007", in_use_without_attachment),
    Fault.of("CIN008", available_with_attachment),
    Fault.of("CIN009", disk_without_attachment, "CIN006"),
    Fault.of("CIN010", attach_status_against_status),
    Fault.of("CIN011", attachment_of_gone_volume),
    Fault.of("CIN012", attachment_not_novas),
    Fault.of("CIN013", volume_of_two_vms),
    Fault.of("CIN014", volume_stuck),
    Fault.of("CIN015", volume_delete_failed),
    Fault.of("CIN016", volume_locked),
    Fault.of("CIN017", volume_migration_stuck),
    Fault.of("CIN018", volume_half_deleted),
    Fault.of("CIN019", attachment_half_deleted),
    Fault.of("CIN020", snapshot_of_gone_volume),
    Fault.of("CIN021", quota_usage_wrong),
    Fault.of("CIN022", reservation_expired),
    Fault.of("CIN023", quota_reserved_wrong),
    Fault.of("CIN024", attachment_on_wrong_host),
)
