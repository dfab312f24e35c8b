"""The API database of nova: which cell has a VM, how it was asked for, its groups.

Rows are removed, never marked. Nothing removes mapping and request specification with their VM:
`nova-manage db archive_deleted_rows` does it later, outside the transaction that archives the VM.
The placement tables that this database still contains are decoys and are left out on purpose.
Source: nova/db/api/models.py and the schema of nova 34 (2026.2).
"""

from stackfsck.catalogue.table import Column, Table, Type

CREATED = Column("created_at", Type.TIME, "When the row was written.")
UPDATED = Column("updated_at", Type.TIME, "When the row was last changed, empty until then.")
ID = Column("id", Type.INTEGER, "The row's number.")
PROJECT = Column("project_id", Type.TEXT, "The project that owns it.", "keystone.project.id")
USER = Column("user_id", Type.TEXT, "The user that made it.", "keystone.user.id")

CELL_MAPPINGS = Table(
    "nova_api.cell_mappings",
    "The cells of the cloud and how to reach each.",
    (
        CREATED,
        UPDATED,
        ID,
        Column("uuid", Type.UUID, "The cell; cell0 has only zeros."),
        Column("name", Type.TEXT, "The cell's name; may be empty."),
        Column("disabled", Type.BOOLEAN, "Whether no new VM goes there.", since="Rocky"),
        Column("transport_url", Type.TEXT, "Its message queue, with a password.", secret=True),
        Column("database_connection", Type.TEXT, "Its database, with a password.", secret=True),
    ),
    key=("id",),
)

INSTANCE_MAPPINGS = Table(
    "nova_api.instance_mappings",
    "Which cell has a VM; without it the API does not find the VM.",
    (
        CREATED,
        UPDATED,
        ID,
        Column("instance_uuid", Type.UUID, "The VM.", "nova.instances.uuid"),
        Column(
            "cell_id",
            Type.INTEGER,
            "The cell; empty until the VM is scheduled.",
            "nova_api.cell_mappings.id",
        ),
        PROJECT,
        Column("user_id", Type.TEXT, "The user that made it.", "keystone.user.id", since="Stein"),
        Column(
            "queued_for_delete",
            Type.BOOLEAN,
            "Whether its deletion was asked for; set for soft-deleted VMs too.",
            since="Rocky",
        ),
    ),
    key=("id",),
    vm="instance_uuid",
)

REQUEST_SPECS = Table(
    "nova_api.request_specs",
    "What the user asked the scheduler for when the VM was made.",
    (
        CREATED,
        UPDATED,
        ID,
        Column("instance_uuid", Type.UUID, "The VM.", "nova.instances.uuid"),
        Column("spec", Type.TEXT, "The whole request.", copied=False),
    ),
    key=("id",),
    vm="instance_uuid",
)

BUILD_REQUESTS = Table(
    "nova_api.build_requests",
    "VMs that were asked for and are in no cell yet.",
    (
        CREATED,
        UPDATED,
        ID,
        Column("instance_uuid", Type.UUID, "The VM to be; may be empty.", "nova.instances.uuid"),
        PROJECT,
        Column("instance", Type.TEXT, "The VM as it shall become.", copied=False),
        Column("block_device_mappings", Type.TEXT, "The disks it shall have.", copied=False),
        Column("tags", Type.TEXT, "The labels it shall have.", since="Pike", copied=False),
    ),
    key=("id",),
    vm="instance_uuid",
)

HOST_MAPPINGS = Table(
    "nova_api.host_mappings",
    "Which cell a compute host belongs to.",
    (
        CREATED,
        UPDATED,
        ID,
        Column("cell_id", Type.INTEGER, "The cell.", "nova_api.cell_mappings.id"),
        Column("host", Type.TEXT, "The nova-compute service.", "nova.services.host"),
    ),
    key=("id",),
)

INSTANCE_GROUPS = Table(
    "nova_api.instance_groups",
    "Server groups: VMs to be kept together or apart.",
    (
        CREATED,
        UPDATED,
        ID,
        Column("uuid", Type.UUID, "The group."),
        Column("name", Type.TEXT, "The name that the user gave."),
        PROJECT,
        USER,
    ),
    key=("id",),
)

INSTANCE_GROUP_MEMBER = Table(
    "nova_api.instance_group_member",
    "VMs of the server groups.",
    (
        CREATED,
        UPDATED,
        ID,
        Column("instance_uuid", Type.UUID, "The VM.", "nova.instances.uuid"),
        Column("group_id", Type.INTEGER, "The group.", "nova_api.instance_groups.id"),
    ),
    key=("id",),
    vm="instance_uuid",
)

FLAVORS = Table(
    "nova_api.flavors",
    "The sizes of VMs that are on offer.",
    (
        CREATED,
        UPDATED,
        ID,
        Column("name", Type.TEXT, "The name that users see."),
        Column("flavorid", Type.TEXT, "The id that users see."),
        Column("vcpus", Type.INTEGER, "Virtual processors."),
        Column("memory_mb", Type.INTEGER, "Memory in MiB."),
        Column("root_gb", Type.INTEGER, "Root disk in GiB."),
        Column("ephemeral_gb", Type.INTEGER, "Ephemeral disk in GiB."),
        Column("swap", Type.INTEGER, "Swap in MiB."),
    ),
    key=("id",),
)

AGGREGATES = Table(
    "nova_api.aggregates",
    "Groups of hosts.",
    (
        CREATED,
        UPDATED,
        ID,
        Column("uuid", Type.UUID, "The aggregate.", "placement.placement_aggregates.uuid"),
        Column("name", Type.TEXT, "The name that the operator gave."),
    ),
    key=("id",),
)

AGGREGATE_HOSTS = Table(
    "nova_api.aggregate_hosts",
    "Hosts of the aggregates.",
    (
        CREATED,
        UPDATED,
        ID,
        Column("host", Type.TEXT, "The nova-compute service.", "nova.services.host"),
        Column("aggregate_id", Type.INTEGER, "The aggregate.", "nova_api.aggregates.id"),
    ),
    key=("id",),
)

QUOTA_USAGES = Table(
    "nova_api.quota_usages",
    "Counters of used quota; written up to Ocata only, afterwards a leftover.",
    (
        CREATED,
        UPDATED,
        ID,
        PROJECT,
        USER,
        Column("resource", Type.TEXT, "instances, cores, ram and so on."),
        Column("in_use", Type.INTEGER, "How much is counted as used."),
        Column("reserved", Type.INTEGER, "How much running requests have reserved."),
    ),
    key=("id",),
    optional=True,
)

TABLES = (
    CELL_MAPPINGS,
    INSTANCE_MAPPINGS,
    REQUEST_SPECS,
    BUILD_REQUESTS,
    HOST_MAPPINGS,
    INSTANCE_GROUPS,
    INSTANCE_GROUP_MEMBER,
    FLAVORS,
    AGGREGATES,
    AGGREGATE_HOSTS,
    QUOTA_USAGES,
)
