"""The shared views: what several checks need to know, worked out once.

Every file here is one view, named by a noun; its first comment says what a row means. The views
are laid over a snapshot in the order of `VIEWS` (a view may use those before it) and kept as
tables in memory, so that sixty checks do not work out the same thing sixty times.
"""

from __future__ import annotations

from datetime import datetime
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    import duckdb

    from stackfsck.store.snapshot import Snapshot

VIEWS = (
    "host.computes",
    "host.up",
    "vm.live",
    "vm.alive",
    "vm.dead",
    "vm.known",
    "vm.moves",
    "vm.places",
    "vm.in_transit",
    "vm.changed",
    "vm.mapped",
    "host.holdings",
    "volume.users",
    "volume.busy",
    "vm.presence",
)
"""In the order in which they are made."""

LAZY = frozenset({"vm.presence"})
"""Views that no check needs: worked out only when they are asked for."""

CLOCK = "run.clock"
"""One row: `now`, the moment of the reading, and `stuck_before`: older than that is stuck."""


def definitions() -> Mapping[str, str]:
    """Return the select of every shared view by its name, in the order of `VIEWS`."""
    folder = resources.files(__name__)
    return {name: (folder / f"{name}.sql").read_text("utf-8") for name in VIEWS}


def join(snapshot: Snapshot, *, now: datetime, stuck_after: timedelta) -> None:
    """Lay the shared views over an opened snapshot.

    `now` is the moment of the reading (UTC, without zone).
    """
    connection = snapshot.connection
    set_clock(connection, now=now, stuck_before=now - stuck_after)
    make_schemas(connection)
    for name, select in definitions().items():
        kind = "view" if name in LAZY else "table"
        connection.execute(f"create or replace {kind} {name} as {select}")


def make_schemas(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the schemas in which the shared views stand."""
    for schema in sorted({name.partition(".")[0] for name in VIEWS}):
        connection.execute(f"create schema if not exists {schema}")


def set_clock(
    connection: duckdb.DuckDBPyConnection, *, now: datetime, stuck_before: datetime
) -> None:
    """Say what time it is for the views and checks; they never ask the machine."""
    connection.execute(
        f"create or replace table {CLOCK} as "
        "select ?::timestamp as now, ?::timestamp as stuck_before",
        [now, stuck_before],
    )
