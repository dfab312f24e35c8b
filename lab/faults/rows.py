"""Rows of a nova cell as operators, crashes and restored backups leave them."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator

from lab.faults import Wound, fault, nobody
from lab.labcloud.cloud import Cloud
from lab.labcloud.database import CELL_1, execute, put, query, session, take
from lab.labcloud.places import HOST, HOST_2

DAYS_AGO = "utc_timestamp() - interval 2 day"


def change(vm: str, assignments: str) -> None:
    """Write columns of a VM's row, dated back a day so that it is no fresh change."""
    execute(
        CELL_1, f"update instances set {assignments}, updated_at = {DAYS_AGO} where uuid = %s", vm
    )


@fault("NOV002", "LIB003", seed="004")
def row_marked_deleted_with_one(cloud: Cloud) -> Iterator[Wound]:
    """`update instances set deleted='1', vm_state='deleted'` as blogs have it; the domain runs."""
    vm = cloud.boot("deleted-one")
    change(vm, f"deleted = '1', vm_state = 'deleted', deleted_at = {DAYS_AGO}")
    yield Wound(expects={"NOV002": vm, "LIB003": f"{HOST}/{vm}"}, touches=(vm,))


@fault("LIB001", "NTR001", seed="001")
def row_deleted_while_domain_runs(cloud: Cloud) -> Iterator[Wound]:
    """The row was deleted as nova deletes (`deleted = id`), nobody told the host."""
    vm = cloud.boot("deleted-id")
    change(vm, f"deleted = id, vm_state = 'deleted', power_state = 0, deleted_at = {DAYS_AGO}")
    port = cloud.ports(vm)[0]["id"]
    expects = {"LIB001": f"{HOST}/{vm}", "NTR001": port}
    yield Wound(expects=expects, touches=(vm, port))


@fault("NOV026", seed="001")
def files_never_removed(cloud: Cloud) -> Iterator[Wound]:
    """The host failed five times to remove the files of a deleted VM, and gave up."""
    vm = cloud.boot("never-cleaned")
    cloud.delete_vm(vm)
    execute(
        CELL_1,
        "insert into instance_system_metadata (instance_uuid, `key`, value, deleted, deleted_at,"
        f" created_at) values (%s, 'clean_attempts', '5', 1, {DAYS_AGO}, {DAYS_AGO})",
        vm,
    )
    change(vm, f"cleaned = 0, deleted_at = {DAYS_AGO}")
    yield Wound(expects={"NOV026": vm}, touches=(vm,))


@fault("NOV016", "LIB004", "API001", "API005", "PLC001", seed="002")
def row_removed_without_foreign_keys(cloud: Cloud) -> Iterator[Wound]:
    """`SET FOREIGN_KEY_CHECKS=0; delete from instances where id = …`."""
    vm = cloud.boot("no-fk")
    row = query(CELL_1, "select id from instances where uuid = %s", vm)[0]
    port = cloud.ports(vm)[0]["id"]
    session(
        CELL_1,
        "SET FOREIGN_KEY_CHECKS=0",
        ("delete from instances where id = %s", [row["id"]]),
        "SET FOREIGN_KEY_CHECKS=1",
    )
    expects = {"NOV016": vm, "LIB004": f"{HOST}/{vm}", "API001": vm, "API005": vm, "PLC001": vm}
    yield Wound(expects=expects, touches=(vm, port))


@fault("NOV018", seed="002")
def ec2_id_left(cloud: Cloud) -> Iterator[Wound]:
    """The row went, its EC2 id (`i-0000001d`) stayed."""
    vm = nobody(cloud)
    execute(
        CELL_1,
        f"insert into instance_id_mappings (uuid, deleted, created_at) values (%s, 0, {DAYS_AGO})",
        vm,
    )
    yield Wound(expects={"NOV018": vm}, touches=(vm,))


@fault("NOV007", seed="002")
def host_is_null(cloud: Cloud) -> Iterator[Wound]:
    """An active VM whose `host IS NULL`."""
    vm = cloud.boot("host-null")
    change(vm, "host = null, node = null")
    yield Wound(expects={"NOV007": vm}, touches=(vm, cloud.ports(vm)[0]["id"]))


@fault("NOV008")
def node_is_null(cloud: Cloud) -> Iterator[Wound]:
    """A VM with a host and no hypervisor."""
    vm = cloud.boot("node-null")
    change(vm, "node = null")
    yield Wound(expects={"NOV008": vm}, touches=(vm,))


@fault("NOV024", seed="002")
def network_info_emptied(cloud: Cloud) -> Iterator[Wound]:
    """`instance_info_caches.network_info` is `[]` although the VM has a port."""
    vm = cloud.boot("no-network-info")
    time.sleep(10)  # neutron's last event of the boot would fill it again
    execute(
        CELL_1,
        "update instance_info_caches set network_info = '[]', updated_at ="
        f" {DAYS_AGO} where instance_uuid = %s",
        vm,
    )
    yield Wound(expects={"NOV024": vm}, touches=(vm,))


