"""The database of cinder: volumes and who has them.

A row is deleted by setting `deleted` to true. Only attachments name a VM. The name of a volume
on its back end is `volume-<_name_id, or id>`. Source: cinder/db/sqlalchemy/models.py and the
schemas of cinder 21 (Zed) and 29 (2026.2), which have the same columns.
"""

from stackfsck.catalogue.table import Column, SoftDelete, Table, Type

LIFE = (
    Column("created_at", Type.TIME, "When the row was written."),
    Column("updated_at", Type.TIME, "When the row was last changed, empty until then."),
    Column("deleted_at", Type.TIME, "When the row was deleted."),
    Column("deleted", Type.BOOLEAN, "Whether the row is deleted."),
)
ID = Column("id", Type.INTEGER, "The row's number.")
PROJECT = Column("project_id", Type.TEXT, "The project that owns it.", "keystone.project.id")
USER = Column("user_id", Type.TEXT, "The user that made it.", "keystone.user.id")
VOLUME = Column("volume_id", Type.UUID, "The volume.", "cinder.volumes.id")

VOLUMES = Table(
    "cinder.volumes",
    "Volumes.",
    (
        *LIFE,
        Column("id", Type.UUID, "The volume."),
        Column("_name_id", Type.UUID, "Under which id its back end has it, after a migration."),
        Column("display_name", Type.TEXT, "The name that the user gave; any text at all."),
        PROJECT,
        USER,
        Column("host", Type.TEXT, "The service, back end and pool: host@backend#pool."),
        Column("service_uuid", Type.UUID, "The service that owns it.", "cinder.services.uuid"),
        Column("status", Type.TEXT, "available, in-use, or what is being done with it."),
        Column("attach_status", Type.TEXT, "attached, attaching, detached and so on."),
        Column("previous_status", Type.TEXT, "The status before the running operation."),
        Column("migration_status", Type.TEXT, "How far a move is; target:<id> marks its copy."),
        Column("size", Type.INTEGER, "Size in GiB."),
        Column("bootable", Type.BOOLEAN, "Whether a VM can start from it."),
        Column("multiattach", Type.BOOLEAN, "Whether several VMs may have it at once."),
        Column("snapshot_id", Type.UUID, "The snapshot it was made from.", "cinder.snapshots.id"),
        Column("source_volid", Type.UUID, "The volume it was made from.", "cinder.volumes.id"),
        Column("volume_type_id", Type.UUID, "Its type.", "cinder.volume_types.id"),
        Column("launched_at", Type.TIME, "When it first was usable."),
        Column("terminated_at", Type.TIME, "When its deletion began."),
        Column("availability_zone", Type.TEXT, "Its zone."),
        Column("use_quota", Type.BOOLEAN, "Whether it counts against the quota.", since="Xena"),
        Column("encryption_key_id", Type.UUID, "Its key in barbican."),
        Column("provider_location", Type.TEXT, "Where its target is.", copied=False),
        Column("provider_auth", Type.TEXT, "Its CHAP name and password.", secret=True),
    ),
    key=("id",),
    soft_delete=SoftDelete.FLAG,
)

VOLUME_ATTACHMENT = Table(
    "cinder.volume_attachment",
    "Who has a volume: a VM, or a host when cinder itself works with it.",
    (
        *LIFE,
        Column("id", Type.UUID, "The attachment."),
        VOLUME,
        Column(
            "instance_uuid", Type.UUID, "The VM; empty for cinder's own.", "nova.instances.uuid"
        ),
        Column("attached_host", Type.TEXT, "The host that connected the volume."),
        Column("mountpoint", Type.TEXT, "The device name."),
        Column("attach_mode", Type.TEXT, "rw or ro."),
        Column("attach_status", Type.TEXT, "reserved, attaching, attached, detached, error_..."),
        Column("attach_time", Type.TIME, "When it was attached."),
        Column("detach_time", Type.TIME, "When it was detached."),
        Column("connector", Type.TEXT, "Who connects: host, address, initiator.", copied=False),
        Column("connection_info", Type.TEXT, "How to reach it, with passwords.", secret=True),
    ),
    key=("id",),
    soft_delete=SoftDelete.FLAG,
    vm="instance_uuid",
)

ATTACHMENT_SPECS = Table(
    "cinder.attachment_specs",
    "Connectors of attachments before Pike.",
    (
        *LIFE,
        ID,
        Column("attachment_id", Type.UUID, "The attachment.", "cinder.volume_attachment.id"),
        Column("key", Type.TEXT, "The name of the value."),
        Column("value", Type.TEXT, "The value; may be a password.", secret=True),
    ),
    key=("id",),
    soft_delete=SoftDelete.FLAG,
    copied=False,
)

