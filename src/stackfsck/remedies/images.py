"""Images that nova made of VMs: put aside, or deleted when they never held anything.

A deactivated image keeps its data and can be made active again; nobody can download it meanwhile.
Source: glance/db/sqlalchemy/api.py `image_destroy`.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from stackfsck.model.finding import Finding
from stackfsck.model.plan import Refusal
from stackfsck.model.step import Means, Stage, Undo, Way
from stackfsck.remedies.base import (
    MOMENT,
    SQL,
    Choices,
    Facts,
    Proposal,
    Remedy,
    as_seen,
    one_step,
    update,
)
from stackfsck.remedies.cinder_rows import marked

GLANCE = ("glance", "")


def deactivate(facts: Facts, finding: Finding, _: Choices) -> Iterator[Proposal]:
    """Put an image aside: deleting it has no way back, and is its owner's to do."""
    for row in facts.rows("glance.images", id=UUID(finding.subject), deleted=False):
        image = str(row["id"])
        yield one_step(
            finding,
            "deactivate-image",
            Stage.IMAGE,
            f"Deactivate image {row['name']!r} ({image})",
            GLANCE,
            effects=(
                update("glance.images", "", {"id": image}, status="deactivated", updated_at=MOMENT),
            ),
            premises=(as_seen("glance.images", "", row, "status", "updated_at"),),
            ways=(
                Way(means=Means.API, call="glance.deactivate_image", arguments={"image": image}),
                SQL,
            ),
        )


def delete_image(facts: Facts, finding: Finding, _: Choices) -> Iterator[Proposal]:
    """Delete an image that has waited for its data in vain."""
    for row in facts.rows("glance.images", id=UUID(finding.subject), deleted=False):
        if row["protected"]:
            why = "its owner has protected it"
            yield Refusal(what=f"{finding.code} {finding.subject}", why=why)
            return
        image = str(row["id"])
        children = ("image_locations", "image_properties", "image_members", "image_tags")
        where = {"image_id": image}
        yield one_step(
            finding,
            "delete-image",
            Stage.IMAGE,
            f"Delete image {row['name']!r} ({image}), which never got its data",
            GLANCE,
            effects=(
                *(marked(f"glance.{table}", where) for table in children),
                marked("glance.images", {"id": image}, status="deleted", updated_at=MOMENT),
            ),
            premises=(as_seen("glance.images", "", row, "status", "updated_at"),),
            ways=(
                Way(means=Means.API, call="glance.delete_image", arguments={"image": image}),
                SQL,
            ),
            undo=Undo.IMPOSSIBLE,
        )


REMEDIES = (
    Remedy(
        name="deactivate-image",
        what="Puts an image aside: its data stays, nobody can use it.",
        propose=deactivate,
    ),
    Remedy(
        name="delete-image",
        what="Deletes an image that never got its data.",
        propose=delete_image,
    ),
)
