"""The database of neutron: ports, where they are bound, their addresses.

Rows are removed, never marked. Every port hangs on a row of `standardattributes` (CASCADE from
there to the port, not back): removing only the port leaves that row, and OVN never hears of it.
Source: neutron/db/models and the schemas of neutron 21 (Zed) and 29 (2026.2).
"""

from stackfsck.catalogue.table import Column, Table, Type

PROJECT = Column("project_id", Type.TEXT, "The project that owns it.", "keystone.project.id")
STANDARD = Column(
    "standard_attr_id",
    Type.INTEGER,
    "The row with its times and revision.",
    "neutron.standardattributes.id",
)
PORT = Column("port_id", Type.UUID, "The port.", "neutron.ports.id")
NETWORK = Column("network_id", Type.UUID, "The network.", "neutron.networks.id")

PORTS = Table(
    "neutron.ports",
    "Ports: of VMs, routers, DHCP servers and others.",
    (
        Column("id", Type.UUID, "The port."),
        Column("name", Type.TEXT, "The name that the user gave."),
        PROJECT,
        NETWORK,
        Column("mac_address", Type.TEXT, "The hardware address."),
        Column(
            "device_id",
            Type.TEXT,
            "What has the port: a VM's UUID, or another name, or nothing.",
            "nova.instances.uuid",
        ),
        Column("device_owner", Type.TEXT, "What kind of thing has it: compute:<zone> is a VM."),
        Column("status", Type.TEXT, "ACTIVE, DOWN, BUILD or ERROR."),
        Column("admin_state_up", Type.BOOLEAN, "Whether it is switched on."),
        STANDARD,
    ),
    key=("id",),
    vm="device_id",
)

ML2_PORT_BINDINGS = Table(
    "neutron.ml2_port_bindings",
    "On which hosts a port is plugged; two while a VM moves live.",
    (
        PORT,
        Column("host", Type.TEXT, "The host; empty when unbound."),
        Column("status", Type.TEXT, "ACTIVE, or INACTIVE for the host that is not the one yet."),
        Column("vif_type", Type.TEXT, "How it is plugged: ovs, unbound, binding_failed and so on."),
        Column("vnic_type", Type.TEXT, "normal, direct, macvtap and so on."),
        Column("profile", Type.TEXT, "What nova told neutron: PCI slot, allocation, migrating_to."),
        Column("vif_details", Type.TEXT, "What neutron told nova.", copied=False),
    ),
    key=("port_id", "host"),
)

ML2_PORT_BINDING_LEVELS = Table(
    "neutron.ml2_port_binding_levels",
    "Which driver and segment serve a binding.",
    (
        PORT,
        Column("host", Type.TEXT, "The host of the binding."),
        Column("level", Type.INTEGER, "0 for the first driver."),
        Column("driver", Type.TEXT, "The driver."),
        Column("segment_id", Type.UUID, "The segment.", "neutron.networksegments.id"),
    ),
    key=("port_id", "host", "level"),
    copied=False,
)

ML2_DISTRIBUTED_PORT_BINDINGS = Table(
    "neutron.ml2_distributed_port_bindings",
    "Hosts of ports that are on many at once (distributed routers).",
    (
        PORT,
        Column("host", Type.TEXT, "The host."),
        Column("router_id", Type.UUID, "The router.", "neutron.routers.id"),
        Column("vif_type", Type.TEXT, "How it is plugged."),
        Column("status", Type.TEXT, "Its state on this host."),
    ),
    key=("port_id", "host"),
)

IPALLOCATIONS = Table(
    "neutron.ipallocations",
    "Addresses of ports.",
    (
        PORT,
        Column("ip_address", Type.TEXT, "The address."),
        Column("subnet_id", Type.UUID, "The subnet.", "neutron.subnets.id"),
        NETWORK,
    ),
    key=("ip_address", "subnet_id", "network_id"),
)

IPAMALLOCATIONS = Table(
    "neutron.ipamallocations",
    "Addresses that the built-in address management has given out.",
    (
        Column("ip_address", Type.TEXT, "The address."),
        Column("status", Type.TEXT, "ALLOCATED."),
        Column("ipam_subnet_id", Type.UUID, "The subnet.", "neutron.ipamsubnets.id"),
    ),
    key=("ip_address", "ipam_subnet_id"),
    copied=False,
)

IPAMSUBNETS = Table(
    "neutron.ipamsubnets",
    "Subnets as the built-in address management knows them.",
    (
        Column("id", Type.UUID, "Its own id of the subnet."),
        Column("neutron_subnet_id", Type.UUID, "The subnet.", "neutron.subnets.id"),
    ),
    key=("id",),
)

