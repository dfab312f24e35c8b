"""Projects and their networks: segments, subnets, security groups, DHCP, agents."""

import json

from stackfsck.demo.estate import Estate, Project
from stackfsck.demo.world import World, stamp

OLD = {"days": 600}
NET_MAC = "fa:16:3e:00:00:{:02x}"


ROOT = "<<keystone.domain.root>>"
"""The project that keystone itself puts above all domains."""


def domains(world: World) -> None:
    """Write the domain that all projects and users are in."""
    for name in (ROOT, "default"):
        world.add(
            "keystone",
            "project",
            id=name,
            name=name,
            domain_id=ROOT,
            parent_id=None,
            enabled=int(name != ROOT),
            is_domain=1,
        )


def project_rows(world: World, project: Project) -> None:
    """Write a project, its user, and its network."""
    world.add(
        "keystone",
        "project",
        id=project.id,
        name=project.name,
        domain_id="default",
        parent_id="default",
        enabled=1,
        is_domain=0,
    )
    world.add(
        "keystone",
        "user",
        id=project.user,
        domain_id="default",
        enabled=1,
        created_at=stamp(world.ago(**OLD)),
    )
    for table, value in (("projects", project.id), ("users", project.user)):
        world.insert("placement", table, created_at=stamp(world.ago(**OLD)), external_id=value)
    _network(world, project)


def _network(world: World, project: Project) -> None:
    owner = {"project_id": project.id}
    world.add(
        "neutron",
        "networks",
        id=project.network,
        name=f"{project.name}-net",
        status="ACTIVE",
        admin_state_up=1,
        standard_attr_id=standard(world, "networks"),
        **owner,
    )
    world.add(
        "neutron",
        "networksegments",
        id=project.segment,
        network_id=project.network,
        network_type="vxlan",
        segmentation_id=1000 + world.number("neutron", "vni"),
        standard_attr_id=standard(world, "networksegments"),
    )
    world.add(
        "neutron",
        "subnets",
        id=project.subnet,
        name=f"{project.name}-subnet",
        network_id=project.network,
        ip_version=4,
        cidr=f"{project.prefix}.0.0/16",
        gateway_ip=f"{project.prefix}.0.1",
        enable_dhcp=1,
        standard_attr_id=standard(world, "subnets"),
        **owner,
    )
    world.add("neutron", "ipamsubnets", id=project.ipam_subnet, neutron_subnet_id=project.subnet)
    world.add(
        "neutron",
        "securitygroups",
        id=project.group,
        name="default",
        standard_attr_id=standard(world, "securitygroups"),
        stateful=1,
        **owner,
    )
    _dhcp_port(world, project)


def _dhcp_port(world: World, project: Project) -> None:
    port = world.dice.uuid()
    number = world.number("neutron", "dhcp")
    world.add(
        "neutron",
        "ports",
        id=port,
        name="",
        project_id=project.id,
        network_id=project.network,
        mac_address=NET_MAC.format(number),
        admin_state_up=1,
        status="ACTIVE",
        device_id=f"dhcp{world.dice.uuid()}-{project.network}",
        device_owner="network:dhcp",
        standard_attr_id=standard(world, "ports"),
    )
    bind(world, port, "network-1", project.segment)
    address(world, port, project, f"{project.prefix}.0.2")


def public(world: World, estate: Estate) -> None:
    """Write the network outside, on which floating addresses are."""
    owner = estate.projects[0].id
    world.add(
        "neutron",
        "networks",
        id=estate.public,
        name="public",
        project_id=owner,
        status="ACTIVE",
        admin_state_up=1,
        standard_attr_id=standard(world, "networks"),
    )
    world.add(
        "neutron",
        "networksegments",
        id=world.dice.uuid(),
        network_id=estate.public,
        network_type="flat",
        physical_network="outside",
        standard_attr_id=standard(world, "networksegments"),
    )
    world.add(
        "neutron",
        "subnets",
        id=world.dice.uuid(),
        name="public-subnet",
        project_id=owner,
        network_id=estate.public,
        ip_version=4,
        cidr="203.0.113.0/24",
        gateway_ip="203.0.113.1",
        enable_dhcp=0,
        standard_attr_id=standard(world, "subnets"),
    )


def router(world: World, project: Project, outside: str) -> None:
    """Write a project's router with its port outside."""
    gateway = world.dice.uuid()
    world.add(
        "neutron",
        "ports",
        id=gateway,
        name="",
        project_id="",
        network_id=outside,
        mac_address=world.dice.mac(),
        admin_state_up=1,
        status="ACTIVE",
        device_id=project.router,
        device_owner="network:router_gateway",
        standard_attr_id=standard(world, "ports"),
    )
    world.add(
        "neutron",
        "routers",
        id=project.router,
        name=f"{project.name}-router",
        project_id=project.id,
        status="ACTIVE",
        admin_state_up=1,
        gw_port_id=gateway,
        enable_snat=1,
        standard_attr_id=standard(world, "routers"),
    )
    world.add(
        "neutron",
        "routerports",
        router_id=project.router,
        port_id=gateway,
        port_type="network:router_gateway",
    )


def bind(
    world: World,
    port: str,
    host: str,
    segment: str,
    *,
    hybrid: bool = False,
    status: str = "ACTIVE",
) -> None:
    """Bind a port to a host."""
    world.add(
        "neutron",
        "ml2_port_bindings",
        port_id=port,
        host=host,
        vif_type="ovs",
        vnic_type="normal",
        profile="",
        vif_details=json.dumps({"port_filter": True, "ovs_hybrid_plug": hybrid}),
        status=status,
    )
    world.add(
        "neutron",
        "ml2_port_binding_levels",
        port_id=port,
        host=host,
        level=0,
        driver="openvswitch",
        segment_id=segment,
    )


def address(world: World, port: str, project: Project, ip_address: str) -> None:
    """Give a port an address."""
    world.add(
        "neutron",
        "ipallocations",
        port_id=port,
        ip_address=ip_address,
        subnet_id=project.subnet,
        network_id=project.network,
    )
    world.add(
        "neutron",
        "ipamallocations",
        ip_address=ip_address,
        status="ALLOCATED",
        ipam_subnet_id=project.ipam_subnet,
    )


def standard(world: World, kind: str, days: float = 500) -> int:
    """Write the row on which a thing of neutron hangs, and return its number."""
    return world.insert(
        "neutron",
        "standardattributes",
        resource_type=kind,
        created_at=stamp(world.ago(days=days)),
        updated_at=stamp(world.ago(days=days - 1)),
        revision_number=2,
    )


def agent(world: World, host: str, kind: str, binary: str) -> None:
    """Write an agent that reports to neutron."""
    world.add(
        "neutron",
        "agents",
        id=world.dice.uuid(),
        agent_type=kind,
        binary=binary,
        topic="N/A",
        host=host,
        admin_state_up=1,
        created_at=stamp(world.ago(**OLD)),
        started_at=stamp(world.ago(days=30)),
        heartbeat_timestamp=world.ahead,
        configurations="{}",
    )
