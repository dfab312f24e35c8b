"""Cinder and nova disagree about volumes."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from lab.faults import Wound, fault, nobody
from lab.faults.rows import DAYS_AGO
from lab.labcloud.cloud import Cloud
from lab.labcloud.database import CELL_1, execute, query
from lab.labcloud.places import HOST, HOST_2
from lab.labcloud.shell import unplug

# Counting volumes by hand changes what quota ought to be, and Ceph keeps what cinder forgot.
SUMS = ("CIN021", "CIN023")


def change(table: str, key: str, assignments: str) -> None:
    """Write columns of one of cinder's rows, dated back a day."""
    execute(
        "cinder", f"update {table} set {assignments}, updated_at = {DAYS_AGO} where id = %s", key
    )


def with_volume(cloud: Cloud, name: str) -> tuple[str, str, str]:
    """A running VM, its volume, and cinder's attachment of the two."""
    vm, volume = cloud.boot(name), cloud.volume(name)
    return vm, volume, cloud.attach(vm, volume)


def bdm_of(volume: str) -> str:
    """The id of nova's live block device of a volume."""
    found = query(
        CELL_1,
        "select id from block_device_mapping where volume_id = %s and deleted = 0",
        volume,
    )
    return str(found[0]["id"])


@fault("CIN001", seed="001")
def attachment_of_dead_vm(cloud: Cloud) -> Iterator[Wound]:
    """The VM is gone, cinder still has its volume attached."""
    vm, volume = nobody(cloud), cloud.volume("dead-vm")
    body = {"attachment": {"volume_uuid": volume, "instance_uuid": vm, "connector": None}}
    made = cloud.post("volume", cloud.of_project("/attachments"), body)["attachment"]["id"]
    change("volume_attachment", made, "attach_status = 'attached', attach_mode = 'rw'")
    change("volumes", volume, "status = 'in-use', attach_status = 'attached'")
    yield Wound(expects={"CIN001": made}, touches=(vm, volume, made))


@fault("CIN002", "CIN003", seed="004")
def block_device_deleted(cloud: Cloud) -> Iterator[Wound]:
    """`delete from block_device_mapping where not deleted and volume_id = …`, disk in use."""
    vm, volume, attachment = with_volume(cloud, "no-bdm")
    execute(CELL_1, "delete from block_device_mapping where not deleted and volume_id = %s", volume)
    change("volume_attachment", attachment, "attach_mode = 'rw'")
    yield Wound(expects={"CIN002": attachment, "CIN003": volume}, touches=(vm, volume, attachment))


@fault("CIN004")
def disk_pulled(cloud: Cloud) -> Iterator[Wound]:
    """`virsh detach-disk` behind nova's back."""
    vm, volume, attachment = with_volume(cloud, "disk-pulled")
    unplug(HOST, vm, f"volume-{volume}", "detach-disk", vm, "vdb", "--live", "--config")
    yield Wound(expects={"CIN004": bdm_of(volume)}, touches=(vm, volume, attachment))


@fault("CIN005", "CIN011", "CEP003", seed="004")
def volume_deleted_by_hand(cloud: Cloud) -> Iterator[Wound]:
    """`update volumes set deleted=1, status='deleted'` while a VM has it."""
    vm, volume, attachment = with_volume(cloud, "volume-row")
    bdm = bdm_of(volume)
    change("volumes", volume, f"deleted = 1, status = 'deleted', deleted_at = {DAYS_AGO}")
    expects = {"CIN005": bdm, "CIN011": attachment, "CEP003": f"volume-{volume}"}
    yield Wound(expects=expects, touches=(vm, volume, attachment), also=SUMS)
    change("volumes", volume, "deleted = 0, status = 'in-use', deleted_at = null")


@fault("CIN006", "CIN007", "CIN009", seed="004")
def attachment_deleted_by_hand(cloud: Cloud) -> Iterator[Wound]:
    """The attachment was deleted by SQL; nova and the domain still have the volume."""
    vm, volume, attachment = with_volume(cloud, "attachment-row")
    change(
        "volume_attachment",
        attachment,
        f"deleted = 1, attach_status = 'detached', deleted_at = {DAYS_AGO}",
    )
    change("volumes", volume, "status = 'in-use'")
    expects = {"CIN006": bdm_of(volume), "CIN007": volume, "CIN009": volume}
    yield Wound(expects=expects, touches=(vm, volume, attachment))


