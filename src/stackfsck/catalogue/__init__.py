"""What a cloud holds: every table in which a record may refer to a VM.

`TABLES` maps the snapshot's name of a table (``nova.instances``) to its description. The order
is that of the stores in `MODULES`, then that of each module.
"""

from collections.abc import Mapping
from types import MappingProxyType

from stackfsck.catalogue import (
    ceph,
    cinder,
    derived,
    glance,
    host,
    keystone,
    libvirt,
    memcached,
    neutron,
    neutron_ports,
    nova,
    nova_api,
    nova_children,
    placement,
    vswitch,
)
from stackfsck.catalogue.table import Column, Scope, SoftDelete, Table, Type

__all__ = [
    "DATABASE_STORES",
    "HOST_STORES",
    "STORES",
    "TABLES",
    "Column",
    "Scope",
    "SoftDelete",
    "Table",
    "Type",
    "references_to",
    "tables_of",
    "tables_with_vm",
]

MODULES = (
    nova,
    nova_children,
    derived,
    nova_api,
    placement,
    cinder,
    neutron,
    neutron_ports,
    glance,
    keystone,
    libvirt,
    vswitch,
    host,
    ceph,
    memcached,
)

TABLES: Mapping[str, Table] = MappingProxyType(
    {table.name: table for module in MODULES for table in module.TABLES}
)

STORES: tuple[str, ...] = tuple(dict.fromkeys(table.store for table in TABLES.values()))
HOST_STORES: tuple[str, ...] = tuple(
    dict.fromkeys(t.store for t in TABLES.values() if t.scope is Scope.HOST)
)
DATABASE_STORES: tuple[str, ...] = (
    "nova",
    "nova_api",
    "placement",
    "cinder",
    "neutron",
    "glance",
    "keystone",
)


def tables_of(store: str) -> tuple[Table, ...]:
    """Return the tables of one store (``nova``), in the catalogue's order; empty when unknown."""
    return tuple(table for table in TABLES.values() if table.store == store)


def tables_with_vm() -> tuple[Table, ...]:
    """Return the tables in which a column names a VM: where a trace looks."""
    return tuple(table for table in TABLES.values() if table.vm)


def references_to(target: str) -> tuple[tuple[Table, Column], ...]:
    """Return every column that repeats `target` (``nova.instances.uuid``), with its table."""
    return tuple(
        (table, column)
        for table in TABLES.values()
        for column in table.columns
        if column.refers_to == target
    )