FLOATINGIPS = Table(
    "neutron.floatingips",
    "Floating addresses; the user's, whatever becomes of the VM.",
    (
        Column("id", Type.UUID, "The floating address."),
        PROJECT,
        Column("floating_ip_address", Type.TEXT, "The outer address."),
        Column("fixed_ip_address", Type.TEXT, "The inner address."),
        Column("fixed_port_id", Type.UUID, "The port that it leads to.", "neutron.ports.id"),
        Column("floating_port_id", Type.UUID, "Its own port outside.", "neutron.ports.id"),
        Column("router_id", Type.UUID, "The router between.", "neutron.routers.id"),
        Column("status", Type.TEXT, "ACTIVE, DOWN or ERROR."),
        STANDARD,
    ),
    key=("id",),
)

PORTFORWARDINGS = Table(
    "neutron.portforwardings",
    "Single ports of floating addresses led to ports.",
    (
        Column("id", Type.UUID, "The rule."),
        Column("floatingip_id", Type.UUID, "The floating address.", "neutron.floatingips.id"),
        Column("internal_neutron_port_id", Type.UUID, "The port inside.", "neutron.ports.id"),
        Column("internal_ip_address", Type.TEXT, "The address inside."),
        STANDARD,
    ),
    key=("id",),
)

TRUNKS = Table(
    "neutron.trunks",
    "Ports that carry others by tag.",
    (
        Column("id", Type.UUID, "The trunk."),
        Column("name", Type.TEXT, "The name that the user gave."),
        PROJECT,
        Column("port_id", Type.UUID, "The parent port.", "neutron.ports.id"),
        Column("status", Type.TEXT, "ACTIVE, DOWN, BUILD, DEGRADED or ERROR."),
        STANDARD,
    ),
    key=("id",),
)

SUBPORTS = Table(
    "neutron.subports",
    "Ports carried by a trunk.",
    (
        PORT,
        Column("trunk_id", Type.UUID, "The trunk.", "neutron.trunks.id"),
        Column("segmentation_type", Type.TEXT, "The kind of tag."),
        Column("segmentation_id", Type.INTEGER, "The tag."),
    ),
    key=("port_id",),
)

STANDARDATTRIBUTES = Table(
    "neutron.standardattributes",
    "Times and revision of everything that neutron has.",
    (
        Column("id", Type.INTEGER, "The row's number."),
        Column("resource_type", Type.TEXT, "What it belongs to: ports, networks, trunks, ..."),
        Column("created_at", Type.TIME, "When the thing was made."),
        Column("updated_at", Type.TIME, "When it was last changed."),
        Column("revision_number", Type.INTEGER, "How often it was changed."),
    ),
    key=("id",),
    copied=False,
)

PROVISIONINGBLOCKS = Table(
    "neutron.provisioningblocks",
    "What still has to report before a port becomes ACTIVE.",
    (STANDARD, Column("entity", Type.TEXT, "Who has to report: L2, DHCP.")),
    key=("standard_attr_id", "entity"),
)

OVN_REVISION_NUMBERS = Table(
    "neutron.ovn_revision_numbers",
    "What neutron has told OVN; a row without attributes awaits its removal there.",
    (
        Column(
            "standard_attr_id",
            Type.INTEGER,
            "Its times and revision; empty once neutron has removed the thing.",
            "neutron.standardattributes.id",
        ),
        Column("resource_uuid", Type.UUID, "The thing, such as a port."),
        Column("resource_type", Type.TEXT, "What kind of thing."),
        Column("revision_number", Type.INTEGER, "The revision that OVN has; -1 is none."),
        Column("created_at", Type.TIME, "When OVN was first told."),
        Column("updated_at", Type.TIME, "When OVN was last told."),
    ),
    key=("resource_uuid", "resource_type"),
    optional=True,
)

NETWORKS = Table(
    "neutron.networks",
    "Networks.",
    (
        Column("id", Type.UUID, "The network."),
        Column("name", Type.TEXT, "The name that the user gave."),
        PROJECT,
        Column("status", Type.TEXT, "ACTIVE and so on."),
        STANDARD,
    ),
    key=("id",),
)

NETWORKSEGMENTS = Table(
    "neutron.networksegments",
    "How a network is carried.",
    (
        Column("id", Type.UUID, "The segment."),
        NETWORK,
        Column("network_type", Type.TEXT, "vlan, vxlan, geneve, flat or local."),
        Column("physical_network", Type.TEXT, "The physical network."),
        Column("segmentation_id", Type.INTEGER, "The tag or network number."),
    ),
    key=("id",),
)

