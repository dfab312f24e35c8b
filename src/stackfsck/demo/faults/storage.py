"""Faults in images, in Ceph, in connections to volumes, in console tickets."""

import json
from datetime import timedelta

from stackfsck.demo.faults.breaker import Breaker, Fault
from stackfsck.demo.faults.hosts import add_domain
from stackfsck.demo.traces.computes import IQN, PORTAL


def session_without_attachment(b: Breaker) -> None:
    """A detach broke off before the host had logged out."""
    volume, host = b.spare_volume("lvm")["id"], b.host_of("cell1")
    b.see(
        host,
        "host.iscsi_sessions",
        sid=901,
        portal=PORTAL,
        iqn=IQN.format(volume),
        volume=volume,
        lun=0,
        device="sdz",
    )
    _remember(b, host, volume)


def _remember(b: Breaker, host: str, volume: str) -> None:
    b.see(
        host,
        "host.iscsi_nodes",
        portal=PORTAL,
        iqn=IQN.format(volume),
        startup="automatic",
        volume=volume,
    )


def node_without_session(b: Breaker) -> None:
    """A host logged out and did not forget the target."""
    _remember(b, b.host_of("cell1"), b.spare_volume("lvm")["id"])


def multipath_without_paths(b: Breaker) -> None:
    """A unit was unmapped before its multipath map was flushed."""
    wwid = f"36{b.dice.getrandbits(120):030x}"
    b.see(
        b.host_of("cell1"),
        "host.multipaths",
        name="mpatha",
        wwid=wwid,
        devices="",
        paths=0,
    )


def share_mounted_for_nobody(b: Breaker) -> None:
    """The last volume of an NFS export went, the mount stayed."""
    b.see(
        b.host_of("cell2"),
        "host.mounts",
        source="192.0.2.8:/volumes",
        target=f"/var/lib/nova/mnt/{b.dice.getrandbits(128):032x}",
        type="nfs4",
    )


def rbd_map_for_nobody(b: Breaker) -> None:
    """A volume stayed mapped after a backup by hand."""
    volume = b.spare_volume("rbd")["id"]
    b.see(
        b.host_of("cell2"),
        "host.rbd_maps",
        pool="volumes",
        image=f"volume-{volume}",
        snap="",
        device="/dev/rbd0",
    )


def _image(b: Breaker, name: str, *, status: str = "active", **properties: str) -> str:
    """Write an image and return its id."""
    image = b.uuid()
    times = {"created_at": b.ago(days=20), "updated_at": b.ago(), "deleted": 0}
    b.insert(
        "glance",
        "images",
        id=image,
        name=name,
        owner=b.project()["external_id"],
        status=status,
        size=2 << 30 if status == "active" else None,
        min_disk=0,
        min_ram=0,
        visibility="private",
        **times,
    )
    for key, value in properties.items():
        b.insert("glance", "image_properties", image_id=image, name=key, value=value, **times)
    return image


def _place(b: Breaker, image: str) -> None:
    b.insert(
        "glance",
        "image_locations",
        image_id=image,
        value=f"file:///var/lib/glance/images/{image}",
        created_at=b.ago(days=20),
        deleted=0,
        status="active",
    )


def shelved_image_of_dead_vm(b: Breaker) -> None:
    """A shelved VM was deleted while glance was away."""
    vm = b.vm("deleted")
    name = f"{vm.row['display_name']}-shelved"
    _place(b, _image(b, name, image_type="snapshot", instance_uuid=vm.uuid))


def shelved_image_of_unshelved_vm(b: Breaker) -> None:
    """A VM was unshelved while glance was away."""
    vm = b.vm()
    name = f"{vm.row['display_name']}-shelved"
    _place(b, _image(b, name, image_type="snapshot", instance_uuid=vm.uuid))


def snapshot_stuck(b: Breaker) -> None:
    """A compute was restarted while it uploaded a snapshot."""
    _image(b, "nightly", status="saving", image_type="snapshot", instance_uuid=b.vm().uuid)


def image_without_data(b: Breaker) -> None:
    """The place of an image was removed by SQL."""
    _image(b, "golden")


def disk_of_dead_vm(b: Breaker) -> None:
    """A VM was archived before Ceph had removed its disk."""
    gone = b.uuid()
    b.see_ceph("vms", f"{gone}_disk", gone, "_disk", None)


def watched_disk_of_dead_vm(b: Breaker) -> None:
    """A VM whose rows were removed by hand still runs, and has its disk open."""
    gone = b.uuid()
    add_domain(b, b.host_of("cell1"), gone, "instance-0000fff4", "running")
    b.see_ceph("vms", f"{gone}_disk", gone, "_disk", 1)


def rbd_volume_without_row(b: Breaker) -> None:
    """A volume was removed from cinder's database, not from Ceph."""
    gone = b.uuid()
    b.see_ceph("volumes", f"volume-{gone}", gone, "", None)


def _token(b: Breaker, cell: str, vm: str, host: str, expires: float) -> None:
    b.insert(
        f"nova_{cell}",
        "console_auth_tokens",
        created_at=b.ago(),
        token_hash=f"{b.dice.getrandbits(256):064x}",
        console_type="novnc",
        host=host,
        port=5901,
        instance_uuid=vm,
        expires=int(expires),
        access_url_base="http://192.0.2.1:6080/vnc_auto.html",
    )


def console_token_of_dead_vm(b: Breaker) -> None:
    """A VM was deleted by SQL, the ticket to its console was not."""
    vm = b.vm("deleted")
    _token(b, vm.cell, vm.uuid, vm.host, (b.now + timedelta(days=1)).timestamp())


def expired_token_of_gone_host(b: Breaker) -> None:
    """A host was removed before it had cleared its lapsed console tickets."""
    vm = b.vm()
    _token(b, vm.cell, vm.uuid, "compute-97", (b.now - timedelta(days=9)).timestamp())


def memcached_token_of_dead_vm(b: Breaker) -> None:
    """A VM was deleted, her ticket in memcached lives on (before Train)."""
    token = {
        "key": f"{b.dice.getrandbits(160):040x}",
        "instance": b.vm("deleted").uuid,
        "expires": None,
    }
    with b.folder.memcached.open("a", encoding="utf-8") as file:
        file.write(json.dumps(token) + "\n")


FAULTS = (
    Fault.of("CEP001", disk_of_dead_vm),
    Fault.of("CEP002", watched_disk_of_dead_vm, "LIB004"),
    Fault.of("CEP003", rbd_volume_without_row),
    Fault.of("CON001", console_token_of_dead_vm),
    Fault.of("CON002", expired_token_of_gone_host),
    Fault.of("CON003", memcached_token_of_dead_vm),
    Fault.of("GLA001", shelved_image_of_dead_vm),
    Fault.of("GLA002", shelved_image_of_unshelved_vm),
    Fault.of("GLA003", snapshot_stuck),
    Fault.of("GLA004", image_without_data),
    Fault.of("ISC001", session_without_attachment),
    Fault.of("ISC002", node_without_session),
    Fault.of("ISC003", multipath_without_paths),
    Fault.of("ISC004", share_mounted_for_nobody),
    Fault.of("ISC005", rbd_map_for_nobody),
)
