"""What steps on cinder's rows share: its own rule for states, and its own way of deleting.

Source: cinder/volume/api.py `_get_statuses_from_attachments`, cinder/db/sqlalchemy/api.py
`volume_detached`, `volume_destroy` (VOLUME_DEPENDENT_MODELS).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from stackfsck.model.change import Change, Own, Premise, Those, Value
from stackfsck.model.step import Means, Stage, Step, Way
from stackfsck.remedies.base import MOMENT, SQL, Facts, as_seen, delete, plain, update

CINDER = ("cinder", "")

STATUS_OF = {
    "attached": "in-use",
    "attaching": "attaching",
    "detaching": "detaching",
    "reserved": "reserved",
    "detached": "available",
}
"""The status of a volume by the state of its attachments; the first in the alphabet decides."""


def states(attachments: Iterable[Mapping[str, Any]]) -> tuple[str, str]:
    """Return what status and attach status of a volume must be by its live attachments."""
    known = [str(a["attach_status"]) for a in attachments if a["attach_status"] in STATUS_OF]
    first = min(known, default="detached")
    return STATUS_OF[first], first


def attachments_of(facts: Facts, volume: UUID | str) -> list[dict[str, Any]]:
    """Return the live attachments of a volume."""
    return facts.rows("cinder.volume_attachment", volume_id=volume, deleted=False)


def marked(table: str, where: Mapping[str, Value | Those], **values: Any) -> Change:  # noqa: ANN401 -- see Change
    """Mark rows as deleted, as cinder and glance do."""
    change = update(table, "", {}, deleted=True, deleted_at=MOMENT, **values)
    return Change(
        verb=change.verb, table=table, where={**where, "deleted": False}, values=change.values
    )


def set_states(volume: UUID | str, status: str, attach_status: str) -> Change:
    """Set both columns of a volume in one statement, as cinder does."""
    return update(
        "cinder.volumes",
        "",
        {"id": str(volume)},
        status=status,
        attach_status=attach_status,
        updated_at=MOMENT,
    )


def reset_way(row: Mapping[str, Any], **states: str) -> Way:
    """Return cinder's own reset; it changes its database alone, and drops the worker.

    The API does not show every state, so those that were are named, too.
    """
    was = {name: row[name] for name in states}
    arguments = {"volume": str(row["id"]), "states": states, "was": was}
    return Way(means=Means.API, call="cinder.reset_status", arguments=arguments)


def volume_as_seen(facts: Facts, volume: UUID | str, *columns: str) -> tuple[Premise, ...]:
    """Return that a volume still is what it was; nothing for one without a row."""
    rows = facts.rows("cinder.volumes", id=volume)
    return tuple(as_seen("cinder.volumes", "", row, *columns) for row in rows)


def on_domains(facts: Facts, volume: UUID | str) -> list[dict[str, Any]]:
    """Return the disks of domains, dead or alive, that are this volume."""
    return facts.rows("libvirt.disks", serial=volume)


def bdm_step(row: Mapping[str, Any], premises: tuple[Premise, ...], because: str) -> Step:
    """Return the step that takes a volume out of nova's books; cinder then gives it free."""
    cell, number = str(row["cell"]), row["id"]
    return Step(
        id=f"bdm:{cell}:{number}",
        title=f"Mark nova's block device of VM {row['instance_uuid']} and volume"
        f" {row['volume_id']} as deleted",
        remedy="soft-delete-bdm",
        stage=Stage.BLOCK_DEVICE,
        store="nova",
        scope=cell,
        vm=row["instance_uuid"],
        because=(because,),
        effects=(
            update(
                "nova.block_device_mapping",
                cell,
                {"id": number, "deleted": 0},
                deleted=Own("id"),
                deleted_at=MOMENT,
            ),
        ),
        premises=(
            as_seen("nova.block_device_mapping", cell, row, "deleted", "volume_id"),
            *premises,
        ),
        ways=(SQL,),
    )


def uncounted(row: Mapping[str, Any], kind: str, size: int) -> tuple[Change, ...]:
    """Return what takes a volume or snapshot out of the counters of its project.

    Types have counters of their own, which are named after them and counted anew by
    `cinder-manage quota sync`.
    """
    if row["use_quota"] is False:
        return ()
    return tuple(
        update(
            "cinder.quota_usages",
            "",
            {"project_id": row["project_id"], "resource": name, "deleted": False},
            in_use=Own("in_use", -much),
            updated_at=MOMENT,
        )
        for name, much in ((kind, 1), ("gigabytes", size))
    )


def volume_rows(row: Mapping[str, Any]) -> tuple[Change, ...]:
    """Return what marks a volume and all that describes it as deleted, in cinder's own order."""
    volume = {"volume_id": str(row["id"])}
    children = ("volume_metadata", "volume_admin_metadata", "volume_glance_metadata", "transfers")
    return (
        *(marked(f"cinder.{table}", volume) for table in children),
        delete("cinder.workers", resource_type="Volume", resource_id=str(row["id"])),
        *uncounted(row, "volumes", int(row["size"] or 0)),
        marked(
            "cinder.volumes",
            {"id": str(row["id"])},
            status="deleted",
            attach_status="detached",
            terminated_at=MOMENT,
            updated_at=MOMENT,
        ),
    )


def texts(row: Mapping[str, Any]) -> dict[str, Value]:
    """Return a row as plain values."""
    return {name: plain(value) for name, value in row.items()}
