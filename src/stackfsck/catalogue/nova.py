"""The cell database of nova: the VMs themselves, their moves and their computes.

There is one such database per cell, and cell0 for the VMs that no cell took. A row is deleted by
writing its own `id` into `deleted`; `deleted_at` alone proves nothing, because a restorable
soft-deleted VM carries it as well. Rows stay until `nova-manage db archive_deleted_rows` moves
them to the shadow tables. Source: nova/db/main/models.py and the schema of nova 34 (2026.2).
"""

from stackfsck.catalogue.table import Column, Scope, SoftDelete, Table, Type

CREATED = Column("created_at", Type.TIME, "When the row was written.")
UPDATED = Column("updated_at", Type.TIME, "When the row was last changed, empty until then.")
DELETED_AT = Column(
    "deleted_at", Type.TIME, "When the row was deleted, or a VM put in the soft-delete state."
)
DELETED = Column("deleted", Type.INTEGER, "0 while the row is live, afterwards the row's own id.")
LIFE = (CREATED, UPDATED, DELETED_AT, DELETED)
ID = Column("id", Type.INTEGER, "The row's number within this cell.")

INSTANCES = Table(
    "nova.instances",
    "One row per VM, in the cell that runs it.",
    (
        *LIFE,
        Column("id", Type.INTEGER, "Number within the cell; libvirt's and EC2's names hold it."),
        Column("uuid", Type.UUID, "The VM."),
        Column(
            "host", Type.TEXT, "The nova-compute service that runs the VM.", "nova.services.host"
        ),
        Column(
            "node",
            Type.TEXT,
            "The hypervisor that runs the VM.",
            "nova.compute_nodes.hypervisor_hostname",
        ),
        Column(
            "compute_id",
            Type.INTEGER,
            "The compute node that runs the VM.",
            "nova.compute_nodes.id",
            since="2023.2",
        ),
        Column("launched_on", Type.TEXT, "The host on which the VM first started."),
        Column("vm_state", Type.TEXT, "The settled state: active, stopped, shelved_offloaded, ..."),
        Column("task_state", Type.TEXT, "What nova is doing with the VM now; empty at rest."),
        Column("power_state", Type.INTEGER, "What the hypervisor last said: 1 runs, 4 is off."),
        Column("display_name", Type.TEXT, "The name that the user gave; any text at all."),
        Column("hostname", Type.TEXT, "The name that the guest is told."),
        Column("project_id", Type.TEXT, "The project that owns the VM.", "keystone.project.id"),
        Column("user_id", Type.TEXT, "The user that made the VM.", "keystone.user.id"),
        Column("availability_zone", Type.TEXT, "The zone that was asked for or chosen."),
        Column("image_ref", Type.TEXT, "The image it was made from; empty for a volume boot."),
        Column("instance_type_id", Type.INTEGER, "The flavor's number.", "nova_api.flavors.id"),
        Column("memory_mb", Type.INTEGER, "Memory of the flavor in MiB."),
        Column("vcpus", Type.INTEGER, "Virtual processors of the flavor."),
        Column("root_gb", Type.INTEGER, "Root disk of the flavor in GiB."),
        Column("ephemeral_gb", Type.INTEGER, "Ephemeral disk of the flavor in GiB."),
        Column("launched_at", Type.TIME, "When the VM first ran."),
        Column("terminated_at", Type.TIME, "When nova finished to delete the VM."),
        Column("cleaned", Type.INTEGER, "1 once the files of a deleted VM are gone from its host."),
        Column("hidden", Type.BOOLEAN, "The other half of a move between cells.", since="Train"),
        Column("locked", Type.BOOLEAN, "Whether the VM is locked against changes."),
        Column("disable_terminate", Type.BOOLEAN, "Whether nova refuses to delete the VM."),
    ),
    key=("id",),
    scope=Scope.CELL,
    soft_delete=SoftDelete.ID,
    vm="uuid",
)

SHADOW_INSTANCES = Table(
    "nova.shadow_instances",
    "VMs whose rows were archived; `db purge` empties it.",
    (
        *LIFE,
        Column("id", Type.INTEGER, "The number that the row had in instances."),
        Column("uuid", Type.UUID, "The VM."),
        Column("host", Type.TEXT, "The host on which it last was."),
        Column("node", Type.TEXT, "The hypervisor on which it last was."),
        Column("display_name", Type.TEXT, "The name that it had."),
        Column("project_id", Type.TEXT, "The project that owned it.", "keystone.project.id"),
        Column("vm_state", Type.TEXT, "The last settled state."),
        Column("terminated_at", Type.TIME, "When nova finished to delete the VM."),
        Column("cleaned", Type.INTEGER, "1 once its files were gone from its host."),
    ),
    key=("id",),
    scope=Scope.CELL,
    soft_delete=SoftDelete.ID,
    vm="uuid",
)

MIGRATIONS = Table(
    "nova.migrations",
    "Every move of a VM: cold, live, resize and evacuation, finished or not.",
    (
        *LIFE,
        ID,
        Column("uuid", Type.UUID, "The move; holds the source's allocation.", since="Queens"),
        Column("instance_uuid", Type.UUID, "The VM that moves.", "nova.instances.uuid"),
        Column("source_compute", Type.TEXT, "The host it leaves.", "nova.services.host"),
        Column("dest_compute", Type.TEXT, "The host it goes to.", "nova.services.host"),
        Column(
            "source_node",
            Type.TEXT,
            "The hypervisor it leaves.",
            "nova.compute_nodes.hypervisor_hostname",
        ),
        Column(
            "dest_node",
            Type.TEXT,
            "The hypervisor it goes to.",
            "nova.compute_nodes.hypervisor_hostname",
        ),
        Column(
            "dest_compute_id",
            Type.INTEGER,
            "The compute node it goes to.",
            "nova.compute_nodes.id",
            since="2023.2",
        ),
        Column("status", Type.TEXT, "How far it is; finished still waits for the user's word."),
        Column("migration_type", Type.TEXT, "migration, resize, live-migration or evacuation."),
        Column("cross_cell_move", Type.BOOLEAN, "Whether it ends in another cell.", since="Train"),
        Column("hidden", Type.BOOLEAN, "Whether the API shows it."),
    ),
    key=("id",),
    scope=Scope.CELL,
    soft_delete=SoftDelete.ID,
    vm="instance_uuid",
)