@fault("CIN008", seed="004")
def reset_to_available(cloud: Cloud) -> Iterator[Wound]:
    """`cinder reset-state --state available` of a volume that a VM writes to."""
    vm, volume, attachment = with_volume(cloud, "reset-state")
    path = cloud.of_project(f"/volumes/{volume}/action")
    cloud.post("volume", path, {"os-reset_status": {"status": "available"}})
    # cinder refuses or tidies up when attach_status is given too: the blogs write it by SQL
    change("volumes", volume, "attach_status='detached', status='available'")
    execute(
        "cinder",
        "update volume_attachment set deleted = 0, deleted_at = null, attach_status ="
        f" 'attached', updated_at = {DAYS_AGO} where id = %s",
        attachment,
    )
    yield Wound(expects={"CIN008": volume}, touches=(vm, volume, attachment))


@fault("CIN010")
def attach_status_left(cloud: Cloud) -> Iterator[Wound]:
    """A detach that stopped half way: available and attached at once."""
    volume = cloud.volume("half-detached")
    change("volumes", volume, "attach_status = 'attached'")
    yield Wound(expects={"CIN010": volume}, touches=(volume,))


@fault("CIN012")
def attachment_left_by_move(cloud: Cloud) -> Iterator[Wound]:
    """A failed migration left the attachment that it had made for the other host."""
    vm, volume, attachment = with_volume(cloud, "second-attachment")
    body = {"attachment": {"volume_uuid": volume, "instance_uuid": vm, "connector": None}}
    second = cloud.post("volume", cloud.of_project("/attachments"), body)["attachment"]["id"]
    change("volume_attachment", second, "attach_status = 'reserved'")
    change("volumes", volume, "status = 'in-use', attach_status = 'attached'")
    yield Wound(expects={"CIN012": second}, touches=(vm, volume, attachment, second))


@fault("CIN013")
def volume_of_two_vms(cloud: Cloud) -> Iterator[Wound]:
    """A volume that is not multiattach is attached to two VMs."""
    vm, volume, attachment = with_volume(cloud, "two-vms")
    other, second = nobody(cloud), str(uuid.uuid4())
    execute(
        "cinder",
        "insert into volume_attachment (id, volume_id, instance_uuid, attach_status,"
        f" attach_mode, deleted, created_at, updated_at) values (%s, %s, %s, 'attached', 'rw',"
        f" 0, {DAYS_AGO}, {DAYS_AGO})",
        second,
        volume,
        other,
    )
    change("volume_attachment", attachment, "attach_mode = 'rw'")
    yield Wound(expects={"CIN013": volume}, touches=(vm, other, volume, attachment, second))


def in_state(cloud: Cloud, code: str, name: str, assignments: str) -> Iterator[Wound]:
    """A volume of its own that stands in a state since yesterday."""
    volume = cloud.volume(name)
    change("volumes", volume, assignments)
    yield Wound(expects={code: volume}, touches=(volume,), also=SUMS)
    change("volumes", volume, "status = 'available', deleted = 0, deleted_at = null")


@fault("CIN014", seed="004")
def volume_stuck_detaching(cloud: Cloud) -> Iterator[Wound]:
    """`detaching` since yesterday: cinder-volume was down when the message came."""
    yield from in_state(cloud, "CIN014", "stuck", "status = 'detaching'")


@fault("CIN015", seed="004")
def volume_delete_failed(cloud: Cloud) -> Iterator[Wound]:
    """`error_deleting`: Ceph said no."""
    yield from in_state(cloud, "CIN015", "error-deleting", "status = 'error_deleting'")


@fault("CIN016")
def volume_in_maintenance(cloud: Cloud) -> Iterator[Wound]:
    """A migration ended and left the volume in `maintenance`."""
    yield from in_state(cloud, "CIN016", "locked", "status = 'maintenance'")


