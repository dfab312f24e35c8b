"""Release what a VM that does not exist holds in placement, on one provider or on all."""

from __future__ import annotations

from collections.abc import Iterator

from stackfsck.model.finding import Finding
from stackfsck.model.step import Means, Stage, Step, Way
from stackfsck.remedies.base import SQL, Choices, Facts, Remedy, as_seen, delete, still_dead

NAME = "release-allocation"


def propose(facts: Facts, finding: Finding, choices: Choices) -> Iterator[Step]:  # noqa: ARG001 -- of every remedy
    """Yield one step for the consumer.

    Placement's own guard is the consumer's generation: an allocation that was changed since is
    refused by the service (PUT with an empty set, microversion 1.28). DELETE has no guard.
    """
    consumer = finding.subject
    rows = facts.rows("placement.consumers", uuid=consumer)
    generation = rows[0]["generation"] if rows else None
    seen = (as_seen("placement.consumers", "", rows[0], "generation"),) if rows else ()
    guard = still_dead(facts, finding.vm) if finding.vm else ()
    yield Step(
        id=f"allocation:{consumer}",
        title=f"Release all that {consumer} holds in placement",
        remedy=NAME,
        stage=Stage.ALLOCATION,
        store="placement",
        vm=finding.vm,
        because=(finding.code,),
        effects=(
            delete("placement.allocations", consumer_id=consumer),
            delete("placement.consumers", uuid=consumer),
        ),
        premises=(*guard, *seen),
        ways=(
            Way(
                means=Means.API,
                call="placement.replace_allocations",
                arguments={"consumer": consumer, "allocations": {}, "generation": generation},
            ),
            SQL,
        ),
    )


REMEDIES = (
    Remedy(
        name=NAME,
        what="Releases everything that a consumer without a VM holds, guarded by its generation.",
        propose=propose,
    ),
)