VOLUME_ADMIN_METADATA = Table(
    "cinder.volume_admin_metadata",
    "What cinder noted about a volume: attached_mode, readonly.",
    (
        *LIFE,
        ID,
        VOLUME,
        Column("key", Type.TEXT, "The name of the note."),
        Column("value", Type.TEXT, "The note."),
    ),
    key=("id",),
    soft_delete=SoftDelete.FLAG,
    copied=False,
)

VOLUME_METADATA = Table(
    "cinder.volume_metadata",
    "What the user noted about a volume.",
    (
        *LIFE,
        ID,
        VOLUME,
        Column("key", Type.TEXT, "The name of the note."),
        Column("value", Type.TEXT, "The note, the user's own.", copied=False),
    ),
    key=("id",),
    soft_delete=SoftDelete.FLAG,
    copied=False,
)

VOLUME_GLANCE_METADATA = Table(
    "cinder.volume_glance_metadata",
    "The image that a bootable volume or snapshot came from.",
    (
        *LIFE,
        ID,
        VOLUME,
        Column("snapshot_id", Type.UUID, "The snapshot.", "cinder.snapshots.id"),
        Column("key", Type.TEXT, "The name of the property."),
        Column("value", Type.TEXT, "The property.", copied=False),
    ),
    key=("id",),
    soft_delete=SoftDelete.FLAG,
    copied=False,
)

SNAPSHOTS = Table(
    "cinder.snapshots",
    "Snapshots of volumes; the user's data, whatever becomes of the VM.",
    (
        *LIFE,
        Column("id", Type.UUID, "The snapshot."),
        VOLUME,
        Column("display_name", Type.TEXT, "The name that the user gave."),
        PROJECT,
        USER,
        Column("status", Type.TEXT, "available, or what is being done with it."),
        Column("progress", Type.TEXT, "How far it is."),
        Column("volume_size", Type.INTEGER, "Size of the volume in GiB."),
        Column("use_quota", Type.BOOLEAN, "Whether it counts against the quota.", since="Xena"),
    ),
    key=("id",),
    soft_delete=SoftDelete.FLAG,
)

SNAPSHOT_METADATA = Table(
    "cinder.snapshot_metadata",
    "What the user noted about a snapshot.",
    (
        *LIFE,
        ID,
        Column("snapshot_id", Type.UUID, "The snapshot.", "cinder.snapshots.id"),
        Column("key", Type.TEXT, "The name of the note."),
        Column("value", Type.TEXT, "The note, the user's own.", copied=False),
    ),
    key=("id",),
    soft_delete=SoftDelete.FLAG,
    copied=False,
)

BACKUPS = Table(
    "cinder.backups",
    "Backups of volumes; the user's data, and not bound to the volume by a key.",
    (
        *LIFE,
        Column("id", Type.UUID, "The backup."),
        VOLUME,
        Column("display_name", Type.TEXT, "The name that the user gave."),
        PROJECT,
        USER,
        Column("status", Type.TEXT, "available, creating, restoring, error and so on."),
        Column("host", Type.TEXT, "The service that made it."),
        Column("parent_id", Type.UUID, "The backup that it builds on.", "cinder.backups.id"),
        Column("size", Type.INTEGER, "Size in GiB."),
    ),
    key=("id",),
    soft_delete=SoftDelete.FLAG,
)

TRANSFERS = Table(
    "cinder.transfers",
    "Volumes offered to another project; one left behind blocks the volume.",
    (
        *LIFE,
        Column("id", Type.UUID, "The transfer."),
        VOLUME,
        Column("expires_at", Type.TIME, "When the offer lapses."),
        Column("accepted", Type.BOOLEAN, "Whether it was taken."),
        Column("crypt_hash", Type.TEXT, "The hash of its key.", secret=True),
    ),
    key=("id",),
    soft_delete=SoftDelete.FLAG,
)

WORKERS = Table(
    "cinder.workers",
    "Operations that a service works on now; removed when they end.",
    (
        *LIFE,
        ID,
        Column(
            "resource_type", Type.TEXT, "Volume, Snapshot or Backup; SENTINEL is cinder's mark."
        ),
        Column("resource_id", Type.TEXT, "What is worked on.", "cinder.volumes.id"),
        Column("status", Type.TEXT, "The status that it had when the work began."),
        Column("service_id", Type.INTEGER, "Who works on it.", "cinder.services.id"),
    ),
    key=("id",),
)

