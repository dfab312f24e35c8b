"""The ports of a VM in neutron, with their addresses and bindings; a floating address for some."""

from stackfsck.demo.estate import Estate, Host
from stackfsck.demo.servers import Port, Server
from stackfsck.demo.traces.network import address, bind, standard
from stackfsck.demo.world import World


def write(world: World, estate: Estate, server: Server) -> None:
    """Write the ports of a VM."""
    for port in server.ports:
        _port(world, server, port)
        for host, status in _bindings(server):
            bind(
                world,
                port.id,
                host.name,
                server.project.segment,
                hybrid=host.hybrid,
                status=status,
            )
        if server.host is None:
            _unbound(world, port)
        address(world, port.id, server.project, port.address)
        world.add(
            "neutron",
            "securitygroupportbindings",
            port_id=port.id,
            security_group_id=server.project.group,
        )
    if server.ports and world.dice.random() < 0.2:  # noqa: PLR2004 -- one VM in five is reached from outside
        _floating(world, estate.public, server, server.ports[0])


def _bindings(server: Server) -> list[tuple[Host, str]]:
    """Return the hosts that a VM's ports are bound to; a second one while she moves live."""
    if server.host is None:
        return []
    if server.kind == "migrating" and server.source is not None:
        return [(server.host, "ACTIVE"), (server.source, "INACTIVE")]
    return [(server.host, "ACTIVE")]


def _unbound(world: World, port: Port) -> None:
    world.add(
        "neutron",
        "ml2_port_bindings",
        port_id=port.id,
        host="",
        vif_type="unbound",
        vnic_type="normal",
        profile="",
        vif_details="",
        status="ACTIVE",
    )


def _port(world: World, server: Server, port: Port) -> None:
    world.add(
        "neutron",
        "ports",
        id=port.id,
        name="",
        project_id=server.project.id,
        network_id=server.project.network,
        mac_address=port.mac,
        admin_state_up=1,
        status="ACTIVE" if server.vm_state == "active" else "DOWN",
        device_id=server.uuid,
        device_owner="compute:nova",
        standard_attr_id=standard(world, "ports", days=(world.now - server.created).days),
        ip_allocation="immediate",
    )


def _floating(world: World, outside: str, server: Server, port: Port) -> None:
    outer = f"203.0.113.{world.number('neutron', 'outer') % 250 + 2}"
    own = world.dice.uuid()
    world.add(
        "neutron",
        "ports",
        id=own,
        name="",
        project_id="",
        network_id=outside,
        mac_address=world.dice.mac(),
        admin_state_up=1,
        status="N/A",
        device_id=(floating := world.dice.uuid()),
        device_owner="network:floatingip",
        standard_attr_id=standard(world, "ports"),
    )
    world.add(
        "neutron",
        "floatingips",
        id=floating,
        project_id=server.project.id,
        floating_ip_address=outer,
        floating_network_id=outside,
        floating_port_id=own,
        fixed_port_id=port.id,
        fixed_ip_address=port.address,
        router_id=server.project.router,
        status="ACTIVE",
        standard_attr_id=standard(world, "floatingips"),
    )
