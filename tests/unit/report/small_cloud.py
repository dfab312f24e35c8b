"""A cloud of a few rows, written by hand, for tests of what is told about it."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from stackfsck.catalogue import TABLES
from stackfsck.catalogue.table import Scope
from stackfsck.join import join
from stackfsck.model.coverage import Outcome, Reading
from stackfsck.store.snapshot import Snapshot

NOW = datetime(2026, 1, 2, 12, 0, 0)  # noqa: DTZ001 -- services write UTC without a zone
HOUR = timedelta(hours=1)

ZOMBIE = UUID("00000000-0000-4000-8000-00000000000a")
GHOST = UUID("00000000-0000-4000-8000-00000000000b")
HEALTHY = UUID("00000000-0000-4000-8000-00000000000c")
MOVE = UUID("00000000-0000-4000-8000-0000000000aa")
PORT = UUID("10000000-0000-4000-8000-00000000000b")
VOLUME = UUID("20000000-0000-4000-8000-00000000000b")
ATTACHMENT = UUID("30000000-0000-4000-8000-00000000000b")
IMAGE = UUID("40000000-0000-4000-8000-00000000000b")
PROVIDER = UUID("50000000-0000-4000-8000-00000000000b")

HOSTILE = "\x1b[2J\u202e'; drop table instances;--\n[red]../../etc"

Rows = Mapping[tuple[str, str], list[dict[str, Any]]]


def instance(number: int, uuid: UUID, **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    """A row of nova.instances, active on host-a unless told otherwise."""
    return {
        "id": number,
        "uuid": str(uuid),
        "host": "host-a",
        "node": "host-a.example",
        "vm_state": "active",
        "deleted": 0,
        "created_at": NOW - 10 * HOUR,
        "launched_at": NOW - 9 * HOUR,
        **fields,
    }


def domain(uuid: UUID, **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    """A row of libvirt.domains, running unless told otherwise."""
    return {"uuid": str(uuid), "name": "instance-0000001d", "state": "running", **fields}


ROWS: Rows = {
    ("nova.instances", "cell1"): [
        instance(29, ZOMBIE, display_name=HOSTILE),
        instance(
            30,
            GHOST,
            display_name="web-17",
            deleted=30,
            vm_state="deleted",
            deleted_at=NOW - HOUR,
            cleaned=1,
        ),
        instance(31, HEALTHY, display_name="db-1", image_ref=str(IMAGE)),
    ],
    ("nova.instances", "cell2"): [instance(29, MOVE, display_name="twin", host="host-b")],
    ("nova.services", "cell1"): [
        {
            "id": 1,
            "host": "host-a",
            "binary": "nova-compute",
            "deleted": 0,
            "last_seen_up": NOW,
        }
    ],
    ("nova.block_device_mapping", "cell1"): [
        {
            "id": 7,
            "instance_uuid": str(GHOST),
            "volume_id": str(VOLUME),
            "attachment_id": str(ATTACHMENT),
            "device_name": "/dev/vda",
            "deleted": 0,
            "created_at": NOW - 9 * HOUR,
        }
    ],
    ("nova.instance_id_mappings", "cell1"): [{"id": 29, "uuid": str(ZOMBIE), "deleted": 0}],
    ("placement.allocations", ""): [
        {"id": 1, "consumer_id": str(GHOST), "resource_provider_id": 1, "used": 2},
    ],
    ("placement.resource_providers", ""): [
        {"id": 1, "uuid": str(PROVIDER), "name": "host-a.example"}
    ],
    ("cinder.volumes", ""): [{"id": str(VOLUME), "status": "in-use", "size": 10, "deleted": False}],
    ("neutron.ports", ""): [
        {
            "id": str(PORT),
            "device_id": str(GHOST),
            "device_owner": "compute:nova",
            "status": "ACTIVE",
        }
    ],
    ("neutron.ipallocations", ""): [{"port_id": str(PORT), "ip_address": "10.0.0.9"}],
    ("libvirt.domains", "host-a"): [
        domain(GHOST, nova_name="web-17"),
        domain(HEALTHY, name="instance-0000001f"),
    ],
    ("host.instance_dirs", "host-a"): [
        {"name": str(GHOST), "uuid": str(GHOST), "suffix": "", "path": f"/var/lib/nova/{GHOST}"}
    ],
}


def build(path: Path, rows: Rows = ROWS, lost: Iterable[tuple[str, str]] = ()) -> Path:
    """Write a snapshot of these rows, everything read to its end but what is `lost`."""
    snapshot = Snapshot.create(path)
    snapshot.connection.execute("begin")  # one write for all: a test makes many clouds
    for (name, scope), members in rows.items():
        snapshot.add_rows(TABLES[name], scope, members)
    scopes = {Scope.GLOBAL: [""], Scope.CELL: ["cell1", "cell2"], Scope.HOST: ["host-a", "host-b"]}
    for table in TABLES.values():
        for scope in scopes[table.scope]:
            missing = (table.name, scope) in set(lost)
            snapshot.cover(
                Reading(
                    source=table.name,
                    scope=scope,
                    outcome=Outcome.FAILED if missing else Outcome.COMPLETE,
                    reason="connection refused" if missing else "",
                    rows=len(rows.get((table.name, scope), [])),
                )
            )
    snapshot.connection.execute("commit")
    snapshot.close()
    return path


def opened(path: Path) -> Snapshot:
    """Open a snapshot with its shared views."""
    snapshot = Snapshot.open(path)
    join(snapshot, now=NOW, stuck_after=6 * HOUR)
    return snapshot
