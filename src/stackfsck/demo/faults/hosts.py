"""Records of hosts that several faults make up: domains, directories, whole computes."""

from stackfsck.demo.faults.breaker import Breaker, Vm
from stackfsck.demo.folder import Row

INSTANCES = "/var/lib/nova/instances"


def add_domain(b: Breaker, host: str, uuid: str, name: str, state: str) -> None:
    """Let a host have a domain that nova once made, with its process when it runs."""
    project = str(b.project()["external_id"])
    b.see(
        host,
        "libvirt.domains",
        uuid=uuid,
        name=name,
        title="",
        state=state,
        persistent=True,
        nova_name="forgotten",
        nova_project=_dashed(project),
        nova_user=None,
        nova_created=b.seen(days=40),
        is_nova=True,
    )
    if state == "running":
        add_process(b, host, uuid, name)


def add_process(b: Breaker, host: str, uuid: str, name: str) -> None:
    """Let a host have a process of qemu."""
    b.see(
        host,
        "libvirt.processes",
        pid=50000 + b.dice.randrange(10000),
        uuid=uuid,
        name=name,
        started=b.seen(days=40),
    )


def add_directory(b: Breaker, host: str, uuid: str, suffix: str = "") -> None:
    """Let a host have a directory of a VM."""
    b.see(
        host,
        "host.instance_dirs",
        name=f"{uuid}{suffix}",
        uuid=uuid,
        suffix=suffix,
        path=f"{INSTANCES}/{uuid}{suffix}",
        changed_at=b.seen(),
        files=4,
        shared=False,
        store=f"local:{host}:8:1",
    )


def add_file(b: Breaker, host: str, kind: str, name: str, path: str, uuid: str | None) -> None:
    """Let a host have a file of a VM outside of its directory."""
    b.see(host, "host.vm_files", kind=kind, uuid=uuid, name=name, path=path, changed_at=b.seen())


def add_link(b: Breaker, host: str, name: str, kind: str) -> None:
    """Let a host have a network device of a port."""
    b.see(
        host,
        "host.links",
        name=name,
        kind=kind,
        master=None,
        mac=made_up_mac(b),
        state="up",
        prefix=name[:3],
        port_prefix=name[3:],
    )


def made_up_mac(b: Breaker) -> str:
    """Make up a hardware address."""
    return "fa:16:3f:" + ":".join(f"{b.dice.randrange(256):02x}" for _ in range(3))


def move_domain(b: Breaker, vm: Vm, target: str) -> None:
    """Move all that a host has of a VM to another host, behind nova's back."""
    for table, rows in copy_of(b, vm).items():
        column = (OF_VMS | OF_DEVICES)[table]
        for row in rows:
            b.forget(vm.host, table, column, str(row[column]))
        b.records(target)[table].extend(rows)


OF_VMS = {
    "libvirt.domains": "uuid",
    "libvirt.disks": "domain",
    "libvirt.interfaces": "domain",
    "libvirt.processes": "uuid",
    "host.instance_dirs": "uuid",
    "vswitch.interfaces": "vm_uuid",
}
"""Tables of a host in which a column names the VM."""

OF_DEVICES = {
    "host.links": "name",
    "host.iscsi_sessions": "iqn",
    "host.iscsi_nodes": "iqn",
}
"""Tables of a host that hold the devices of VMs, with their key."""


def copy_of(b: Breaker, vm: Vm) -> dict[str, list[Row]]:
    """Return copies of what the VM's host has of her, by table."""
    records = b.records(vm.host)
    found = {
        table: [dict(row) for row in records[table] if row[column] == vm.uuid]
        for table, column in OF_VMS.items()
    }
    short = [str(row["target"])[3:] for row in found["libvirt.interfaces"]]
    found["host.links"] = [dict(r) for r in records["host.links"] if r["port_prefix"] in short]
    volumes = [row["serial"] for row in found["libvirt.disks"] if row["serial"]]
    for table in ("host.iscsi_sessions", "host.iscsi_nodes"):
        found[table] = [dict(row) for row in records[table] if row["volume"] in volumes]
    return found


def add_compute(b: Breaker, name: str, cell: str) -> None:
    """Add a compute host that has no resource provider."""
    columns = {"created_at": b.ago(days=30), "updated_at": b.ago(days=-3650)}
    b.insert(
        f"nova_{cell}",
        "services",
        **columns,
        host=name,
        binary="nova-compute",
        topic="compute",
        report_count=1,
        disabled=0,
        deleted=0,
        last_seen_up=b.ago(days=-3650),
        forced_down=0,
        version=74,
        uuid=b.uuid(),
    )
    add_node(b, cell, name, f"{name}.example.net")
    b.insert("nova_api", "host_mappings", created_at=b.ago(days=30), cell_id=2, host=name)
    b.see(
        name,
        "host.facts",
        hostname=name,
        fqdn=f"{name}.example.net",
        nova_host=None,
        machine_id=f"{b.dice.getrandbits(128):032x}",
        hypervisor_hostname=f"{name}.example.net",
        instances_path=INSTANCES,
        kernel="6.1.0-28-amd64",
        clock=b.seen(seconds=0.0),
        libvirt=True,
        vswitch=True,
    )


def add_node(b: Breaker, cell: str, host: str, node: str) -> None:
    """Add a row of compute_nodes that was last reported three days ago."""
    b.insert(
        f"nova_{cell}",
        "compute_nodes",
        created_at=b.ago(days=30),
        updated_at=b.ago(),
        deleted=0,
        uuid=b.uuid(),
        host=host,
        hypervisor_hostname=node,
        hypervisor_type="QEMU",
        hypervisor_version=7002022,
        cpu_info="{}",
        vcpus=96,
        vcpus_used=0,
        memory_mb=524288,
        memory_mb_used=0,
        local_gb=20000,
        local_gb_used=0,
    )


def _dashed(digits: str) -> str:
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
