"""The database of keystone: projects and users, by the ids that all services repeat.

Rows are removed, never marked. Users of an LDAP directory or of a federation need not stand
here, so an unknown user proves nothing. Source: keystone/resource/backends/sql_model.py,
keystone/identity/backends/sql_model.py and the schema of keystone 30 (2026.2).
"""

from stackfsck.catalogue.table import Column, Table, Type

PROJECT = Table(
    "keystone.project",
    "Projects and domains.",
    (
        Column("id", Type.TEXT, "The project, 32 hexadecimal digits."),
        Column("name", Type.TEXT, "Its name."),
        Column("domain_id", Type.TEXT, "The domain that it is in.", "keystone.project.id"),
        Column("parent_id", Type.TEXT, "The project above it.", "keystone.project.id"),
        Column("enabled", Type.BOOLEAN, "Whether it may be used."),
        Column("is_domain", Type.BOOLEAN, "Whether it is a domain."),
    ),
    key=("id",),
    optional=True,
)

USER = Table(
    "keystone.user",
    "Users that keystone itself knows.",
    (
        Column("id", Type.TEXT, "The user, 32 or 64 hexadecimal digits."),
        Column("domain_id", Type.TEXT, "The domain that it is in.", "keystone.project.id"),
        Column("enabled", Type.BOOLEAN, "Whether it may log in."),
        Column("created_at", Type.TIME, "When it was made."),
    ),
    key=("id",),
    optional=True,
)

TABLES = (PROJECT, USER)
