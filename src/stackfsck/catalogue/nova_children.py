"""The cell database of nova: the rows that hang on a VM.

All foreign keys to `instances.uuid` are RESTRICT: a child left behind stops the archiving of its
VM, and a child whose VM is gone was orphaned by hand (FOREIGN_KEY_CHECKS=0). Tables with many
rows per VM are not copied; they are asked for their offenders only. Source:
nova/db/main/models.py, nova/db/main/api.py `instance_destroy`, schema of nova 34 (2026.2).
"""

from stackfsck.catalogue.nova import CREATED, ID, LIFE, UPDATED
from stackfsck.catalogue.table import Column, Scope, SoftDelete, Table, Type


def _vm(meaning: str = "The VM that the row belongs to.") -> Column:
    return Column("instance_uuid", Type.UUID, meaning, "nova.instances.uuid")


BLOCK_DEVICE_MAPPING = Table(
    "nova.block_device_mapping",
    "The disks that nova gives a VM: volumes, images and blank ones.",
    (
        *LIFE,
        ID,
        Column("uuid", Type.UUID, "The mapping.", since="Queens"),
        _vm("The VM that has the disk."),
        Column("source_type", Type.TEXT, "What it was made from: volume, image, snapshot, blank."),
        Column("destination_type", Type.TEXT, "What it became: volume, or local to the host."),
        Column("device_name", Type.TEXT, "The name of the disk in the guest."),
        Column("boot_index", Type.INTEGER, "0 for the disk that the VM starts from."),
        Column("no_device", Type.BOOLEAN, "Whether it only suppresses a disk of the image."),
        Column("volume_id", Type.UUID, "The volume.", "cinder.volumes.id"),
        Column("volume_size", Type.INTEGER, "The size of the disk in GiB."),
        Column("snapshot_id", Type.UUID, "The snapshot it was made from.", "cinder.snapshots.id"),
        Column("image_id", Type.UUID, "The image it was made from.", "glance.images.id"),
        Column(
            "attachment_id",
            Type.UUID,
            "The attachment that holds the volume for the VM.",
            "cinder.volume_attachment.id",
            since="Pike",
        ),
        Column(
            "delete_on_termination", Type.BOOLEAN, "Whether nova deletes the volume with the VM."
        ),
        Column(
            "encryption_secret_uuid",
            Type.UUID,
            "The key of an encrypted local disk, in barbican.",
            since="Zed",
        ),
        Column(
            "connection_info", Type.TEXT, "How to reach the volume, with passwords.", secret=True
        ),
    ),
    key=("id",),
    scope=Scope.CELL,
    soft_delete=SoftDelete.ID,
    vm="instance_uuid",
)

VIRTUAL_INTERFACES = Table(
    "nova.virtual_interfaces",
    "The network ports that nova knows a VM to have.",
    (
        *LIFE,
        ID,
        Column("uuid", Type.UUID, "The port, by neutron's id.", "neutron.ports.id"),
        _vm("The VM that has the port."),
        Column("address", Type.TEXT, "The hardware address, a slash and the port's id."),
        Column("tag", Type.TEXT, "The name that the user gave the device."),
    ),
    key=("id",),
    scope=Scope.CELL,
    soft_delete=SoftDelete.ID,
    vm="instance_uuid",
)

INSTANCE_EXTRA = Table(
    "nova.instance_extra",
    "What is big about a VM: flavor, topology, PCI requests, the state of a move.",
    (
        *LIFE,
        ID,
        _vm(),
        Column("flavor", Type.TEXT, "The flavor as it was when the VM was made.", copied=False),
        Column("numa_topology", Type.TEXT, "The layout over NUMA cells.", copied=False),
        Column("pci_requests", Type.TEXT, "The PCI devices that were asked for.", copied=False),
        Column(
            "migration_context", Type.TEXT, "Old and new resources while it moves.", copied=False
        ),
        Column("keypairs", Type.TEXT, "The keys that the guest was given.", secret=True),
        Column("device_metadata", Type.TEXT, "Tags of devices.", copied=False),
        Column("trusted_certs", Type.TEXT, "Certificates to trust.", since="Rocky", copied=False),
        Column("vpmems", Type.TEXT, "Persistent memory it has.", since="Train", copied=False),
        Column("resources", Type.TEXT, "Resources that it holds.", since="Train", copied=False),
    ),
    key=("id",),
    scope=Scope.CELL,
    soft_delete=SoftDelete.ID,
    vm="instance_uuid",
    copied=False,
)

