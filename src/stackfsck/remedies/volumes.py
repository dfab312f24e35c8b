"""Put right what cinder says of volumes: their states, deletions cut in two, counters of quota.

Sources: cinder/volume/api.py, cinder/db/sqlalchemy/api.py (`volume_destroy`,
`reservation_expire`), cinder/volume/manager.py (what a restarted service makes of states).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from stackfsck.model.change import Own
from stackfsck.model.finding import Finding
from stackfsck.model.plan import Refusal
from stackfsck.model.step import Means, Stage, Step, Undo, Way
from stackfsck.remedies.base import (
    MOMENT,
    SQL,
    Choices,
    Facts,
    Proposal,
    Remedy,
    as_seen,
    delete,
    one_step,
    update,
)
from stackfsck.remedies.cinder_rows import (
    CINDER,
    attachments_of,
    marked,
    on_domains,
    reset_way,
    set_states,
    states,
    uncounted,
    volume_rows,
)

Row = dict[str, Any]

FAILED = frozenset({"creating", "downloading", "managing", "deleting", "restoring-backup"})
"""What was cut off in these leaves a volume that nobody should use: its status becomes error."""


def set_volume_status(facts: Facts, finding: Finding, _: Choices) -> Iterator[Proposal]:
    """Set a volume's status to what cinder's own rule makes of its attachments."""
    volume = UUID(finding.subject)
    for row in facts.rows("cinder.volumes", id=volume, deleted=False):
        left = attachments_of(facts, volume)
        status, attach_status = states(left)
        status = "error" if row["status"] in FAILED else status
        if why := _not_free(facts, finding, row, (status, attach_status)):
            yield Refusal(what=f"{finding.code} {finding.subject}", why=why)
            return
        seen = ("status", "attach_status", "migration_status", "updated_at")
        yield one_step(
            finding,
            "set-volume-status",
            Stage.VOLUME,
            f"Set volume {volume} from {row['status']} to {status} and {attach_status}",
            CINDER,
            effects=(set_states(volume, status, attach_status),),
            premises=(
                as_seen("cinder.volumes", "", row, *seen),
                *(
                    as_seen("cinder.volume_attachment", "", a, "deleted", "attach_status")
                    for a in left
                ),
            ),
            ways=(reset_way(row, status=status, attach_status=attach_status), SQL),
        )


def _not_free(facts: Facts, finding: Finding, row: Row, new: tuple[str, str]) -> str:
    """Say why a status must not be set: someone still has the volume, or works with it."""
    devices = facts.rows("nova.block_device_mapping", volume_id=row["id"], deleted=0)
    disks = on_domains(facts, row["id"])
    if new[1] == "detached" and devices:
        return f"nova still gives it to VM {devices[0]['instance_uuid']}"
    if new[1] == "detached" and disks:
        return f"the domain of {disks[0]['domain']} on {disks[0]['host']} still has it"
    if new == (row["status"], row["attach_status"]):
        return f"its attachments themselves are {row['attach_status']}"
    if finding.evidence.get("worker") in {"true", "True"}:
        return "cinder still has a worker on it: restart cinder-volume, which ends its work"
    return ""


def delete_volume(facts: Facts, finding: Finding, choices: Choices) -> Iterator[Proposal]:
    """Delete a volume whose deletion failed; its data goes with it."""
    for row in facts.rows("cinder.volumes", id=UUID(finding.subject), deleted=False):
        yield from delete_volume_step(facts, row, finding, frozenset(), choices)


def delete_volume_step(
    facts: Facts, row: Row, finding: Finding, after: frozenset[str], choices: Choices
) -> Iterator[Proposal]:
    """Yield the step that deletes a volume, once all attachments named in `after` are gone.

    Its rows alone go only on the operator's word (`hard`): stackfsck cannot see every back end,
    and a disk whose row is gone is known to nobody.
    """
    volume = str(row["id"])
    if why := _still_needed(facts, row, after):
        yield Refusal(what=f"{finding.code} {finding.subject}", why=why)
        return
    images = facts.rows("ceph.images", uuid=row["_name_id"] or row["id"])
    name = {"volume": volume}
    yield Step(
        id=f"volume:{volume}",
        title=f"Delete volume {volume} ({row['size']} GiB of project {row['project_id']})",
        remedy="delete-volume",
        stage=Stage.VOLUME,
        store="cinder",
        vm=finding.vm,
        because=(finding.code,),
        effects=(
            *volume_rows(row),
            *(delete("ceph.images", pool=i["pool"], name=i["name"]) for i in images),
        ),
        premises=(as_seen("cinder.volumes", "", row, "deleted", "size", "_name_id"),),
        ways=(
            Way(means=Means.API, call="cinder.delete_volume", arguments=name),
            Way(means=Means.FORCED, call="cinder.force_delete", arguments=name),
            *((SQL,) if choices.hard and not images else ()),
        ),
        undo=Undo.IMPOSSIBLE,
        consent="volumes",
        after=after,
    )


def _still_needed(facts: Facts, row: Row, after: frozenset[str]) -> str:
    """Say who still needs a volume: a snapshot, an attachment that stays, a guest."""
    snapshots = facts.rows("cinder.snapshots", volume_id=row["id"], deleted=False)
    staying = [a for a in attachments_of(facts, row["id"]) if f"attachment:{a['id']}" not in after]
    disks = on_domains(facts, row["id"])
    if snapshots:
        return f"snapshot {snapshots[0]['id']} was made from it"
    if staying:
        return f"it is attached to {staying[0]['instance_uuid'] or staying[0]['attached_host']}"
    return f"the domain of {disks[0]['domain']} still has it" if disks else ""


def complete_volume_delete(facts: Facts, finding: Finding, _: Choices) -> Iterator[Proposal]:
    """Make a volume's row say one thing: deleted where its status says so, else not."""
    for row in facts.rows("cinder.volumes", id=UUID(finding.subject)):
        gone = row["deleted"] or row["status"] == "deleted"
        if gone and attachments_of(facts, row["id"]):
            why = "it is deleted and still attached: end the attachments first (CIN011)"
            yield Refusal(what=f"{finding.code} {finding.subject}", why=why)
            return
        values = _deleted(row, status="deleted") if gone else {"deleted": False, "deleted_at": None}
        yield one_step(
            finding,
            "complete-volume-delete",
            Stage.VOLUME,
            f"Mark volume {row['id']} as {'deleted' if gone else 'not deleted'}, wholly",
            CINDER,
            effects=(update("cinder.volumes", "", {"id": str(row["id"])}, **values),),
            premises=(as_seen("cinder.volumes", "", row, "deleted", "deleted_at", "status"),),
        )