SERVICES = Table(
    "cinder.services",
    "The cinder services that ever reported.",
    (
        *LIFE,
        ID,
        Column("uuid", Type.UUID, "The service."),
        Column("host", Type.TEXT, "The name under which it reports: host@backend."),
        Column("binary", Type.TEXT, "cinder-volume, cinder-scheduler or cinder-backup."),
        Column("cluster_name", Type.TEXT, "Its cluster, where it is one of several."),
        Column("disabled", Type.BOOLEAN, "Whether it takes no new volumes."),
        Column("disabled_reason", Type.TEXT, "Why it was disabled."),
        Column("availability_zone", Type.TEXT, "Its zone."),
    ),
    key=("id",),
    soft_delete=SoftDelete.FLAG,
)

VOLUME_TYPES = Table(
    "cinder.volume_types",
    "Kinds of volumes on offer.",
    (
        *LIFE,
        Column("id", Type.UUID, "The type."),
        Column("name", Type.TEXT, "Its name."),
    ),
    key=("id",),
    soft_delete=SoftDelete.FLAG,
)

QUOTA_USAGES = Table(
    "cinder.quota_usages",
    "Counters of used quota; cinder believes them, it does not count.",
    (
        *LIFE,
        ID,
        PROJECT,
        Column("resource", Type.TEXT, "volumes, gigabytes, snapshots, also per type."),
        Column("in_use", Type.INTEGER, "How much is counted as used."),
        Column("reserved", Type.INTEGER, "How much running requests have reserved."),
    ),
    key=("id",),
    soft_delete=SoftDelete.FLAG,
)

RESERVATIONS = Table(
    "cinder.reservations",
    "Quota reserved by a running request.",
    (
        *LIFE,
        ID,
        Column("uuid", Type.UUID, "The reservation."),
        Column("usage_id", Type.INTEGER, "The counter that it changes.", "cinder.quota_usages.id"),
        PROJECT,
        Column("resource", Type.TEXT, "volumes, gigabytes, snapshots, also per type."),
        Column("delta", Type.INTEGER, "By how much the counter is to change."),
        Column("expire", Type.TIME, "When the reservation lapses."),
    ),
    key=("id",),
    soft_delete=SoftDelete.FLAG,
)

IMAGE_VOLUME_CACHE_ENTRIES = Table(
    "cinder.image_volume_cache_entries",
    "Volumes kept as a cache of images.",
    (
        ID,
        Column("image_id", Type.UUID, "The image.", "glance.images.id"),
        VOLUME,
        Column("host", Type.TEXT, "The service that keeps it."),
        Column("size", Type.INTEGER, "Size in GiB."),
        Column("last_used", Type.TIME, "When it was last used."),
    ),
    key=("id",),
)

GROUPS = Table(
    "cinder.groups",
    "Groups of volumes that are snapshotted together.",
    (
        *LIFE,
        Column("id", Type.UUID, "The group."),
        Column("name", Type.TEXT, "The name that the user gave."),
        PROJECT,
        Column("status", Type.TEXT, "available, or what is being done with it."),
    ),
    key=("id",),
    soft_delete=SoftDelete.FLAG,
)

GROUP_VOLUME_TYPE_MAPPING = Table(
    "cinder.group_volume_type_mapping",
    "Kinds of volumes that a group may hold.",
    (
        *LIFE,
        ID,
        Column("volume_type_id", Type.UUID, "The type.", "cinder.volume_types.id"),
        Column("group_id", Type.UUID, "The group.", "cinder.groups.id"),
    ),
    key=("id",),
    soft_delete=SoftDelete.FLAG,
    copied=False,
)

TABLES = (
    VOLUMES,
    VOLUME_ATTACHMENT,
    ATTACHMENT_SPECS,
    VOLUME_ADMIN_METADATA,
    VOLUME_METADATA,
    VOLUME_GLANCE_METADATA,
    SNAPSHOTS,
    SNAPSHOT_METADATA,
    BACKUPS,
    TRANSFERS,
    WORKERS,
    SERVICES,
    VOLUME_TYPES,
    QUOTA_USAGES,
    RESERVATIONS,
    IMAGE_VOLUME_CACHE_ENTRIES,
    GROUPS,
    GROUP_VOLUME_TYPE_MAPPING,
)
