"""The rows of the estate: cells, services, providers, networks, agents, images, back ends."""

from stackfsck.demo.estate import CELL0, HOSTS_OF_CELL, Estate, Host
from stackfsck.demo.folder import CEPH_HOST
from stackfsck.demo.traces import network
from stackfsck.demo.traces.network import OLD, agent
from stackfsck.demo.world import World, isotime, stamp

CLASSES = ("VCPU", "MEMORY_MB", "DISK_GB")
RESOURCES = {"VCPU": (96, 4.0), "MEMORY_MB": (524288, 1.0), "DISK_GB": (20000, 1.0)}


def cells(world: World) -> None:
    """Write the cells; their databases are found beside this folder's settings."""
    for name in ("cell0", *HOSTS_OF_CELL):
        world.insert(
            "nova_api",
            "cell_mappings",
            created_at=stamp(world.ago(**OLD)),
            uuid=CELL0 if name == "cell0" else world.dice.uuid(),
            name=name,
            transport_url="none:///",
            database_connection=f"@{name}@",
            disabled=0,
        )


def classes(world: World) -> None:
    """Write the names of resources."""
    for name in CLASSES:
        world.insert("placement", "resource_classes", created_at=stamp(world.ago(**OLD)), name=name)


def everything(world: World, estate: Estate) -> None:
    """Write all that the estate consists of."""
    cells(world)
    classes(world)
    network.domains(world)
    network.public(world, estate)
    for project in estate.projects:
        network.project_rows(world, project)
        network.router(world, project, estate.public)
    for host in estate.hosts:
        _compute(world, host)
        _provider(world, host)
        agent(world, host.name, "Open vSwitch agent", "neutron-openvswitch-agent")
        _machine(world, host)
    _controllers(world)
    _images(world, estate)
    _volumes(world, estate)
    for pool in ("vms", "volumes"):
        world.see(CEPH_HOST, "ceph.pools", name=pool)


def _compute(world: World, host: Host) -> None:
    world.insert(
        host.database,
        "services",
        created_at=stamp(world.ago(**OLD)),
        updated_at=world.ahead,
        host=host.name,
        binary="nova-compute",
        topic="compute",
        report_count=500000,
        disabled=0,
        deleted=0,
        last_seen_up=world.ahead,
        forced_down=0,
        version=74,
        uuid=world.dice.uuid(),
    )
    world.add(
        host.database,
        "compute_nodes",
        id=host.compute_id,
        created_at=stamp(world.ago(**OLD)),
        updated_at=world.ahead,
        deleted=0,
        uuid=host.provider,
        host=host.name,
        hypervisor_hostname=host.node,
        hypervisor_type="QEMU",
        hypervisor_version=7002022,
        cpu_info="{}",
        host_ip="192.0.2.1",
        vcpus=96,
        vcpus_used=0,
        memory_mb=524288,
        memory_mb_used=0,
        local_gb=20000,
        local_gb_used=0,
        running_vms=0,
        mapped=1,
    )
    cell = 1 + ["cell0", *HOSTS_OF_CELL].index(host.cell)
    world.insert(
        "nova_api",
        "host_mappings",
        created_at=stamp(world.ago(**OLD)),
        cell_id=cell,
        host=host.name,
    )


def _provider(world: World, host: Host) -> None:
    world.add(
        "placement",
        "resource_providers",
        id=host.provider_id,
        created_at=stamp(world.ago(**OLD)),
        uuid=host.provider,
        name=host.node,
        generation=12,
        root_provider_id=host.provider_id,
    )
    for number, name in enumerate(CLASSES, 1):
        total, ratio = RESOURCES[name]
        world.insert(
            "placement",
            "inventories",
            created_at=stamp(world.ago(**OLD)),
            resource_provider_id=host.provider_id,
            resource_class_id=number,
            total=total,
            reserved=0,
            min_unit=1,
            max_unit=total,
            step_size=1,
            allocation_ratio=ratio,
        )


