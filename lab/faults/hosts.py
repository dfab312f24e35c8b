"""What compute hosts keep of VMs that are gone, elsewhere, or twice."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator

from lab.faults import Wound, fault, nobody
from lab.faults.rows import change
from lab.labcloud.cloud import Cloud, folder
from lab.labcloud.places import HOST, HOST_2
from lab.labcloud.shell import on, virsh
from lab.labcloud.sweep import started


def old_folder(cloud: Cloud, host: str, path: str, days: int = 2) -> str:
    """A directory with a file in it that nobody has touched for days."""
    cloud.note("path", f"{host}:{path}")
    quoted, when = shlex.quote(path), f"{days} days ago"
    words = f"mkdir -p {quoted} && touch -d '{when}' {quoted}/console.log {quoted}"
    on(host, "bash", "-c", words)
    return path


@fault("NOV001", seed="002")
def domain_undefined(cloud: Cloud) -> Iterator[Wound]:
    """`virsh destroy; virsh undefine` behind nova's back: the zombie of the blogs."""
    vm = cloud.boot("zombie")
    virsh(HOST, "destroy", vm)
    virsh(HOST, "undefine", vm)
    yield Wound(expects={"NOV001": vm}, touches=(vm, *(port["id"] for port in cloud.ports(vm))))


@fault("LIB004", seed="001")
def domain_of_another_cloud(cloud: Cloud) -> Iterator[Wound]:
    """A domain with nova's marks that this nova never had: its database was restored."""
    model, stranger = cloud.boot("model"), nobody(cloud)
    define_copy(cloud, model, stranger, HOST, f"instance-{stranger[:8]}")
    yield Wound(expects={"LIB004": f"{HOST}/{stranger}"}, touches=(stranger, model))


@fault("LIB007")
def domain_left_on_source(cloud: Cloud) -> Iterator[Wound]:
    """A migration ended, the domain is still defined on the source."""
    vm = cloud.boot("left-behind")
    define_copy(cloud, vm, vm, HOST_2)
    yield Wound(expects={"LIB007": f"{HOST_2}/{vm}"}, touches=(vm,))


@fault("LIB008")
def domain_of_offloaded_vm(cloud: Cloud) -> Iterator[Wound]:
    """A VM was offloaded while its host did not listen: the domain is still there."""
    vm = cloud.boot("offload-lost")
    xml = virsh(HOST, "dumpxml", "--inactive", vm)
    cloud.shelve(vm)
    define(cloud, HOST, vm, xml)
    yield Wound(expects={"LIB008": f"{HOST}/{vm}"}, touches=(vm,))


@fault("LIB006", seed="004")
def running_twice(cloud: Cloud) -> Iterator[Wound]:
    """Split brain: a cut-off host ran on while the VM was evacuated."""
    vm = cloud.boot("twice")
    define_copy(cloud, vm, vm, HOST_2)
    virsh(HOST_2, "start", vm)
    yield Wound(expects={"LIB006": vm}, touches=(vm,))


def define_copy(cloud: Cloud, vm: str, uuid_: str, host: str, name: str = "") -> None:
    """Define the domain of `vm`, without network and disks, on a host or under another UUID."""
    xml = virsh(HOST, "dumpxml", "--inactive", vm).replace(vm, uuid_)
    if name:
        xml = re.sub(r"<name>instance-.*?</name>", f"<name>{name}</name>", xml)
    define(cloud, host, uuid_, xml)


def define(cloud: Cloud, host: str, vm: str, xml: str) -> None:
    """Define a domain; what it would need from the host is taken out of it."""
    for part in ("interface", "disk", "serial", "console", "graphics"):
        xml = re.sub(rf"<{part}\b.*?</{part}>", "", xml, flags=re.DOTALL)
    cloud.note("domain", f"{host}:{vm}")
    on(host, "virsh", "-q", "-c", "qemu:///system", "define", "/dev/stdin", text=xml)


@fault("LIB009")
def process_without_domain(cloud: Cloud) -> Iterator[Wound]:
    """Libvirt lost a guest (its run directory was wiped): only the qemu process is left."""
    vm = nobody(cloud)
    argv = ("qemu-system-x86_64", "-name", "guest=instance-00fffff0", "-uuid", vm, "-S")
    process = subprocess.Popen(
        (*argv, "-machine", "none", "-nographic", "-nodefaults", "-monitor", "none"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    cloud.note("process", f"{process.pid}/{started(process.pid)}")
    yield Wound(expects={"LIB009": f"{HOST}/{process.pid}"}, touches=(vm, str(process.pid)))
    process.kill()
    process.wait()


@fault("LIB010", seed="002")
def folder_of_dead_vm(cloud: Cloud) -> Iterator[Wound]:
    """The VM was deleted by SQL, `/var/lib/nova/instances/<uuid>` stayed."""
    vm = nobody(cloud)
    path = old_folder(cloud, HOST, folder(vm))
    yield Wound(expects={"LIB010": path}, touches=(vm,))


@fault("LIB011", seed="001")
def resize_folder_left(cloud: Cloud) -> Iterator[Wound]:
    """A resize was confirmed while the source was down: `<uuid>_resize` stayed."""
    vm = cloud.boot("resized-once")
    path = old_folder(cloud, HOST_2, folder(vm, "_resize"))
    yield Wound(expects={"LIB011": path}, touches=(vm,))


@fault("LIB012", seed="001")
def delete_folder_left(cloud: Cloud) -> Iterator[Wound]:
    """Nova could not remove the files of a deleted VM: `<uuid>_del` stayed."""
    vm = nobody(cloud)
    path = old_folder(cloud, HOST, folder(vm, "_del"))
    yield Wound(expects={"LIB012": path}, touches=(vm,))


@fault("LIB013")
def folder_on_wrong_host(cloud: Cloud) -> Iterator[Wound]:
    """A migration failed at its end: the disk's directory is on both hosts."""
    vm = cloud.boot("folder-left")
    path = old_folder(cloud, HOST_2, folder(vm))
    yield Wound(expects={"LIB013": path}, touches=(vm,))


@fault("LIB014")
def saved_memory_without_domain(cloud: Cloud) -> Iterator[Wound]:
    """A domain was undefined with its managed save left behind."""
    path = "/var/lib/libvirt/qemu/save/instance-00fffff1.save"
    cloud.note("path", f"{HOST}:{path}")
    on(HOST, "bash", "-c", f"echo saved > {path} && touch -d '2 days ago' {path}")
    yield Wound(expects={"LIB014": path}, touches=(path,))


@fault("LIB015")
def vtpm_of_dead_vm(cloud: Cloud) -> Iterator[Wound]:
    """The state of a virtual TPM whose VM is gone."""
    vm = nobody(cloud)
    path = old_folder(cloud, HOST, f"/var/lib/libvirt/swtpm/{vm}")
    yield Wound(expects={"LIB015": path}, touches=(vm,))


@fault("NOV009")
def offloaded_with_host(cloud: Cloud) -> Iterator[Wound]:
    """A VM is offloaded, but its row still names a host."""
    vm = cloud.boot("offloaded-host")
    cloud.shelve(vm)
    change(vm, f"host = '{HOST}', node = '{HOST}'")
    yield Wound(expects={"NOV009": vm}, touches=(vm, *(port["id"] for port in cloud.ports(vm))))
