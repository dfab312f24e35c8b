"""A VM on a compute host: domain, process, directory, network devices, connections to volumes."""

from stackfsck.demo.estate import Host
from stackfsck.demo.servers import Port, Server, Volume
from stackfsck.demo.traces.cinder import see_image
from stackfsck.demo.traces.estate import link
from stackfsck.demo.world import World, dashed, isotime

STATES = {
    "active": "running",
    "migrating": "running",
    "rescued": "running",
    "resized": "running",
    "paused": "paused",
    "building": "running",
}
RUNNING = {"running", "paused"}
IQN = "iqn.2010-10.org.openstack:volume-{}"
PORTAL = "192.0.2.101:3260"
FOLDER = "/var/lib/nova/instances/{}"


def write(world: World, server: Server) -> None:
    """Write what a host has of a VM; while she moves, two hosts have something of her."""
    if not server.placed or server.host is None:
        return
    place(world, server, server.host, STATES.get(server.kind, "shut off"))
    if server.source is not None:
        _source(world, server, server.source)
    if not server.host.hybrid and not server.from_volume:
        see_image(world, "vms", f"{server.uuid}_disk", server.uuid, "_disk")


def _source(world: World, server: Server, source: Host) -> None:
    """Write the other end of a move: an incoming domain, or what a resize keeps for going back."""
    if server.kind == "migrating":
        place(world, server, source, "paused")
        return
    domain(world, server, source, "shut off")
    directory(world, server, source, "_resize")


def place(world: World, server: Server, host: Host, state: str) -> None:
    """Write all that a VM has on a host."""
    domain(world, server, host, state)
    directory(world, server, host, "")
    for port in server.ports:
        plug(world, server, host, port, running=state in RUNNING)
    for volume in server.volumes:
        connect(world, host, volume)
    if state in RUNNING:
        world.see(
            host.name,
            "libvirt.processes",
            pid=2000 + world.number(host.name, "pid"),
            uuid=server.uuid,
            name=server.domain,
            started=isotime(server.changed),
        )
    if server.kind == "suspended":
        world.see(
            host.name,
            "host.vm_files",
            kind="save",
            uuid=server.uuid,
            name=server.domain,
            path=f"/var/lib/libvirt/qemu/save/{server.domain}.save",
            changed_at=isotime(server.changed),
        )


def domain(world: World, server: Server, host: Host, state: str) -> None:
    """Write a domain with its disks and interfaces."""
    world.see(
        host.name,
        "libvirt.domains",
        uuid=server.uuid,
        name=server.domain,
        title="",
        state=state,
        persistent=True,
        nova_name=server.name,
        nova_project=dashed(server.project.id),
        nova_user=dashed(server.project.user),
        nova_created=isotime(server.created),
        is_nova=True,
    )
    if not server.from_volume:
        _local_disk(world, server, host)
    for volume in server.volumes:
        _volume_disk(world, server, host, volume)
    for port in server.ports:
        world.see(
            host.name,
            "libvirt.interfaces",
            domain=server.uuid,
            mac=port.mac,
            target=f"tap{port.short}",
            type="bridge",
            bridge=f"qbr{port.short}" if host.hybrid else "br-int",
            interface_id=None if host.hybrid else port.id,
            virtualport=None if host.hybrid else "openvswitch",
        )


def _local_disk(world: World, server: Server, host: Host) -> None:
    local = host.hybrid
    world.see(
        host.name,
        "libvirt.disks",
        domain=server.uuid,
        target="vda",
        type="file" if local else "network",
        protocol=None if local else "rbd",
        source=f"{FOLDER.format(server.uuid)}/disk" if local else f"vms/{server.uuid}_disk",
        serial=None,
        device="disk",
    )


def _volume_disk(world: World, server: Server, host: Host, volume: Volume) -> None:
    local = volume.backend.kind == "lvm"
    by_path = f"/dev/disk/by-path/ip-{PORTAL}-iscsi-{IQN.format(volume.id)}-lun-0"
    world.see(
        host.name,
        "libvirt.disks",
        domain=server.uuid,
        target=volume.device,
        type="block" if local else "network",
        protocol=None if local else "rbd",
        source=by_path if local else f"volumes/volume-{volume.id}",
        serial=volume.id,
        device="disk",
    )


def directory(world: World, server: Server, host: Host, suffix: str) -> None:
    """Write a VM's directory on a host's own disk."""
    name = f"{server.uuid}{suffix}"
    world.see(
        host.name,
        "host.instance_dirs",
        name=name,
        uuid=server.uuid,
        suffix=suffix,
        path=FOLDER.format(name),
        changed_at=isotime(server.changed),
        files=4,
        shared=False,
        store=f"local:{host.machine_id}:8:1",
    )


def plug(world: World, server: Server, host: Host, port: Port, *, running: bool) -> None:
    """Write the devices of a port: tap, and with the hybrid firewall its bridge and pair."""
    short = port.short
    if host.hybrid:
        link(world, host.name, f"qbr{short}", "bridge")
        link(world, host.name, f"qvb{short}", "veth", f"qbr{short}")
        link(world, host.name, f"qvo{short}", "veth", "ovs-system")
        _switch(world, server, host, port, f"qvo{short}")
        if running:
            link(world, host.name, f"tap{short}", "tap", f"qbr{short}")
    elif running:
        link(world, host.name, f"tap{short}", "tap", "ovs-system")
        _switch(world, server, host, port, f"tap{short}")


def _switch(world: World, server: Server, host: Host, port: Port, name: str) -> None:
    world.see(host.name, "vswitch.ports", bridge="br-int", name=name, tag=1)
    world.see(
        host.name,
        "vswitch.interfaces",
        bridge="br-int",
        port=name,
        name=name,
        type="",
        iface_id=port.id,
        vm_uuid=server.uuid,
        attached_mac=port.mac,
        error=None,
        ofport=10 + world.number(host.name, "ofport"),
    )


def connect(world: World, host: Host, volume: Volume) -> None:
    """Write a host's connection to a volume; Ceph needs none."""
    if volume.backend.kind != "lvm":
        return
    iqn = IQN.format(volume.id)
    world.see(
        host.name,
        "host.iscsi_sessions",
        sid=world.number(host.name, "sid"),
        portal=PORTAL,
        iqn=iqn,
        volume=volume.id,
        lun=0,
        device=f"sd{chr(97 + world.numbers[host.name, 'sid'] % 26)}",
    )
    world.see(
        host.name,
        "host.iscsi_nodes",
        portal=PORTAL,
        iqn=iqn,
        startup="manual",
        volume=volume.id,
    )