def _controllers(world: World) -> None:
    agent(world, "network-1", "DHCP agent", "neutron-dhcp-agent")
    agent(world, "network-1", "L3 agent", "neutron-l3-agent")
    for cell, binary in (
        ("cell1", "nova-conductor"),
        ("cell2", "nova-conductor"),
        ("cell0", "nova-scheduler"),
    ):
        world.insert(
            f"nova_{cell}",
            "services",
            created_at=stamp(world.ago(**OLD)),
            updated_at=world.ahead,
            host="controller-1",
            binary=binary,
            topic=binary.partition("-")[2],
            report_count=500000,
            disabled=0,
            deleted=0,
            last_seen_up=world.ahead,
            forced_down=0,
            version=74,
            uuid=world.dice.uuid(),
        )


def _machine(world: World, host: Host) -> None:
    world.see(
        host.name,
        "host.facts",
        hostname=host.name,
        fqdn=host.node,
        nova_host=None,
        machine_id=host.machine_id,
        hypervisor_hostname=host.node,
        instances_path="/var/lib/nova/instances",
        kernel="6.1.0-28-amd64",
        clock=isotime(world.now),
        libvirt=True,
        vswitch=True,
    )
    for bridge in ("br-int", "br-tun"):
        world.see(host.name, "vswitch.bridges", name=bridge)
        world.see(host.name, "vswitch.ports", bridge=bridge, name=bridge, tag=None)
        link(world, host.name, bridge, "openvswitch")
    link(world, host.name, "eno1", "")
    for image in range(3):
        world.see(
            host.name,
            "host.base_images",
            name=f"{image:040x}",
            path=f"/var/lib/nova/instances/_base/{image:040x}",
            changed_at=isotime(world.ago(days=10)),
            bytes=2 << 30,
        )


def link(world: World, host: str, name: str, kind: str, master: str | None = None) -> None:
    """Write a network device of a host."""
    prefix = name[:3] if name[:3] in {"tap", "qvo", "qvb", "qbr"} else None
    world.see(
        host,
        "host.links",
        name=name,
        kind=kind,
        master=master,
        mac=world.dice.mac(),
        state="up",
        prefix=prefix,
        port_prefix=name[3:] if prefix else None,
    )


def _images(world: World, estate: Estate) -> None:
    for image in estate.images:
        image_rows(world, image.id, image.name, estate.projects[0].id, days=550)


def image_rows(
    world: World, image: str, name: str, owner: str, *, days: float, **properties: str
) -> None:
    """Write an image with its place and properties."""
    made = stamp(world.ago(days=days))
    world.add(
        "glance",
        "images",
        id=image,
        name=name,
        owner=owner,
        status="active",
        size=2 << 30,
        created_at=made,
        updated_at=made,
        deleted=0,
        disk_format="qcow2",
        container_format="bare",
        min_disk=0,
        min_ram=0,
        visibility="private" if properties else "public",
    )
    world.insert(
        "glance",
        "image_locations",
        image_id=image,
        value=f"file:///var/lib/glance/images/{image}",
        created_at=made,
        deleted=0,
        status="active",
    )
    for key, value in properties.items():
        world.insert(
            "glance",
            "image_properties",
            image_id=image,
            name=key,
            value=value,
            created_at=made,
            updated_at=made,
            deleted=0,
        )


def _volumes(world: World, estate: Estate) -> None:
    made = stamp(world.ago(**OLD))
    world.add(
        "cinder",
        "volume_types",
        id=estate.volume_type,
        name="standard",
        created_at=made,
        deleted=0,
        is_public=1,
    )
    for backend in estate.backends.values():
        world.insert(
            "cinder",
            "services",
            created_at=made,
            updated_at=world.ahead,
            deleted=0,
            uuid=backend.service,
            host=backend.host,
            binary="cinder-volume",
            topic="cinder-volume",
            report_count=500000,
            disabled=0,
            availability_zone="nova",
            frozen=0,
        )
    world.insert(
        "cinder",
        "workers",
        created_at=made,
        updated_at=made,
        deleted=0,
        resource_type="SENTINEL",
        resource_id="SUB-SECOND",
        status="OK",
        race_preventer=0,
    )
