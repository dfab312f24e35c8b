"""Count nova's quotas again, in the releases that kept counters (until Ocata)."""

from __future__ import annotations

from collections.abc import Iterator

from stackfsck.model.change import Premise
from stackfsck.model.finding import Finding
from stackfsck.model.step import Stage, Step
from stackfsck.remedies.base import (
    MOMENT,
    Choices,
    Facts,
    Remedy,
    as_seen,
    one_step,
    soft_delete,
    update,
)


def sync_quota(facts: Facts, finding: Finding, choices: Choices) -> Iterator[Step]:
    """Set a counter to what was counted, or end a reservation that has lapsed."""
    if "counted" in finding.evidence:
        yield _recount(finding)
    else:
        yield from _expire(facts, finding, choices)


def _recount(finding: Finding) -> Step:
    """Return the step that writes a counter anew."""
    told = finding.evidence
    where = {
        "project_id": told.get("project_id"),
        "user_id": told.get("user_id"),
        "resource": told["resource"],
        "deleted": 0,
    }
    seen = Premise(
        table="nova.quota_usages",
        scope=finding.cell,
        where=where,
        fields={"in_use": int(told["in_use"])},
    )
    counted = int(told["counted"])
    return one_step(
        finding,
        "sync-quota",
        Stage.COUNT,
        f"Count {told['resource']} of project {told.get('project_id')} again: {counted}",
        ("nova", finding.cell),
        effects=(
            update("nova.quota_usages", finding.cell, where, in_use=counted, updated_at=MOMENT),
        ),
        premises=(seen,),
    )


def _expire(facts: Facts, finding: Finding, _: Choices) -> Iterator[Step]:
    """End a reservation and give back what it holds, as nova's `reservation_expire` does."""
    for row in facts.rows("nova.reservations", cell=finding.cell, deleted=0):
        if finding.subject not in {str(row["uuid"]), f"{row['cell']}/{row['id']}"}:
            continue
        owner = {name: row[name] for name in ("project_id", "user_id", "resource")}
        usages = facts.rows("nova.quota_usages", cell=finding.cell, deleted=0, **owner)
        held = max(0, row["delta"] or 0)
        yield one_step(
            finding,
            "sync-quota",
            Stage.COUNT,
            f"End the lapsed reservation of {row['resource']} of project {row['project_id']}",
            ("nova", finding.cell),
            effects=(
                soft_delete("nova.reservations", finding.cell, id=row["id"]),
                *(
                    update(
                        "nova.quota_usages",
                        finding.cell,
                        {"id": usage["id"]},
                        reserved=max(0, (usage["reserved"] or 0) - held),
                    )
                    for usage in usages
                ),
            ),
            premises=(as_seen("nova.reservations", finding.cell, row, "deleted", "delta"),),
        )


REMEDIES = (
    Remedy(
        name="sync-quota",
        what="Counts nova's quotas again and ends lapsed reservations (until Ocata).",
        propose=sync_quota,
    ),
)