SERVICES = Table(
    "nova.services",
    "The nova services that ever reported, one row per binary and host.",
    (
        *LIFE,
        ID,
        Column("uuid", Type.UUID, "The service.", since="Pike"),
        Column("host", Type.TEXT, "The name under which the service reports."),
        Column("binary", Type.TEXT, "Which service it is, such as nova-compute."),
        Column("disabled", Type.BOOLEAN, "Whether the scheduler leaves it out."),
        Column("disabled_reason", Type.TEXT, "Why it was disabled."),
        Column("forced_down", Type.BOOLEAN, "Whether an operator declared it down."),
        Column("last_seen_up", Type.TIME, "Its last report."),
        Column("report_count", Type.INTEGER, "How often it has reported."),
        Column("version", Type.INTEGER, "The service version that it runs."),
    ),
    key=("id",),
    scope=Scope.CELL,
    soft_delete=SoftDelete.ID,
)

COMPUTE_NODES = Table(
    "nova.compute_nodes",
    "The hypervisors that nova-compute services report.",
    (
        *LIFE,
        ID,
        Column(
            "uuid",
            Type.UUID,
            "The hypervisor; its resource provider has the same UUID.",
            "placement.resource_providers.uuid",
        ),
        Column(
            "host", Type.TEXT, "The nova-compute service that reports it.", "nova.services.host"
        ),
        Column("hypervisor_hostname", Type.TEXT, "The hypervisor's own name."),
        Column("hypervisor_type", Type.TEXT, "QEMU, ironic, VMware vCenter Server and so on."),
        Column("running_vms", Type.INTEGER, "VMs on it, as last counted."),
        Column("vcpus", Type.INTEGER, "Processors that it has."),
        Column("vcpus_used", Type.INTEGER, "Processors in use, as last counted."),
        Column("memory_mb", Type.INTEGER, "Memory that it has, in MiB."),
        Column("memory_mb_used", Type.INTEGER, "Memory in use in MiB, as last counted."),
        Column("local_gb", Type.INTEGER, "Disk that it has, in GiB."),
        Column("local_gb_used", Type.INTEGER, "Disk in use in GiB, as last counted."),
    ),
    key=("id",),
    scope=Scope.CELL,
    soft_delete=SoftDelete.ID,
)

PCI_DEVICES = Table(
    "nova.pci_devices",
    "PCI devices of the hypervisors; delete and archive leave the VM's claim standing.",
    (
        *LIFE,
        ID,
        Column("compute_node_id", Type.INTEGER, "Its hypervisor.", "nova.compute_nodes.id"),
        Column("address", Type.TEXT, "The PCI address on the hypervisor."),
        Column("status", Type.TEXT, "available, claimed, allocated, removed or deleted."),
        Column("instance_uuid", Type.UUID, "The VM that has it.", "nova.instances.uuid"),
        Column("request_id", Type.UUID, "The request that it answers."),
    ),
    key=("id",),
    scope=Scope.CELL,
    soft_delete=SoftDelete.ID,
    vm="instance_uuid",
)

QUOTA_USAGES = Table(
    "nova.quota_usages",
    "Counters of used quota; written up to Ocata only, afterwards a leftover.",
    (
        *LIFE,
        ID,
        Column("project_id", Type.TEXT, "Whose counter it is.", "keystone.project.id"),
        Column("user_id", Type.TEXT, "Of which user in the project.", "keystone.user.id"),
        Column("resource", Type.TEXT, "instances, cores, ram and so on."),
        Column("in_use", Type.INTEGER, "How much is counted as used."),
        Column("reserved", Type.INTEGER, "How much running requests have reserved."),
    ),
    key=("id",),
    scope=Scope.CELL,
    soft_delete=SoftDelete.ID,
    optional=True,
)

RESERVATIONS = Table(
    "nova.reservations",
    "Quota reserved by a running request; written up to Ocata only.",
    (
        *LIFE,
        ID,
        Column("uuid", Type.UUID, "The reservation."),
        Column("usage_id", Type.INTEGER, "The counter that it changes.", "nova.quota_usages.id"),
        Column("project_id", Type.TEXT, "Whose reservation it is.", "keystone.project.id"),
        Column("user_id", Type.TEXT, "Of which user in the project.", "keystone.user.id"),
        Column("resource", Type.TEXT, "instances, cores, ram and so on."),
        Column("delta", Type.INTEGER, "By how much the counter is to change."),
        Column("expire", Type.TIME, "When the reservation lapses."),
    ),
    key=("id",),
    scope=Scope.CELL,
    soft_delete=SoftDelete.ID,
    optional=True,
)

TABLES = (
    INSTANCES,
    SHADOW_INSTANCES,
    MIGRATIONS,
    SERVICES,
    COMPUTE_NODES,
    PCI_DEVICES,
    QUOTA_USAGES,
    RESERVATIONS,
)
