"""Faults in a cell database of nova."""

from stackfsck.demo.faults.breaker import Breaker, Fault, Vm
from stackfsck.demo.faults.hosts import OF_VMS, add_node


def vm_without_domain(b: Breaker) -> None:
    """A domain was undefined behind nova's back."""
    vm = b.vm(volumes=False)
    for table in ("libvirt.domains", "libvirt.disks", "libvirt.interfaces", "libvirt.processes"):
        b.forget(vm.host, table, OF_VMS[table], vm.uuid)


def half_deleted_vm(b: Breaker) -> None:
    """A row was deleted by hand with `deleted = 1` instead of its own id."""
    b.change(b.vm("deleted"), deleted=1000001)


def deleted_without_date(b: Breaker) -> None:
    """A row was deleted by hand and the date was forgotten."""
    b.change(b.vm("deleted"), deleted_at=None)


def vm_deleted_but_alive(b: Breaker) -> None:
    """A compute finished deleting a VM while the database was away."""
    b.change(b.vm(), vm_state="deleted", updated_at=b.ago())


def stuck_task(b: Breaker) -> None:
    """A message was lost, and the VM has been powering off ever since."""
    b.change(b.vm(), task_state="powering-off", updated_at=b.ago())


def stuck_build(b: Breaker) -> None:
    """A compute was restarted while it built a VM."""
    b.change(b.vm(), vm_state="building", task_state="spawning", updated_at=b.ago())


def vm_without_host(b: Breaker) -> None:
    """An update by hand emptied the host of a VM that runs."""
    b.change(b.vm(), host=None, node=None, updated_at=b.ago())


def vm_without_node(b: Breaker) -> None:
    """An update by hand emptied the hypervisor of a VM that runs."""
    b.change(b.vm(), node=None, updated_at=b.ago())


def offloaded_vm_with_host(b: Breaker) -> None:
    """Offloading a shelved VM was cut off at its last step."""
    host = b.host_of("cell1")
    vm = b.vm("shelved_offloaded", cell="cell1")
    b.change(vm, host=host, node=f"{host}.example.net", updated_at=b.ago())


def vm_on_unknown_host(b: Breaker) -> None:
    """The service of a host was removed while a VM was still booked on it."""
    b.change(b.vm("error", cell="cell0"), host="compute-94", updated_at=b.ago())


def vm_on_unknown_node(b: Breaker) -> None:
    """A host was renamed, its VMs still name the old hypervisor."""
    b.change(b.vm(), node="compute-old.example.net", updated_at=b.ago())


def compute_node_without_service(b: Breaker) -> None:
    """The service of a host was removed by SQL, its hypervisor stayed."""
    add_node(b, "cell1", "compute-95", "compute-95.example.net")


def doubled_compute_node(b: Breaker) -> None:
    """A host moved to another cell, its hypervisor stayed in the first as well."""
    host = b.own_host("cell1")
    add_node(b, "cell2", host, f"{host}.example.net")


def doubled_service(b: Breaker) -> None:
    """A compute was started once with the settings of the wrong cell."""
    b.insert(
        "nova_cell2",
        "services",
        created_at=b.ago(days=30),
        updated_at=b.ago(days=30),
        host=b.own_host("cell1"),
        binary="nova-compute",
        topic="compute",
        report_count=3,
        disabled=0,
        deleted=0,
        last_seen_up=b.ago(days=-3650),
        forced_down=0,
        version=74,
        uuid=b.uuid(),
    )


def vm_in_two_cells(b: Breaker) -> None:
    """A VM was buried in cell0 although a cell had taken it."""
    vm = b.vm()
    row = {
        **vm.row,
        "id": 900000,
        "host": None,
        "node": None,
        "compute_id": None,
        "vm_state": "error",
        "updated_at": b.ago(),
    }
    b.insert("nova_cell0", "instances", **row)


def child_without_parent(b: Breaker) -> None:
    """A row of instances was removed with the foreign keys switched off."""
    gone = b.uuid()
    for table in ("instance_metadata", "instance_faults"):
        columns = {"key": "role", "value": "web"} if table == "instance_metadata" else {"code": 500}
        b.insert(
            "nova_cell1",
            table,
            created_at=b.ago(days=50),
            deleted=0,
            instance_uuid=gone,
            **columns,
        )


def live_child_of_deleted_vm(b: Breaker) -> None:
    """A VM was deleted by an update of its own row only."""
    vm = b.vm("deleted")
    for table in ("instance_extra", "instance_info_caches"):
        b.run(
            vm.database,
            f"update {table} set deleted = 0, deleted_at = null where instance_uuid = ?",
            vm.uuid,
        )


def leftover_ec2_id(b: Breaker) -> None:
    """The number of a VM in the EC2 API outlived the VM."""
    b.insert(
        "nova_cell1", "instance_id_mappings", created_at=b.ago(days=80), deleted=0, uuid=b.uuid()
    )


def _migrate(b: Breaker, vm: Vm, source: str, status: str, kind: str) -> None:
    b.insert(
        vm.database,
        "migrations",
        created_at=b.ago(days=4),
        updated_at=b.ago(),
        deleted=0,
        uuid=b.uuid(),
        instance_uuid=vm.uuid,
        source_compute=source,
        source_node=f"{source}.example.net",
        dest_compute=vm.host,
        dest_node=vm.row["node"],
        status=status,
        migration_type=kind,
        hidden=0,
    )


