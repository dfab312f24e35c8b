"""Console tickets in memcached, as nova-consoleauth kept them up to Stein.

A server cannot list its keys reliably, so only what it shows is known. Source:
nova/consoleauth/manager.py of nova 18 and 19.
"""

from stackfsck.catalogue.table import Column, Table, Type

TOKENS = Table(
    "memcached.tokens",
    "Tickets to consoles; they lapse by themselves.",
    (
        Column("server", Type.TEXT, "The memcached server."),
        Column("key", Type.TEXT, "The hash of the key; the ticket itself is a secret."),
        Column("instance", Type.UUID, "The VM that the ticket opens.", "nova.instances.uuid"),
        Column("expires", Type.TIME, "When it lapses, where the server tells."),
    ),
    key=("server", "key"),
    vm="instance",
    until="Stein",
    optional=True,
)

TABLES = (TOKENS,)
