"""What a database is asked about itself: tables that no service has and that only answers fill.

Rows that are many per VM stay where they are; the question travels to them and only the
offenders come back. `nova.strays` and `nova.info_caches` hold such answers.
"""

from stackfsck.catalogue.table import Column, Scope, Table, Type

STRAYS = Table(
    "nova.strays",
    "Child rows of VMs whose parent row is gone, or deleted while they are live.",
    (
        Column("child", Type.TEXT, "The table in which the child rows stand."),
        Column("child_column", Type.TEXT, "The column by which they refer to their VM."),
        Column("instance", Type.UUID, "The VM that they refer to.", "nova.instances.uuid"),
        Column("why", Type.TEXT, "`no parent`, or `parent deleted`."),
        Column("rows", Type.INTEGER, "How many child rows there are."),
    ),
    key=("child", "child_column", "instance"),
    scope=Scope.CELL,
    vm="instance",
)

INFO_CACHES = Table(
    "nova.info_caches",
    "Whether nova's copy of a live VM's network is empty; the copy itself stays where it is.",
    (
        Column("instance_uuid", Type.UUID, "The VM.", "nova.instances.uuid"),
        Column("empty", Type.BOOLEAN, "Whether it is null, nothing, or an empty list."),
    ),
    key=("instance_uuid",),
    scope=Scope.CELL,
    vm="instance_uuid",
)

SOFT_DELETED_WITH_THE_VM = frozenset(
    {
        "block_device_mapping",
        "instance_extra",
        "instance_faults",
        "instance_info_caches",
        "instance_metadata",
        "instance_system_metadata",
        "migrations",
        "security_group_instance_association",
        "virtual_interfaces",
    }
)
"""The child tables that nova soft-deletes together with the VM (`_instance_destroy` of
nova/db/main/api.py); a live row of theirs with a deleted parent is a half-done delete."""

HOLD_UP_ARCHIVING = frozenset({"share_mapping", "fixed_ips", "consoles"})
"""Child tables that nova clears in another way; a row left stops the archiving of its VM."""

TABLES = (STRAYS, INFO_CACHES)
