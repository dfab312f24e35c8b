"""The database of placement: who holds which resources of which host.

Rows are removed, never marked. Neither allocations nor consumers have a foreign key to what they
refer to. nova names a consumer after the VM, and the source's share of a move after the move's
own UUID (since Queens); others (Blazar, Cyborg, Zun) use UUIDs of their own. Up to Rocky these
tables may stand in the API database of nova. Source: placement/db/sqlalchemy/models.py and the
schema of placement 16 (2026.2).
"""

from stackfsck.catalogue.table import Column, Table, Type

CREATED = Column("created_at", Type.TIME, "When the row was written.")
UPDATED = Column("updated_at", Type.TIME, "When the row was last changed, empty until then.")
ID = Column("id", Type.INTEGER, "The row's number.")
PROVIDER = Column(
    "resource_provider_id", Type.INTEGER, "The provider.", "placement.resource_providers.id"
)

ALLOCATIONS = Table(
    "placement.allocations",
    "What a consumer holds of one resource of one provider.",
    (
        CREATED,
        UPDATED,
        ID,
        PROVIDER,
        Column("consumer_id", Type.UUID, "Who holds it.", "placement.consumers.uuid"),
        Column(
            "resource_class_id", Type.INTEGER, "Of which resource.", "placement.resource_classes.id"
        ),
        Column("used", Type.INTEGER, "How much of it."),
    ),
    key=("id",),
    vm="consumer_id",
)

CONSUMERS = Table(
    "placement.consumers",
    "Who holds resources: a VM, the source side of a move, or something that is not nova's.",
    (
        CREATED,
        UPDATED,
        ID,
        Column("uuid", Type.UUID, "The VM or the move.", "nova.instances.uuid"),
        Column("project_id", Type.INTEGER, "Its project.", "placement.projects.id"),
        Column("user_id", Type.INTEGER, "Its user.", "placement.users.id"),
        Column(
            "generation", Type.INTEGER, "Changes with every change of the consumer.", since="Rocky"
        ),
        Column(
            "consumer_type_id",
            Type.INTEGER,
            "Its kind; nova names none.",
            "placement.consumer_types.id",
            since="Xena",
        ),
    ),
    key=("id",),
    vm="uuid",
    since="Pike",
)

CONSUMER_TYPES = Table(
    "placement.consumer_types",
    "Kinds of consumers.",
    (CREATED, UPDATED, ID, Column("name", Type.TEXT, "The kind.")),
    key=("id",),
    since="Xena",
)

RESOURCE_PROVIDERS = Table(
    "placement.resource_providers",
    "What has resources: a compute node, a device in it, a shared storage pool.",
    (
        CREATED,
        UPDATED,
        ID,
        Column(
            "uuid", Type.UUID, "The provider; a compute node's own UUID.", "nova.compute_nodes.uuid"
        ),
        Column("name", Type.TEXT, "Its name; a compute node's hypervisor hostname."),
        Column("generation", Type.INTEGER, "Changes with every change of what it has."),
        Column(
            "root_provider_id",
            Type.INTEGER,
            "The top of its tree.",
            "placement.resource_providers.id",
            since="Queens",
        ),
        Column(
            "parent_provider_id",
            Type.INTEGER,
            "The provider that it is part of.",
            "placement.resource_providers.id",
            since="Queens",
        ),
    ),
    key=("id",),
)

INVENTORIES = Table(
    "placement.inventories",
    "How much of a resource a provider has.",
    (
        CREATED,
        UPDATED,
        ID,
        PROVIDER,
        Column(
            "resource_class_id", Type.INTEGER, "Of which resource.", "placement.resource_classes.id"
        ),
        Column("total", Type.INTEGER, "How much there is."),
        Column("reserved", Type.INTEGER, "How much is kept back."),
        Column("allocation_ratio", Type.FLOAT, "How many times it may be given out."),
    ),
    key=("id",),
)

RESOURCE_CLASSES = Table(
    "placement.resource_classes",
    "Names of resources: VCPU, MEMORY_MB, CUSTOM_...",
    (CREATED, UPDATED, ID, Column("name", Type.TEXT, "The name.")),
    key=("id",),
)

PROJECTS = Table(
    "placement.projects",
    "Projects of consumers; placement never removes one.",
    (CREATED, UPDATED, ID, Column("external_id", Type.TEXT, "The project.", "keystone.project.id")),
    key=("id",),
    since="Pike",
)

USERS = Table(
    "placement.users",
    "Users of consumers; placement never removes one.",
    (CREATED, UPDATED, ID, Column("external_id", Type.TEXT, "The user.", "keystone.user.id")),
    key=("id",),
    since="Pike",
)

TRAITS = Table(
    "placement.traits",
    "Names of abilities and states, such as COMPUTE_STATUS_DISABLED.",
    (CREATED, UPDATED, ID, Column("name", Type.TEXT, "The name.")),
    key=("id",),
)

RESOURCE_PROVIDER_TRAITS = Table(
    "placement.resource_provider_traits",
    "Which provider has which trait.",
    (
        CREATED,
        UPDATED,
        Column("trait_id", Type.INTEGER, "The trait.", "placement.traits.id"),
        PROVIDER,
    ),
    key=("resource_provider_id", "trait_id"),
)

PLACEMENT_AGGREGATES = Table(
    "placement.placement_aggregates",
    "Groups of providers; nova's host aggregates appear here under their UUID.",
    (
        CREATED,
        UPDATED,
        ID,
        Column("uuid", Type.UUID, "The aggregate.", "nova_api.aggregates.uuid"),
    ),
    key=("id",),
)

RESOURCE_PROVIDER_AGGREGATES = Table(
    "placement.resource_provider_aggregates",
    "Which provider is in which aggregate.",
    (
        CREATED,
        UPDATED,
        PROVIDER,
        Column("aggregate_id", Type.INTEGER, "The aggregate.", "placement.placement_aggregates.id"),
    ),
    key=("resource_provider_id", "aggregate_id"),
)

TABLES = (
    ALLOCATIONS,
    CONSUMERS,
    CONSUMER_TYPES,
    RESOURCE_PROVIDERS,
    INVENTORIES,
    RESOURCE_CLASSES,
    PROJECTS,
    USERS,
    TRAITS,
    RESOURCE_PROVIDER_TRAITS,
    PLACEMENT_AGGREGATES,
    RESOURCE_PROVIDER_AGGREGATES,
)