@fault("CIN017")
def volume_migration_stuck(cloud: Cloud) -> Iterator[Wound]:
    """A volume's migration never went on."""
    yield from in_state(cloud, "CIN017", "moving", "migration_status = 'migrating'")


@fault("CIN018", seed="004")
def volume_half_deleted(cloud: Cloud) -> Iterator[Wound]:
    """`update volumes set deleted=1` and nothing else."""
    yield from in_state(cloud, "CIN018", "half-deleted", "deleted = 1")


@fault("CIN019")
def attachment_half_deleted(cloud: Cloud) -> Iterator[Wound]:
    """`deleted = 1` without a date, still `attached`."""
    vm, volume, attachment = with_volume(cloud, "half-attachment")
    change("volume_attachment", attachment, "deleted = 1")
    yield Wound(expects={"CIN019": attachment}, touches=(vm, volume, attachment))


@fault("CIN020")
def snapshot_of_gone_volume(cloud: Cloud) -> Iterator[Wound]:
    """A volume row was deleted by hand although it had a snapshot."""
    volume = cloud.volume("snapshot")
    snapshot = cloud.note("row", f"cinder.snapshots id {uuid.uuid4()}").rpartition(" ")[2]
    execute(
        "cinder",
        "insert into snapshots (id, volume_id, project_id, status, volume_size, deleted,"
        " created_at, volume_type_id, use_quota) select %s, id, project_id, 'available', 1, 0,"
        f" {DAYS_AGO}, volume_type_id, 1 from volumes where id = %s",
        snapshot,
        volume,
    )
    change("volumes", volume, f"deleted = 1, status = 'deleted', deleted_at = {DAYS_AGO}")
    yield Wound(expects={"CIN020": snapshot}, touches=(volume, snapshot), also=SUMS)
    change("volumes", volume, "deleted = 0, status = 'available', deleted_at = null")


@fault("CIN024")
def attachment_on_wrong_host(cloud: Cloud) -> Iterator[Wound]:
    """After an evacuation cinder still connects the volume to the failed host."""
    vm, volume, attachment = with_volume(cloud, "attached-host")
    change("volume_attachment", attachment, f"attached_host = '{HOST_2}'")
    yield Wound(expects={"CIN024": attachment}, touches=(vm, volume, attachment))


@fault("CIN021", "CIN023")
def quota_miscounted(cloud: Cloud) -> Iterator[Wound]:
    """`quota_usages` counts volumes that are not there and reserves for nobody."""
    cloud.delete_volume(cloud.volume("for-quota"))
    row = query(
        "cinder",
        "select id, in_use, reserved from quota_usages where project_id = %s and"
        " resource = 'volumes' and deleted = 0",
        cloud.project,
    )[0]
    key = str(row["id"])
    change("quota_usages", key, "in_use = in_use + 7, reserved = reserved + 3")
    yield Wound(expects={"CIN021": key, "CIN023": key}, touches=(key, cloud.project), also=SUMS)
    execute(
        "cinder",
        "update quota_usages set in_use = in_use - 7, reserved = reserved - 3 where id = %s",
        key,
    )


@fault("CIN022")
def reservation_expired(cloud: Cloud) -> Iterator[Wound]:
    """A create that died after its reservation."""
    cloud.delete_volume(cloud.volume("for-reservation"))
    key = str(uuid.uuid4())
    cloud.note("row", f"cinder.reservations uuid {key}")
    execute(
        "cinder",
        "insert into reservations (uuid, usage_id, project_id, resource, delta, expire, deleted,"
        " created_at) select %s, id, project_id, resource, 1, utc_timestamp() - interval 2 day,"
        f" 0, {DAYS_AGO} from quota_usages where project_id = %s"
        " and resource = 'volumes' and deleted = 0 limit 1",
        key,
        cloud.project,
    )
    row = query("cinder", "select id from reservations where uuid = %s", key)[0]
    yield Wound(expects={"CIN022": str(row["id"])}, touches=(cloud.project,), also=SUMS)
