"""What lies on a compute host: links, files of VMs, connections to volumes.

`host` is nova's name of the host, whatever the host calls itself. Sources:
nova/virt/libvirt/utils.py and imagecache.py (files), os-vif (names of links), os-brick
(connections).
"""

from stackfsck.catalogue.table import Column, Scope, Table, Type

FACTS = Table(
    "host.facts",
    "What a host says about itself; one row per host.",
    (
        Column("hostname", Type.TEXT, "Its host name."),
        Column("fqdn", Type.TEXT, "Its name with the domain."),
        Column("nova_host", Type.TEXT, "The host option of its nova.conf.", "nova.services.host"),
        Column("machine_id", Type.TEXT, "The machine's id; two hosts never share it."),
        Column("hypervisor_hostname", Type.TEXT, "libvirt's name of the host."),
        Column("instances_path", Type.TEXT, "Where the VMs' directories are."),
        Column("kernel", Type.TEXT, "The release of its kernel."),
        Column("clock", Type.TIME, "Its clock when it was read."),
        Column("libvirt", Type.BOOLEAN, "Whether libvirt answered."),
        Column("vswitch", Type.BOOLEAN, "Whether Open vSwitch answered."),
    ),
    key=(),
    scope=Scope.HOST,
)

LINKS = Table(
    "host.links",
    "Network devices.",
    (
        Column("name", Type.TEXT, "The device."),
        Column("kind", Type.TEXT, "bridge, tap, veth, openvswitch and so on."),
        Column("master", Type.TEXT, "The bridge that it is in.", "host.links.name"),
        Column("mac", Type.TEXT, "Its hardware address."),
        Column("state", Type.TEXT, "UP, DOWN or UNKNOWN."),
        Column("prefix", Type.TEXT, "tap, qvo, qvb or qbr for the device of a VM."),
        Column(
            "port_prefix",
            Type.TEXT,
            "The first 11 characters of the port's id.",
            "neutron.ports.id",
        ),
    ),
    key=("name",),
    scope=Scope.HOST,
)

INSTANCE_DIRS = Table(
    "host.instance_dirs",
    "Directories of VMs below instances_path.",
    (
        Column("name", Type.TEXT, "The directory's name."),
        Column("uuid", Type.UUID, "The VM.", "nova.instances.uuid"),
        Column("suffix", Type.TEXT, "Empty, _resize or _del."),
        Column("path", Type.TEXT, "The whole path."),
        Column("changed_at", Type.TIME, "When its entries last changed."),
        Column("files", Type.INTEGER, "How many files it holds."),
        Column("shared", Type.BOOLEAN, "Whether other hosts see it too (NFS, CephFS)."),
        Column("store", Type.TEXT, "Which file system it lies on."),
    ),
    key=("path",),
    scope=Scope.HOST,
    vm="uuid",
)

BASE_IMAGES = Table(
    "host.base_images",
    "Cached images that disks of VMs build on; nova's image cache removes them.",
    (
        Column("name", Type.TEXT, "The file, named by a hash of the image's id."),
        Column("path", Type.TEXT, "The whole path."),
        Column("changed_at", Type.TIME, "When it was last written or used."),
        Column("bytes", Type.INTEGER, "Size in bytes."),
    ),
    key=("path",),
    scope=Scope.HOST,
)

VM_FILES = Table(
    "host.vm_files",
    "Files of VMs outside their directories.",
    (
        Column("kind", Type.TEXT, "nvram, swtpm, save, console_log or snapshot."),
        Column("uuid", Type.UUID, "The VM, where the file names it.", "nova.instances.uuid"),
        Column("name", Type.TEXT, "The file's or the domain's name.", "libvirt.domains.name"),
        Column("path", Type.TEXT, "The whole path."),
        Column("changed_at", Type.TIME, "When it was last written."),
    ),
    key=("path",),
    scope=Scope.HOST,
    vm="uuid",
)

ISCSI_SESSIONS = Table(
    "host.iscsi_sessions",
    "Logical units of the open iSCSI sessions; a session may serve several volumes.",
    (
        Column("sid", Type.INTEGER, "The session."),
        Column("portal", Type.TEXT, "Address and port of the target."),
        Column("iqn", Type.TEXT, "The target."),
        Column("volume", Type.UUID, "The volume, where the target names it.", "cinder.volumes.id"),
        Column("lun", Type.INTEGER, "The logical unit."),
        Column("device", Type.TEXT, "The disk on the host, such as sdb."),
    ),
    key=("sid", "lun"),
    scope=Scope.HOST,
)

ISCSI_NODES = Table(
    "host.iscsi_nodes",
    "Targets that the host remembers and may log in to again.",
    (
        Column("portal", Type.TEXT, "Address and port of the target."),
        Column("iqn", Type.TEXT, "The target."),
        Column("startup", Type.TEXT, "manual or automatic."),
        Column("volume", Type.UUID, "The volume, where the target names it.", "cinder.volumes.id"),
    ),
    key=("portal", "iqn"),
    scope=Scope.HOST,
)

MULTIPATHS = Table(
    "host.multipaths",
    "Multipath maps.",
    (
        Column("name", Type.TEXT, "The map."),
        Column("wwid", Type.TEXT, "The unit behind it."),
        Column("devices", Type.TEXT, "Its disks, with commas between."),
        Column("paths", Type.INTEGER, "How many of its paths work."),
    ),
    key=("name",),
    scope=Scope.HOST,
)

MOUNTS = Table(
    "host.mounts",
    "Mounts that belong to volumes, shares or the VMs' directories.",
    (
        Column("source", Type.TEXT, "What is mounted."),
        Column("target", Type.TEXT, "Where."),
        Column("type", Type.TEXT, "The kind of file system."),
    ),
    key=("target",),
    scope=Scope.HOST,
)

RBD_MAPS = Table(
    "host.rbd_maps",
    "Images of Ceph mapped to devices by the kernel.",
    (
        Column("pool", Type.TEXT, "The pool.", "ceph.pools.name"),
        Column("image", Type.TEXT, "The image.", "ceph.images.name"),
        Column("snap", Type.TEXT, "The snapshot, or a dash."),
        Column("device", Type.TEXT, "The device, such as /dev/rbd0."),
    ),
    key=("device",),
    scope=Scope.HOST,
)

TABLES = (
    FACTS,
    LINKS,
    INSTANCE_DIRS,
    BASE_IMAGES,
    VM_FILES,
    ISCSI_SESSIONS,
    ISCSI_NODES,
    MULTIPATHS,
    MOUNTS,
    RBD_MAPS,
)
