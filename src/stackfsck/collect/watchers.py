"""Who has the disks of dead VMs open in Ceph: asked only of those few, because it is slow."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from stackfsck.catalogue.ceph import IMAGES
from stackfsck.collect.hosts import listen
from stackfsck.model.coverage import Outcome, Reading

if TYPE_CHECKING:
    from stackfsck.clients.hosts.base import Host
    from stackfsck.model.watch import Watch
    from stackfsck.store.snapshot import Snapshot

AT_A_TIME = 500
"""Images of one request: it travels as one argument of a command."""

SUSPECTS = """
select i.pool || '/' || i.name as image
from ceph.images as i
anti join nova.instances as v
    on v.uuid = i.uuid
    and v.deleted = 0
anti join nova_api.build_requests as b
    on b.instance_uuid = i.uuid
where
    not coalesce(i.in_trash, false)
    and starts_with(i.name, i.uuid::varchar || '_')
    and i.watchers is null
order by image
"""
"""Images of VMs that nova does not stand for, whose watchers nobody has counted yet."""


def count_watchers(asker: Host, snapshot: Snapshot, watch: Watch) -> None:
    """Count who has the disks of dead VMs open; where that fails, the reading is partial.

    Called behind the databases: only then is it known which VMs are dead.
    """
    suspects = [row["image"] for row in snapshot.query(SUSPECTS)]
    for images in _parts(suspects):
        answer = asyncio.run(listen(asker, watch, [IMAGES.name], {"ceph_watchers": list(images)}))
        for row in answer.tables[IMAGES.name].rows if IMAGES.name in answer.tables else ():
            if row.get("watchers") is not None:
                snapshot.query(
                    "update ceph.images set watchers = ? where pool = ? and name = ?",
                    [row["watchers"], row["pool"], row["name"]],
                )
    if unknown := snapshot.query(SUSPECTS):
        reason = f"who has {len(unknown)} of the images open is not known"
        snapshot.cover(Reading(source=IMAGES.name, outcome=Outcome.PARTIAL, reason=reason))


def _parts(images: list[str]) -> list[tuple[str, ...]]:
    """Cut a list into requests."""
    return [tuple(images[i : i + AT_A_TIME]) for i in range(0, len(images), AT_A_TIME)]