def stuck_migration(b: Breaker) -> None:
    """A live migration was lost with the message queue."""
    vm = b.vm()
    _migrate(b, vm, b.other_host(vm), "running", "live-migration")


def evacuation_from_gone_host(b: Breaker) -> None:
    """A VM was evacuated from a host that never came back."""
    _migrate(b, b.vm(), "compute-96", "done", "evacuation")


def migration_of_dead_vm(b: Breaker) -> None:
    """A VM was deleted in the middle of a migration."""
    vm = b.vm("deleted")
    _migrate(b, vm, b.other_host(vm), "pre-migrating", "migration")


def pci_device_of_dead_vm(b: Breaker) -> None:
    """A VM with a PCI device was deleted while its host was down."""
    vm = b.vm("deleted")
    b.insert(
        vm.database,
        "pci_devices",
        created_at=b.ago(days=300),
        updated_at=b.ago(days=90),
        deleted=0,
        compute_node_id=vm.row["compute_id"],
        address="0000:3b:00.1",
        product_id="1572",
        vendor_id="8086",
        dev_type="type-VF",
        label="label_8086_1572",
        status="allocated",
        instance_uuid=vm.uuid,
    )


def interface_without_port(b: Breaker) -> None:
    """A port was deleted in neutron under a VM that has it."""
    vm, port = b.vm(), b.uuid()
    b.insert(
        vm.database,
        "virtual_interfaces",
        created_at=b.ago(days=20),
        deleted=0,
        address=f"fa:16:3e:00:aa:01/{port}",
        uuid=port,
        instance_uuid=vm.uuid,
    )


def empty_network_info(b: Breaker) -> None:
    """A refresh of the network cache failed half-way and wrote nothing."""
    vm = b.vm(ports=True)
    b.run(
        vm.database,
        "update instance_info_caches set network_info = '[]' where instance_uuid = ?",
        vm.uuid,
    )


def row_that_stops_archiving(b: Breaker) -> None:
    """A share was still mapped to a VM when it was deleted."""
    vm = b.vm("deleted")
    b.insert(
        vm.database,
        "share_mapping",
        created_at=b.ago(days=60),
        uuid=b.uuid(),
        instance_uuid=vm.uuid,
        share_id=b.uuid(),
        status="active",
        tag="share",
        export_location="192.0.2.9:/shares/1",
        share_proto="NFS",
    )


def deleted_vm_never_cleaned(b: Breaker) -> None:
    """A host gave up removing the files of a deleted VM after five tries."""
    b.change(b.vm("deleted"), cleaned=0)


def dead_quota_rows(b: Breaker) -> None:
    """Counters of quota were carried along from Ocata."""
    b.insert("nova_cell1", "quota_usages", **_usage(b), in_use=5)


def _usage(b: Breaker) -> dict[str, object]:
    return {
        "created_at": b.ago(days=900),
        "deleted": 0,
        "project_id": b.project()["external_id"],
        "resource": "instances",
        "reserved": 0,
    }


def _before_pike(b: Breaker) -> None:
    """Make a cell one of Ocata: its services have no UUID and its quota counters count."""
    b.run("nova_cell2", "update services set uuid = null")


def quota_usage_wrong(b: Breaker) -> None:
    """A VM was deleted by SQL in a cloud that still keeps counters of quota (Ocata)."""
    _before_pike(b)
    b.insert("nova_cell2", "quota_usages", **_usage(b), in_use=4711)


def reservation_never_released(b: Breaker) -> None:
    """An API server died in the middle of a request in a cloud that counts quota (Ocata)."""
    _before_pike(b)
    b.insert(
        "nova_cell2",
        "reservations",
        created_at=b.ago(),
        deleted=0,
        uuid=b.uuid(),
        usage_id=1,
        project_id=b.project()["external_id"],
        resource="cores",
        delta=4,
        expire=b.ago(days=2),
    )


FAULTS = (
    Fault.of("NOV001", vm_without_domain),
    Fault.of("NOV002", half_deleted_vm),
    Fault.of("NOV003", deleted_without_date),
    Fault.of("NOV004", vm_deleted_but_alive),
    Fault.of("NOV005", stuck_task),
    Fault.of("NOV006", stuck_build),
    Fault.of("NOV007", vm_without_host),
    Fault.of("NOV008", vm_without_node),
    Fault.of("NOV009", offloaded_vm_with_host),
    Fault.of("NOV010", vm_on_unknown_host),
    Fault.of("NOV011", vm_on_unknown_node, "PLC002"),
    Fault.of("NOV012", compute_node_without_service),
    Fault.of("NOV013", doubled_compute_node, "NOV012"),
    Fault.of("NOV014", doubled_service),
    Fault.of("NOV015", vm_in_two_cells),
    Fault.of("NOV016", child_without_parent),
    Fault.of("NOV017", live_child_of_deleted_vm),
    Fault.of("NOV018", leftover_ec2_id),
    Fault.of("NOV019", stuck_migration),
    Fault.of("NOV020", evacuation_from_gone_host),
    Fault.of("NOV021", migration_of_dead_vm, "NOV017"),
    Fault.of("NOV022", pci_device_of_dead_vm),
    Fault.of("NOV023", interface_without_port),
    Fault.of("NOV024", empty_network_info),
    Fault.of("NOV025", row_that_stops_archiving),
    Fault.of("NOV026", deleted_vm_never_cleaned),
    Fault.of("NVQ001", quota_usage_wrong),
    Fault.of("NVQ002", reservation_never_released),
    Fault.of("NVQ003", dead_quota_rows),
)
