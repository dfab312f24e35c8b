"""What Open vSwitch has on a compute host.

The interface of a VM names its port (`iface-id`) and its VM (`vm-uuid`) in `external_ids`.
Source: os-vif, vif_plug_ovs/ovsdb/ovsdb_lib.py.
"""

from stackfsck.catalogue.table import Column, Scope, Table, Type

BRIDGES = Table(
    "vswitch.bridges",
    "Bridges.",
    (Column("name", Type.TEXT, "The bridge, such as br-int."),),
    key=("name",),
    scope=Scope.HOST,
)

PORTS = Table(
    "vswitch.ports",
    "Ports of the bridges.",
    (
        Column("bridge", Type.TEXT, "The bridge.", "vswitch.bridges.name"),
        Column("name", Type.TEXT, "The port; the device's name."),
        Column("tag", Type.INTEGER, "The local VLAN; 4095 is the agent's dead VLAN."),
    ),
    key=("name",),
    scope=Scope.HOST,
)

INTERFACES = Table(
    "vswitch.interfaces",
    "Interfaces of the ports.",
    (
        Column("bridge", Type.TEXT, "The bridge.", "vswitch.bridges.name"),
        Column("port", Type.TEXT, "The port.", "vswitch.ports.name"),
        Column("name", Type.TEXT, "The device."),
        Column("type", Type.TEXT, "Empty for a device of the system; internal, patch, vxlan."),
        Column("iface_id", Type.UUID, "The port of neutron.", "neutron.ports.id"),
        Column("vm_uuid", Type.UUID, "The VM.", "nova.instances.uuid"),
        Column("attached_mac", Type.TEXT, "The hardware address of the VM."),
        Column("error", Type.TEXT, "Why it does not work, such as a missing device."),
        Column("ofport", Type.INTEGER, "Its OpenFlow number; -1 when it does not work."),
    ),
    key=("name",),
    scope=Scope.HOST,
    vm="vm_uuid",
)

TABLES = (BRIDGES, PORTS, INTERFACES)