INSTANCE_FAULTS = Table(
    "nova.instance_faults",
    "What went wrong with a VM.",
    (
        *LIFE,
        ID,
        _vm(),
        Column("code", Type.INTEGER, "The HTTP code of the fault."),
        Column("message", Type.TEXT, "The fault in short."),
        Column("host", Type.TEXT, "Where it happened."),
        Column("details", Type.TEXT, "The traceback.", copied=False),
    ),
    key=("id",),
    scope=Scope.CELL,
    soft_delete=SoftDelete.ID,
    vm="instance_uuid",
    copied=False,
)

INSTANCE_INFO_CACHES = Table(
    "nova.instance_info_caches",
    "What nova remembers of a VM's network; the only place that knows whose ports they were.",
    (
        *LIFE,
        ID,
        _vm(),
        Column("network_info", Type.TEXT, "Ports, addresses and who made each port.", copied=False),
    ),
    key=("id",),
    scope=Scope.CELL,
    soft_delete=SoftDelete.ID,
    vm="instance_uuid",
    copied=False,
)

INSTANCE_METADATA = Table(
    "nova.instance_metadata",
    "What the user noted about a VM.",
    (
        *LIFE,
        ID,
        _vm(),
        Column("key", Type.TEXT, "The name of the note."),
        Column("value", Type.TEXT, "The note, the user's own.", copied=False),
    ),
    key=("id",),
    scope=Scope.CELL,
    soft_delete=SoftDelete.ID,
    vm="instance_uuid",
    copied=False,
)

INSTANCE_SYSTEM_METADATA = Table(
    "nova.instance_system_metadata",
    "What nova noted about a VM: its image, its shelved image, tries to clean it up.",
    (
        *LIFE,
        ID,
        _vm(),
        Column("key", Type.TEXT, "The name of the note, such as shelved_image_id."),
        Column("value", Type.TEXT, "The note."),
    ),
    key=("id",),
    scope=Scope.CELL,
    soft_delete=SoftDelete.ID,
    vm="instance_uuid",
    copied=False,
)

SECURITY_GROUP_INSTANCE_ASSOCIATION = Table(
    "nova.security_group_instance_association",
    "Security groups of a VM in nova-network's time.",
    (
        *LIFE,
        ID,
        _vm(),
        Column("security_group_id", Type.INTEGER, "The group's number."),
    ),
    key=("id",),
    scope=Scope.CELL,
    soft_delete=SoftDelete.ID,
    vm="instance_uuid",
    copied=False,
)

INSTANCE_ACTIONS = Table(
    "nova.instance_actions",
    "What users and nova did with a VM; stays live after its VM, on purpose, for the audit.",
    (
        *LIFE,
        ID,
        _vm(),
        Column("action", Type.TEXT, "create, delete, migrate, shelve and so on."),
        Column("request_id", Type.TEXT, "The request, as the logs name it."),
        Column("user_id", Type.TEXT, "Who asked for it.", "keystone.user.id"),
        Column("start_time", Type.TIME, "When it began."),
        Column("finish_time", Type.TIME, "When it ended; often left empty."),
        Column("message", Type.TEXT, "How it failed, where it did."),
    ),
    key=("id",),
    scope=Scope.CELL,
    soft_delete=SoftDelete.ID,
    vm="instance_uuid",
    copied=False,
)

INSTANCE_ACTIONS_EVENTS = Table(
    "nova.instance_actions_events",
    "The steps of an action.",
    (
        *LIFE,
        ID,
        Column("action_id", Type.INTEGER, "The action.", "nova.instance_actions.id"),
        Column("event", Type.TEXT, "The step, such as compute_terminate_instance."),
        Column("start_time", Type.TIME, "When it began."),
        Column("finish_time", Type.TIME, "When it ended; empty while it runs or after a crash."),
        Column("result", Type.TEXT, "Success or Error."),
        Column("host", Type.TEXT, "The host that did it."),
        Column("traceback", Type.TEXT, "The traceback of an error.", copied=False),
    ),
    key=("id",),
    scope=Scope.CELL,
    soft_delete=SoftDelete.ID,
    copied=False,
)

INSTANCE_ID_MAPPINGS = Table(
    "nova.instance_id_mappings",
    "The number of a VM in the EC2 API: i-0000001d is row 29.",
    (
        *LIFE,
        Column("id", Type.INTEGER, "The number."),
        Column("uuid", Type.UUID, "The VM.", "nova.instances.uuid"),
    ),
    key=("id",),
    scope=Scope.CELL,
    soft_delete=SoftDelete.ID,
    vm="uuid",
    copied=False,
)

TAGS = Table(
    "nova.tags",
    "Labels that the user gave a VM; removed, not marked, with it.",
    (
        Column("resource_id", Type.UUID, "The VM.", "nova.instances.uuid"),
        Column("tag", Type.TEXT, "The label."),
    ),
    key=("resource_id", "tag"),
    scope=Scope.CELL,
    vm="resource_id",
    copied=False,
)