@fault("NOV005")
def task_stuck(cloud: Cloud) -> Iterator[Wound]:
    """A VM that has been `rebooting` since yesterday: its message was lost."""
    vm = cloud.boot("stuck-task")
    change(vm, "task_state = 'rebooting'")
    yield Wound(expects={"NOV005": vm}, touches=(vm,))


@fault("NOV006")
def build_stuck(cloud: Cloud) -> Iterator[Wound]:
    """A VM that has been building since yesterday."""
    vm = cloud.boot("stuck-build")
    change(vm, "vm_state = 'building', task_state = 'spawning'")
    yield Wound(expects={"NOV006": vm}, touches=(vm,))


@fault("NOV004", seed="001")
def state_says_deleted(cloud: Cloud) -> Iterator[Wound]:
    """`vm_state = 'deleted'` was written by hand, `deleted` was forgotten."""
    vm = cloud.boot("state-deleted")
    change(vm, "vm_state = 'deleted'")
    yield Wound(expects={"NOV004": vm}, touches=(vm,))


@fault("NOV003")
def deleted_without_date(cloud: Cloud) -> Iterator[Wound]:
    """`deleted = id` without `deleted_at`: purging never finds the row."""
    vm = cloud.boot("no-date")
    port = cloud.ports(vm)[0]["id"]
    change(vm, "deleted = id, vm_state = 'deleted', deleted_at = null")
    yield Wound(expects={"NOV003": vm}, touches=(vm, port))


@fault("NOV010")
def host_gone(cloud: Cloud) -> Iterator[Wound]:
    """A VM on a host that was taken out of the cloud; its disk went with it."""
    vm = cloud.boot("host-gone")
    change(vm, "host = 'fsck-gone', node = 'fsck-gone'")
    port = cloud.ports(vm)[0]["id"]
    yield Wound(expects={"NOV010": vm}, touches=(vm, port))


@fault("NOV011")
def hypervisor_renamed(cloud: Cloud) -> Iterator[Wound]:
    """The host got another name, the VM's row kept the old one."""
    vm = cloud.boot("renamed")
    change(vm, "node = 'fsck-old-name'")
    yield Wound(expects={"NOV011": vm}, touches=(vm,))


@fault("LIB005", "NTR002", seed="004")
def host_changed_by_hand(cloud: Cloud) -> Iterator[Wound]:
    """`update instances set host='…', node='…'` while the domain never left."""
    vm = cloud.boot("wrong-host")
    port = cloud.ports(vm)[0]["id"]
    change(vm, f"host = '{HOST_2}', node = '{HOST_2}'")
    yield Wound(expects={"LIB005": f"{HOST}/{vm}", "NTR002": port}, touches=(vm, port))


@fault("NOV017")
def children_of_deleted_alive(cloud: Cloud) -> Iterator[Wound]:
    """A delete that lost its connection: the VM is deleted, children of it are not."""
    vm = cloud.boot("live-children")
    cloud.delete_vm(vm)
    change(vm, f"deleted_at = {DAYS_AGO}")
    execute(
        CELL_1,
        "update block_device_mapping set deleted = 0, deleted_at = null where instance_uuid = %s",
        vm,
    )
    yield Wound(expects={"NOV017": vm}, touches=(vm,))


def move(cloud: Cloud, vm: str, status: str, kind: str, source: str = HOST) -> str:
    """A row of `migrations` from yesterday; its UUID."""
    migration = str(uuid.uuid4())
    cloud.note("row", f"{CELL_1}.migrations uuid {migration}")
    words = (
        "insert into migrations (uuid, instance_uuid, status, migration_type, source_compute,"
        " source_node, dest_compute, dest_node, deleted, created_at, updated_at) values"
        f" (%s, %s, %s, %s, %s, %s, %s, %s, 0, {DAYS_AGO}, {DAYS_AGO})"
    )
    session(
        CELL_1,
        "set foreign_key_checks = 0",
        (
            words,
            [migration, vm, status, kind, source, source, HOST_2, HOST_2],
        ),
    )
    return migration


@fault("NOV019")
def migration_stuck(cloud: Cloud) -> Iterator[Wound]:
    """A live migration whose source died: `running` for ever."""
    vm = cloud.boot("stuck-move")
    migration = move(cloud, vm, "running", "live-migration")
    yield Wound(expects={"NOV019": migration}, touches=(vm, migration))


@fault("NOV021")
def migration_of_dead_vm(cloud: Cloud) -> Iterator[Wound]:
    """The VM was deleted during its migration, which is still `migrating`."""
    vm = nobody(cloud)
    migration = move(cloud, vm, "migrating", "migration")
    yield Wound(expects={"NOV021": migration}, touches=(vm, migration))


