"""How records refer to each other: what a VM owns, and which columns name a thing."""

from collections.abc import Iterator

from stackfsck.catalogue import TABLES, references_to
from stackfsck.catalogue.table import Column, Table

VM = "nova.instances.uuid"
"""The identity that everything is about."""

OWNED = (
    "neutron.ports.id",
    "cinder.volumes.id",
    "cinder.volume_attachment.id",
    "nova.migrations.uuid",
    "nova.migrations.id",
    "nova.instance_actions.id",
    "placement.consumers.uuid",
    "libvirt.domains.uuid",
)
"""Identities of things that a VM has: whatever names one of these belongs to the VM, too."""


def columns_naming(target: str) -> Iterator[tuple[Table, Column]]:
    """Yield the column of this full name and every column that repeats its value.

    Only columns that a snapshot holds are yielded, and none by which a table names itself: all
    clones of one volume do not belong to whoever has the volume.
    """
    name, _, column_name = target.rpartition(".")
    table = TABLES.get(name)
    for column in table.copied_columns if table else ():
        if table and column.name == column_name:
            yield table, column
    for other, column in references_to(target):
        if column in other.copied_columns and other is not table:
            yield other, column