def complete_attachment_delete(facts: Facts, finding: Finding, _: Choices) -> Iterator[Proposal]:
    """Make an attachment's row say that it is deleted, unless nova still uses it."""
    for row in facts.rows("cinder.volume_attachment", id=UUID(finding.subject)):
        users = facts.rows("nova.block_device_mapping", attachment_id=row["id"], deleted=0)
        if users and not row["deleted"]:
            why = f"nova still has VM {users[0]['instance_uuid']} on it"
            yield Refusal(what=f"{finding.code} {finding.subject}", why=why)
            return
        values = _deleted(row, attach_status="detached")
        yield one_step(
            finding,
            "complete-attachment-delete",
            Stage.ATTACHMENT,
            f"Mark attachment {row['id']} as deleted, wholly",
            CINDER,
            effects=(update("cinder.volume_attachment", "", {"id": str(row["id"])}, **values),),
            premises=(
                as_seen(
                    "cinder.volume_attachment", "", row, "deleted", "deleted_at", "attach_status"
                ),
            ),
        )


def _deleted(row: Row, **states: str) -> dict[str, Any]:
    """Return what a wholly deleted row holds; the moment of an earlier deletion is kept."""
    when = {} if row["deleted_at"] else {"deleted_at": MOMENT}
    return {"deleted": True, **when, **states}


def delete_snapshot(facts: Facts, finding: Finding, _: Choices) -> Iterator[Proposal]:
    """Delete a snapshot whose volume is gone."""
    for row in facts.rows("cinder.snapshots", id=UUID(finding.subject), deleted=False):
        snapshot = str(row["id"])
        name = {"snapshot": snapshot}
        yield one_step(
            finding,
            "delete-snapshot",
            Stage.VOLUME,
            f"Delete snapshot {snapshot} of a volume that is gone ({row['volume_size']} GiB)",
            CINDER,
            effects=(
                marked("cinder.snapshot_metadata", {"snapshot_id": snapshot}),
                marked("cinder.volume_glance_metadata", {"snapshot_id": snapshot}),
                *uncounted(row, "snapshots", int(row["volume_size"] or 0)),
                marked("cinder.snapshots", {"id": snapshot}, status="deleted", updated_at=MOMENT),
            ),
            premises=(as_seen("cinder.snapshots", "", row, "deleted", "status"),),
            ways=(
                Way(means=Means.API, call="cinder.delete_snapshot", arguments=name),
                Way(means=Means.FORCED, call="cinder.force_delete_snapshot", arguments=name),
                SQL,
            ),
            undo=Undo.IMPOSSIBLE,
            consent="volumes",
        )