CONSOLE_AUTH_TOKENS = Table(
    "nova.console_auth_tokens",
    "Tickets to a VM's console; removed, not marked, with the VM. In use since Rocky.",
    (
        CREATED,
        UPDATED,
        ID,
        _vm("The VM that the ticket opens."),
        Column("console_type", Type.TEXT, "novnc, serial, spice-html5 and so on."),
        Column("host", Type.TEXT, "The host of the console.", "nova.services.host"),
        Column("port", Type.INTEGER, "The console's TCP port on that host."),
        Column("expires", Type.INTEGER, "When it lapses, in seconds since 1970."),
        Column("token_hash", Type.TEXT, "The hash of the ticket.", secret=True),
        Column("internal_access_path", Type.TEXT, "The path of the console.", secret=True),
    ),
    key=("id",),
    scope=Scope.CELL,
    vm="instance_uuid",
)

VOLUME_USAGE_CACHE = Table(
    "nova.volume_usage_cache",
    "Reads and writes of volumes, for metering; nothing ever removes a row.",
    (
        *LIFE,
        ID,
        Column("volume_id", Type.UUID, "The volume.", "cinder.volumes.id"),
        _vm("The VM that used the volume."),
        Column("project_id", Type.TEXT, "The project that owned it.", "keystone.project.id"),
    ),
    key=("id",),
    scope=Scope.CELL,
    soft_delete=SoftDelete.ID,
    vm="instance_uuid",
    copied=False,
)

SHARE_MAPPING = Table(
    "nova.share_mapping",
    "Manila shares mounted for a VM; one left behind stops all archiving in its cell.",
    (
        CREATED,
        UPDATED,
        ID,
        Column("uuid", Type.UUID, "The mapping."),
        _vm("The VM that has the share."),
        Column("share_id", Type.UUID, "The share in manila."),
        Column("status", Type.TEXT, "attaching, active, detaching, error or inactive."),
        Column("tag", Type.TEXT, "The name of the mount in the guest."),
        Column("share_proto", Type.TEXT, "NFS or CEPHFS."),
        Column("export_location", Type.TEXT, "Where the share is exported."),
    ),
    key=("id",),
    scope=Scope.CELL,
    vm="instance_uuid",
    since="2024.1",
)

FIXED_IPS = Table(
    "nova.fixed_ips",
    "Addresses of nova-network, gone since Yoga; one left behind stops all archiving.",
    (
        *LIFE,
        ID,
        Column("address", Type.TEXT, "The address."),
        _vm("The VM that had it."),
        Column("host", Type.TEXT, "The host that served it."),
    ),
    key=("id",),
    scope=Scope.CELL,
    soft_delete=SoftDelete.ID,
    vm="instance_uuid",
    copied=False,
    optional=True,
)

CONSOLES = Table(
    "nova.consoles",
    "Consoles of the xvp proxy, gone with it; one left behind stops all archiving.",
    (
        *LIFE,
        ID,
        Column("instance_name", Type.TEXT, "The hypervisor's name of the VM."),
        _vm("The VM that had the console."),
        Column("port", Type.INTEGER, "The console's port."),
        Column("password", Type.TEXT, "The console's password.", secret=True),
    ),
    key=("id",),
    scope=Scope.CELL,
    soft_delete=SoftDelete.ID,
    vm="instance_uuid",
    copied=False,
    optional=True,
)

INSTANCE_GROUP_MEMBER = Table(
    "nova.instance_group_member",
    "Members of server groups before Newton; the API database has the living ones.",
    (
        *LIFE,
        ID,
        Column(
            "instance_id", Type.UUID, "The VM; here the column is so named.", "nova.instances.uuid"
        ),
        Column("group_id", Type.INTEGER, "The group's number in the cell."),
    ),
    key=("id",),
    scope=Scope.CELL,
    soft_delete=SoftDelete.ID,
    vm="instance_id",
    copied=False,
    optional=True,
)

TABLES = (
    BLOCK_DEVICE_MAPPING,
    VIRTUAL_INTERFACES,
    INSTANCE_EXTRA,
    INSTANCE_FAULTS,
    INSTANCE_INFO_CACHES,
    INSTANCE_METADATA,
    INSTANCE_SYSTEM_METADATA,
    SECURITY_GROUP_INSTANCE_ASSOCIATION,
    INSTANCE_ACTIONS,
    INSTANCE_ACTIONS_EVENTS,
    INSTANCE_ID_MAPPINGS,
    TAGS,
    CONSOLE_AUTH_TOKENS,
    VOLUME_USAGE_CACHE,
    SHARE_MAPPING,
    FIXED_IPS,
    CONSOLES,
    INSTANCE_GROUP_MEMBER,
)
