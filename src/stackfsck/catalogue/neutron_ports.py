"""The database of neutron: what else hangs on a port.

All of these rows go with their port (ON DELETE CASCADE), except that a router's gateway and a
local address hold theirs (RESTRICT). They belong to extensions of neutron, so a cloud may be
without them. Source: neutron/db/models and the schemas of neutron 21 (Zed) and 29 (2026.2).
"""

from stackfsck.catalogue.neutron import PORT, PROJECT, STANDARD
from stackfsck.catalogue.table import Column, Table, Type


def _of_port(
    name: str, meaning: str, *columns: Column, key: tuple[str, ...] = (), since: str = ""
) -> Table:
    """Describe a table whose rows belong to a port."""
    return Table(
        f"neutron.{name}",
        meaning,
        (PORT, *columns),
        key=key or ("port_id",),
        copied=False,
        since=since,
        optional=True,
    )


ROUTER = Column("router_id", Type.UUID, "The router.", "neutron.routers.id")

TABLES = (
    _of_port(
        "portsecuritybindings",
        "Whether the addresses of a port are enforced.",
        Column("port_security_enabled", Type.BOOLEAN, "Whether they are."),
    ),
    _of_port(
        "extradhcpopts",
        "Options that DHCP gives to a port.",
        Column("id", Type.UUID, "The option."),
        Column("opt_name", Type.TEXT, "Its name."),
        Column("opt_value", Type.TEXT, "Its value."),
        Column("ip_version", Type.INTEGER, "4 or 6."),
        key=("id",),
    ),
    _of_port(
        "portdataplanestatuses",
        "What something outside of neutron says about a port's wire.",
        Column("data_plane_status", Type.TEXT, "ACTIVE or DOWN."),
    ),
    _of_port(
        "portuplinkstatuspropagation",
        "Whether a port shows the state of the wire behind it.",
        Column("propagate_uplink_status", Type.BOOLEAN, "Whether it does."),
    ),
    _of_port(
        "portnumaaffinitypolicies",
        "How close to its VM a port's card has to be.",
        Column("numa_affinity_policy", Type.TEXT, "required, preferred, legacy or socket."),
    ),
    _of_port(
        "portdeviceprofiles",
        "The accelerator that a port asks cyborg for.",
        Column("device_profile", Type.TEXT, "Its profile in cyborg."),
    ),
    _of_port(
        "porttrusted",
        "Whether a port's virtual function is trusted.",
        Column("trusted", Type.BOOLEAN, "Whether it is."),
        since="2024.2",
    ),
    _of_port(
        "qos_port_policy_bindings",
        "The quality of service that a port has.",
        Column("policy_id", Type.UUID, "The policy."),
    ),
    _of_port(
        "routerports",
        "Which ports are a router's.",
        ROUTER,
        Column("port_type", Type.TEXT, "The kind of port, as device_owner tells it."),
        key=("router_id", "port_id"),
    ),
    _of_port(
        "ha_router_agent_port_bindings",
        "Which agent serves a redundant router through a port.",
        ROUTER,
        Column("l3_agent_id", Type.UUID, "The agent.", "neutron.agents.id"),
        Column("state", Type.TEXT, "active, standby or unknown."),
    ),
    _of_port(
        "ndp_proxies",
        "IPv6 addresses of ports that a router answers for.",
        Column("id", Type.UUID, "The proxy."),
        PROJECT,
        ROUTER,
        Column("ip_address", Type.TEXT, "The address."),
        STANDARD,
        key=("id",),
    ),
    Table(
        "neutron.local_ips",
        "Addresses that mean something else on every host; each holds its port fast.",
        (
            Column("id", Type.UUID, "The local address."),
            PROJECT,
            Column("local_port_id", Type.UUID, "Its port.", "neutron.ports.id"),
            Column("network_id", Type.UUID, "The network.", "neutron.networks.id"),
            Column("local_ip_address", Type.TEXT, "The address."),
            STANDARD,
        ),
        key=("id",),
        copied=False,
        optional=True,
    ),
    Table(
        "neutron.local_ip_associations",
        "Which ports answer for a local address.",
        (
            Column("local_ip_id", Type.UUID, "The local address.", "neutron.local_ips.id"),
            Column("fixed_port_id", Type.UUID, "The port.", "neutron.ports.id"),
            Column("fixed_ip", Type.TEXT, "The address of the port."),
        ),
        key=("local_ip_id", "fixed_port_id"),
        copied=False,
        optional=True,
    ),
)
