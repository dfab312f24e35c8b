"""Databases of MySQL, MariaDB, PostgreSQL and SQLite behind one small protocol."""

from stackfsck.clients.databases.base import (
    UUID_TYPE,
    ColumnMet,
    Condition,
    Database,
    Op,
    Reference,
    ReferenceMet,
    SchemaMet,
    Strays,
    TableMet,
    Value,
)

__all__ = [
    "UUID_TYPE",
    "ColumnMet",
    "Condition",
    "Database",
    "Op",
    "Reference",
    "ReferenceMet",
    "SchemaMet",
    "Strays",
    "TableMet",
    "Value",
]