def sync_quota(facts: Facts, finding: Finding, _: Choices) -> Iterator[Step]:
    """Set a counter to what there is, or a reserved number to what is claimed."""
    column, there = (
        ("in_use", finding.evidence["counted"])
        if "counted" in finding.evidence
        else ("reserved", finding.evidence["claimed"])
    )
    for row in facts.rows("cinder.quota_usages", id=int(finding.subject)):
        yield one_step(
            finding,
            f"sync-volume-quota-{column}",
            Stage.COUNT,
            f"Set {column} of {row['resource']} of project {row['project_id']} to {there}",
            CINDER,
            effects=(
                update(
                    "cinder.quota_usages",
                    "",
                    {"id": row["id"]},
                    **{column: int(float(there)), "updated_at": MOMENT},
                ),
            ),
            premises=(as_seen("cinder.quota_usages", "", row, column),),
        )


def expire_reservation(facts: Facts, finding: Finding, _: Choices) -> Iterator[Step]:
    """End a reservation that has lapsed, and give back what it holds, as cinder does."""
    for row in facts.rows("cinder.reservations", id=int(finding.subject), deleted=False):
        back = update(
            "cinder.quota_usages",
            "",
            {"id": row["usage_id"]},
            reserved=Own("reserved", -row["delta"]),
            updated_at=MOMENT,
        )
        yield one_step(
            finding,
            "expire-volume-reservation",
            Stage.COUNT,
            f"Give back {row['delta']} {row['resource']} reserved for project {row['project_id']}",
            CINDER,
            effects=(
                *((back,) if row["delta"] > 0 else ()),
                marked("cinder.reservations", {"id": row["id"]}),
            ),
            premises=(as_seen("cinder.reservations", "", row, "deleted", "delta", "expire"),),
        )


def finish_migration(facts: Facts, finding: Finding, _: Choices) -> Iterator[Proposal]:
    """Say of a volume's move that nobody makes any more that it failed; both copies stay."""
    for row in facts.rows("cinder.volumes", id=UUID(finding.subject), deleted=False):
        if str(row["migration_status"]).startswith("target:"):
            yield Refusal(
                what=f"{finding.code} {finding.subject}",
                why="it is the copy that a move has left: it may be the only good one",
                lift="compare both volumes, then delete one by cinder",
            )
            return
        yield one_step(
            finding,
            "finish-volume-migration",
            Stage.VOLUME,
            f"Call the move of volume {row['id']} failed",
            CINDER,
            effects=(
                update(
                    "cinder.volumes",
                    "",
                    {"id": str(row["id"])},
                    migration_status="error",
                    updated_at=MOMENT,
                ),
            ),
            premises=(as_seen("cinder.volumes", "", row, "migration_status", "updated_at"),),
            ways=(reset_way(row, migration_status="error"), SQL),
        )


REMEDIES = (
    Remedy(
        name="set-volume-status",
        what="Sets a volume's status to what its attachments say.",
        propose=set_volume_status,
    ),
    Remedy(
        name="delete-volume",
        what="Deletes a volume for good; needs consent.",
        propose=delete_volume,
    ),
    Remedy(
        name="complete-volume-delete",
        what="Makes the row of a volume say one thing: deleted, or not.",
        propose=complete_volume_delete,
    ),
    Remedy(
        name="complete-attachment-delete",
        what="Makes the row of an attachment say that it is deleted.",
        propose=complete_attachment_delete,
    ),
    Remedy(
        name="delete-snapshot",
        what="Deletes a snapshot whose volume is gone; needs consent.",
        propose=delete_snapshot,
    ),
    Remedy(
        name="sync-volume-quota",
        what="Counts again what a project uses of cinder.",
        propose=sync_quota,
    ),
    Remedy(
        name="expire-volume-reservation",
        what="Gives back what a lapsed reservation holds.",
        propose=expire_reservation,
    ),
    Remedy(
        name="finish-volume-migration",
        what="Says of a volume's move that nobody makes any more that it failed.",
        propose=finish_migration,
    ),
)
