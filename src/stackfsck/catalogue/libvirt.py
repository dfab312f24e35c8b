"""What libvirt knows on a compute host: domains, their disks and interfaces, and the processes.

A domain has the UUID of its VM. Its name holds the number of the VM in its cell, so names repeat
between cells and are never taken as proof. A domain without nova's metadata is not nova's.
Source: nova/virt/libvirt/config.py (metadata), libvirt's domain format.
"""

from stackfsck.catalogue.table import Column, Scope, Table, Type

DOMAINS = Table(
    "libvirt.domains",
    "Domains, running or only defined.",
    (
        Column("uuid", Type.UUID, "The domain; the VM's UUID.", "nova.instances.uuid"),
        Column("name", Type.TEXT, "Its name, such as instance-0000001d."),
        Column("title", Type.TEXT, "Its title, where it has one."),
        Column("state", Type.TEXT, "running, paused, shut off, crashed, pmsuspended and so on."),
        Column("persistent", Type.BOOLEAN, "Whether its definition outlives its process."),
        Column("nova_name", Type.TEXT, "The VM's name in nova's metadata."),
        Column("nova_project", Type.UUID, "The project in nova's metadata.", "keystone.project.id"),
        Column("nova_user", Type.UUID, "The user in nova's metadata.", "keystone.user.id"),
        Column("nova_created", Type.TIME, "When nova wrote the metadata."),
        Column("is_nova", Type.BOOLEAN, "Whether it carries nova's metadata at all."),
    ),
    key=("uuid",),
    scope=Scope.HOST,
    vm="uuid",
)

DISKS = Table(
    "libvirt.disks",
    "Disks of the domains.",
    (
        Column("domain", Type.UUID, "The domain.", "libvirt.domains.uuid"),
        Column("target", Type.TEXT, "The name in the guest, such as vda."),
        Column("type", Type.TEXT, "file, block, network and so on."),
        Column("protocol", Type.TEXT, "rbd, iscsi and so on, for a network disk."),
        Column("source", Type.TEXT, "The file, device or image."),
        Column("serial", Type.UUID, "The volume; nova writes it here.", "cinder.volumes.id"),
        Column("device", Type.TEXT, "disk or cdrom."),
    ),
    key=("domain", "target"),
    scope=Scope.HOST,
    vm="domain",
)

INTERFACES = Table(
    "libvirt.interfaces",
    "Network interfaces of the domains.",
    (
        Column("domain", Type.UUID, "The domain.", "libvirt.domains.uuid"),
        Column("mac", Type.TEXT, "The hardware address."),
        Column("target", Type.TEXT, "The device on the host, such as tap02415dc6-e2."),
        Column("type", Type.TEXT, "bridge, ethernet, vhostuser, hostdev and so on."),
        Column("bridge", Type.TEXT, "The bridge that it is plugged into."),
        Column("interface_id", Type.UUID, "The port, where it is told.", "neutron.ports.id"),
        Column("virtualport", Type.TEXT, "The kind of virtual port, such as openvswitch."),
    ),
    key=("domain", "mac"),
    scope=Scope.HOST,
    vm="domain",
)

PROCESSES = Table(
    "libvirt.processes",
    "Processes of qemu, whether libvirt knows them or not.",
    (
        Column("pid", Type.INTEGER, "The process."),
        Column("uuid", Type.UUID, "The UUID on its command line.", "nova.instances.uuid"),
        Column("name", Type.TEXT, "The guest's name on its command line."),
        Column("started", Type.TIME, "When it started."),
    ),
    key=("pid",),
    scope=Scope.HOST,
    vm="uuid",
)

TABLES = (DOMAINS, DISKS, INTERFACES, PROCESSES)