SUBNETS = Table(
    "neutron.subnets",
    "Address ranges of networks.",
    (
        Column("id", Type.UUID, "The subnet."),
        Column("name", Type.TEXT, "The name that the user gave."),
        PROJECT,
        NETWORK,
        Column("cidr", Type.TEXT, "The range."),
        Column("ip_version", Type.INTEGER, "4 or 6."),
    ),
    key=("id",),
)

ROUTERS = Table(
    "neutron.routers",
    "Routers.",
    (
        Column("id", Type.UUID, "The router."),
        Column("name", Type.TEXT, "The name that the user gave."),
        PROJECT,
        Column("status", Type.TEXT, "ACTIVE and so on."),
        Column("gw_port_id", Type.UUID, "Its port outside.", "neutron.ports.id"),
    ),
    key=("id",),
)

SECURITYGROUPS = Table(
    "neutron.securitygroups",
    "Security groups.",
    (
        Column("id", Type.UUID, "The group."),
        Column("name", Type.TEXT, "The name that the user gave."),
        PROJECT,
        STANDARD,
    ),
    key=("id",),
)

SECURITYGROUPPORTBINDINGS = Table(
    "neutron.securitygroupportbindings",
    "Which security groups a port has.",
    (
        PORT,
        Column("security_group_id", Type.UUID, "The group.", "neutron.securitygroups.id"),
    ),
    key=("port_id", "security_group_id"),
    copied=False,
)

ALLOWEDADDRESSPAIRS = Table(
    "neutron.allowedaddresspairs",
    "Further addresses that a port may use; shared ones stand with several ports.",
    (
        PORT,
        Column("mac_address", Type.TEXT, "The hardware address."),
        Column("ip_address", Type.TEXT, "The address or range."),
    ),
    key=("port_id", "mac_address", "ip_address"),
    copied=False,
)

PORTDNSES = Table(
    "neutron.portdnses",
    "Names of ports in DNS; the record outside has no other link.",
    (
        PORT,
        Column("dns_name", Type.TEXT, "The name that was asked for."),
        Column("current_dns_name", Type.TEXT, "The name that was published."),
        Column("current_dns_domain", Type.TEXT, "Its zone."),
    ),
    key=("port_id",),
    copied=False,
)

AGENTS = Table(
    "neutron.agents",
    "Agents that report to neutron.",
    (
        Column("id", Type.UUID, "The agent."),
        Column("agent_type", Type.TEXT, "Open vSwitch agent, L3 agent, DHCP agent and so on."),
        Column("binary", Type.TEXT, "Its program."),
        Column("host", Type.TEXT, "The host that it serves."),
        Column("admin_state_up", Type.BOOLEAN, "Whether it is switched on."),
        Column("created_at", Type.TIME, "When it first reported."),
        Column("started_at", Type.TIME, "When it last started."),
        Column("heartbeat_timestamp", Type.TIME, "Its last report."),
    ),
    key=("id",),
)

QUOTAUSAGES = Table(
    "neutron.quotausages",
    "Counters of used quota; unused since neutron counts live rows.",
    (
        PROJECT,
        Column("resource", Type.TEXT, "port, network, floatingip and so on."),
        Column("in_use", Type.INTEGER, "How much is counted as used."),
        Column("reserved", Type.INTEGER, "How much running requests have reserved."),
        Column("dirty", Type.BOOLEAN, "Whether it has to be counted again."),
    ),
    key=("project_id", "resource"),
)

RESERVATIONS = Table(
    "neutron.reservations",
    "Quota reserved by a running request.",
    (
        Column("id", Type.UUID, "The reservation."),
        PROJECT,
        Column("expiration", Type.TIME, "When the reservation lapses."),
    ),
    key=("id",),
)

TABLES = (
    PORTS,
    ML2_PORT_BINDINGS,
    ML2_PORT_BINDING_LEVELS,
    ML2_DISTRIBUTED_PORT_BINDINGS,
    IPALLOCATIONS,
    IPAMALLOCATIONS,
    IPAMSUBNETS,
    FLOATINGIPS,
    PORTFORWARDINGS,
    TRUNKS,
    SUBPORTS,
    STANDARDATTRIBUTES,
    PROVISIONINGBLOCKS,
    OVN_REVISION_NUMBERS,
    NETWORKS,
    NETWORKSEGMENTS,
    SUBNETS,
    ROUTERS,
    SECURITYGROUPS,
    SECURITYGROUPPORTBINDINGS,
    ALLOWEDADDRESSPAIRS,
    PORTDNSES,
    AGENTS,
    QUOTAUSAGES,
    RESERVATIONS,
)
