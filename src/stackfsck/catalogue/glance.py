"""The database of glance: images, among them those that nova made of VMs.

A row is deleted by setting `deleted` to true. An image made of a VM carries the properties
`instance_uuid` and `image_type`; only the one made by shelving is stale without its VM, a
snapshot is the user's. Source: glance/db/sqlalchemy/models.py and the schemas of glance 25 (Zed)
and 33 (2026.2).
"""

from stackfsck.catalogue.table import Column, SoftDelete, Table, Type

LIFE = (
    Column("created_at", Type.TIME, "When the row was written."),
    Column("updated_at", Type.TIME, "When the row was last changed."),
    Column("deleted_at", Type.TIME, "When the row was deleted."),
    Column("deleted", Type.BOOLEAN, "Whether the row is deleted."),
)
ID = Column("id", Type.INTEGER, "The row's number.")
IMAGE = Column("image_id", Type.UUID, "The image.", "glance.images.id")

IMAGES = Table(
    "glance.images",
    "Images and snapshots.",
    (
        *LIFE,
        Column("id", Type.UUID, "The image."),
        Column("name", Type.TEXT, "Its name; shelving appends -shelved to the VM's."),
        Column("owner", Type.TEXT, "The project that owns it.", "keystone.project.id"),
        Column("status", Type.TEXT, "queued, saving, active, deactivated, deleted and so on."),
        Column("size", Type.INTEGER, "Size in bytes."),
        Column("visibility", Type.TEXT, "private, public, shared or community."),
        Column("protected", Type.BOOLEAN, "Whether glance refuses to delete it."),
        Column("os_hidden", Type.BOOLEAN, "Whether lists leave it out."),
        Column("disk_format", Type.TEXT, "raw, qcow2 and so on."),
    ),
    key=("id",),
    soft_delete=SoftDelete.FLAG,
)

IMAGE_PROPERTIES = Table(
    "glance.image_properties",
    "Properties of images, by name and value.",
    (
        *LIFE,
        ID,
        IMAGE,
        Column("name", Type.TEXT, "The name, such as instance_uuid, image_type, base_image_ref."),
        Column("value", Type.TEXT, "The value.", "nova.instances.uuid"),
    ),
    key=("id",),
    soft_delete=SoftDelete.FLAG,
)

IMAGE_LOCATIONS = Table(
    "glance.image_locations",
    "Where the data of images lies.",
    (
        *LIFE,
        ID,
        IMAGE,
        Column("status", Type.TEXT, "active, pending_delete or deleted."),
        Column("value", Type.TEXT, "The place, maybe with a password.", secret=True),
    ),
    key=("id",),
    soft_delete=SoftDelete.FLAG,
)

IMAGE_MEMBERS = Table(
    "glance.image_members",
    "Projects that an image is shared with.",
    (
        *LIFE,
        ID,
        IMAGE,
        Column("member", Type.TEXT, "The project.", "keystone.project.id"),
        Column("status", Type.TEXT, "pending, accepted or rejected."),
    ),
    key=("id",),
    soft_delete=SoftDelete.FLAG,
)

IMAGE_TAGS = Table(
    "glance.image_tags",
    "Labels of images.",
    (*LIFE, ID, IMAGE, Column("value", Type.TEXT, "The label.")),
    key=("id",),
    soft_delete=SoftDelete.FLAG,
    copied=False,
)

TABLES = (IMAGES, IMAGE_PROPERTIES, IMAGE_LOCATIONS, IMAGE_MEMBERS, IMAGE_TAGS)
