"""Faults on compute hosts: domains, processes, files."""

from stackfsck.demo.faults.breaker import Breaker, Fault
from stackfsck.demo.faults.hosts import (
    add_directory,
    add_domain,
    add_file,
    add_link,
    add_process,
    copy_of,
    made_up_mac,
    move_domain,
)


def domain_of_deleted_vm(b: Breaker) -> None:
    """A VM was deleted in nova while its host was cut off; it still runs there."""
    vm = b.vm("deleted", cell="cell1")
    add_domain(b, vm.host, vm.uuid, vm.domain, "running")
    add_directory(b, vm.host, vm.uuid)
    short, mac = b.uuid()[:11], made_up_mac(b)
    b.see(
        vm.host,
        "libvirt.interfaces",
        domain=vm.uuid,
        mac=mac,
        target=f"tap{short}",
        type="bridge",
        bridge=f"qbr{short}",
        interface_id=None,
        virtualport=None,
    )
    for prefix, kind in (("tap", "tap"), ("qbr", "bridge"), ("qvb", "veth"), ("qvo", "veth")):
        add_link(b, vm.host, f"{prefix}{short}", kind)


def domain_of_archived_vm(b: Breaker) -> None:
    """A VM was archived before its host came back."""
    vm = b.vm("archived")
    add_domain(b, vm.host, vm.uuid, vm.domain, "running")


def domain_of_half_deleted_vm(b: Breaker) -> None:
    """A row was set to `deleted = 1` by hand while its domain ran on."""
    vm = b.vm("deleted")
    b.change(vm, deleted=1000002)
    add_domain(b, vm.host, vm.uuid, vm.domain, "running")


def domain_unknown_to_nova(b: Breaker) -> None:
    """The database was restored from a backup that was too old."""
    add_domain(b, b.host_of("cell1"), b.uuid(), "instance-0000fff1", "running")


def domain_on_wrong_host(b: Breaker) -> None:
    """A live migration ended on the host and was lost before the database heard of it."""
    vm = b.vm(cell="cell2")
    move_domain(b, vm, b.other_host(vm))


def vm_running_twice(b: Breaker) -> None:
    """A VM was evacuated from a host that was not dead."""
    vm = b.vm(cell="cell2")
    target = b.records(b.other_host(vm))
    copies = copy_of(b, vm)
    for table in ("libvirt.domains", "libvirt.disks", "libvirt.interfaces", "libvirt.processes"):
        target[table].extend(copies[table])


def domain_left_behind(b: Breaker) -> None:
    """A cold migration left the domain defined on the host it came from."""
    vm = b.vm(volumes=False)
    target = b.records(b.other_host(vm))
    for domain in copy_of(b, vm)["libvirt.domains"]:
        target["libvirt.domains"].append({**domain, "state": "shut off"})


def domain_of_offloaded_vm(b: Breaker) -> None:
    """A shelved VM was offloaded in the database only."""
    vm = b.vm("shelved_offloaded")
    add_domain(b, b.host_of(vm.cell), vm.uuid, vm.domain, "shut off")


def process_without_domain(b: Breaker) -> None:
    """Libvirtd lost a domain whose process went on."""
    add_process(b, b.host_of("cell1"), b.uuid(), "instance-0000fff2")


def directory_of_dead_vm(b: Breaker) -> None:
    """A host was down when a VM was deleted, its disk is still there."""
    vm = b.vm("deleted", cell="cell1")
    add_directory(b, vm.host, vm.uuid)


def resize_directory_left(b: Breaker) -> None:
    """Confirming a resize failed to remove the old disk."""
    vm = b.vm(cell="cell1")
    add_directory(b, vm.host, vm.uuid, "_resize")


def del_directory_left(b: Breaker) -> None:
    """Removing the files of a deleted VM broke off."""
    vm = b.vm("deleted")
    add_directory(b, vm.host, vm.uuid, "_del")


def directory_on_wrong_host(b: Breaker) -> None:
    """A failed migration left a copy of the disk on the destination."""
    vm = b.vm(cell="cell1")
    add_directory(b, b.other_host(vm), vm.uuid)


def domain_file_without_domain(b: Breaker) -> None:
    """A domain was undefined without its NVRAM."""
    name = "instance-0000fff3"
    path = f"/var/lib/libvirt/qemu/nvram/{name}_VARS.fd"
    add_file(b, b.host_of("cell2"), "nvram", name, path, None)


def vtpm_of_dead_vm(b: Breaker) -> None:
    """A VM with a TPM was deleted, the state of the TPM was not."""
    vm = b.vm("deleted")
    add_file(b, vm.host, "swtpm", vm.uuid, f"/var/lib/libvirt/swtpm/{vm.uuid}", vm.uuid)


FAULTS = (
    Fault.of("LIB001", domain_of_deleted_vm),
    Fault.of("LIB002", domain_of_archived_vm),
    Fault.of("LIB003", domain_of_half_deleted_vm, "NOV002"),
    Fault.of("LIB004", domain_unknown_to_nova),
    Fault.of("LIB005", domain_on_wrong_host),
    Fault.of("LIB006", vm_running_twice),
    Fault.of("LIB007", domain_left_behind),
    Fault.of("LIB008", domain_of_offloaded_vm),
    Fault.of("LIB009", process_without_domain),
    Fault.of("LIB010", directory_of_dead_vm),
    Fault.of("LIB011", resize_directory_left),
    Fault.of("LIB012", del_directory_left),
    Fault.of("LIB013", directory_on_wrong_host),
    Fault.of("LIB014", domain_file_without_domain),
    Fault.of("LIB015", vtpm_of_dead_vm),
)