@fault("NOV020", seed="003")
def evacuated_from_gone_host(cloud: Cloud) -> Iterator[Wound]:
    """A VM was evacuated, and the failed host was removed before it could tidy up."""
    vm = cloud.boot("evacuated")
    migration = move(cloud, vm, "done", "evacuation", source="fsck-gone")
    yield Wound(expects={"NOV020": migration}, touches=(vm, migration))


@fault("NOV015")
def buried_and_alive(cloud: Cloud) -> Iterator[Wound]:
    """A VM has a row in cell0 and one in its cell."""
    vm = cloud.boot("two-cells")
    rows = take(CELL_1, "instances", "uuid = %s", vm)
    for row in rows:
        del row["id"]
        row.update(host=None, node=None, vm_state="error")
    put("nova_cell0", "instances", rows)
    yield Wound(expects={"NOV015": vm}, touches=(vm,))


@fault("NOV023")
def interface_without_port(cloud: Cloud) -> Iterator[Wound]:
    """A port was deleted while nova did not listen: its virtual interface is still there."""
    vm = cloud.boot("interface")
    port = str(uuid.uuid4())
    execute(
        CELL_1,
        "insert into virtual_interfaces (address, uuid, instance_uuid, deleted, created_at)"
        f" values (%s, %s, %s, 0, {DAYS_AGO})",
        f"fa:16:3e:00:00:01/{port}",
        port,
        vm,
    )
    yield Wound(expects={"NOV023": port}, touches=(vm, port))


@fault("NOV012", "NOV013")
def compute_node_left_twice(cloud: Cloud) -> Iterator[Wound]:
    """A hypervisor was set up again under another host name; both records stayed."""
    rows = take(CELL_1, "compute_nodes", "host = %s and deleted = 0", HOST)
    nodes = []
    for host in ("fsck-a", "fsck-b"):
        row = dict(rows[0], uuid=str(uuid.uuid4()), host=host, hypervisor_hostname="fsck-node")
        row.update(service_id=None, created_at=rows[0]["created_at"], mapped=1)
        del row["id"]
        cloud.note("row", f"{CELL_1}.compute_nodes uuid {row['uuid']}")
        put(CELL_1, "compute_nodes", [row])
        nodes.append(str(row["uuid"]))
    yield Wound(expects={"NOV012": nodes[0], "NOV013": "fsck-node"}, touches=(*nodes, "fsck-node"))


@fault("NOV022")
def pci_device_kept(cloud: Cloud) -> Iterator[Wound]:
    """A PCI device is still allocated to a VM that is gone."""
    vm = nobody(cloud)
    node = query(CELL_1, "select id from compute_nodes where host = %s and deleted = 0", HOST)[0]
    execute(
        CELL_1,
        "insert into pci_devices (compute_node_id, address, product_id, vendor_id, dev_type,"
        " dev_id, label, status, instance_uuid, request_id, deleted, created_at, uuid) values"
        " (%s, '0000:99:00.1', '1520', '8086', 'type-VF', 'pci_0000_99_00_1', 'label_8086_1520',"
        f" 'allocated', %s, null, 0, {DAYS_AGO}, %s)",
        node["id"],
        vm,
        str(uuid.uuid4()),
    )
    row = query(CELL_1, "select id from pci_devices where instance_uuid = %s", vm)[0]
    yield Wound(expects={"NOV022": f"cell1/{row['id']}"}, touches=(vm,))


# Alone: a host that stackfsck cannot reach leaves what rests on all hosts unproved.
@fault("NOV014", alone=True)
def service_in_two_cells(cloud: Cloud) -> Iterator[Wound]:
    """A host was moved to another cell, its old service was never deleted."""
    name, moment = "fsck-two-services", "utc_timestamp() - interval 10 minute"
    service = take(CELL_1, "services", "host = %s and `binary` = 'nova-compute'", HOST)[0]
    created = query(CELL_1, f"select {moment} as moment")[0]["moment"]
    for database in (CELL_1, "nova_cell0"):
        cloud.note("row", f"{database}.services host {name}")
        row = {**service, "host": name, "uuid": str(uuid.uuid4()), "created_at": created}
        del row["id"]
        put(database, "services", [row])
    yield Wound(expects={"NOV014": name}, touches=(name,))


@fault("NOV025")
def share_of_deleted_vm(cloud: Cloud) -> Iterator[Wound]:
    """A deleted VM still has a share mounted in nova's books: archiving stops at it."""
    vm = cloud.boot("share")
    cloud.delete_vm(vm)
    change(vm, f"deleted_at = {DAYS_AGO}")
    share = str(uuid.uuid4())
    execute(
        CELL_1,
        "insert into share_mapping (uuid, instance_uuid, share_id, status, tag, export_location,"
        f" share_proto, created_at) values (%s, %s, %s, 'active', 'fsck', '10.0.0.9:/x', 'NFS',"
        f" {DAYS_AGO})",
        share,
        vm,
        share,
    )
    yield Wound(expects={"NOV025": f"{vm}/share_mapping"}, touches=(vm, share))
