"""Release what is held in placement in the name of something that does not hold it any more.

The name may be a VM's that is gone or offloaded, or that of a move which has ended.
"""

from __future__ import annotations

from collections.abc import Iterator

from stackfsck.model.change import Change, Premise
from stackfsck.model.finding import Finding
from stackfsck.model.step import Means, Stage, Step, Way
from stackfsck.remedies.allocations import SETTLED
from stackfsck.remedies.base import SQL, Choices, Facts, Remedy, as_seen, delete, still_dead

NAME = "release-allocation"


def propose(facts: Facts, finding: Finding, choices: Choices) -> Iterator[Step]:  # noqa: ARG001 -- of every remedy
    """Yield one step for the consumer.

    Placement's own guard is the consumer's generation: an allocation that was changed since is
    refused by the service (PUT with an empty set, microversion 1.28). DELETE has no guard.
    """
    consumer, _, provider = finding.subject.partition("/")
    rows = facts.rows("placement.consumers", uuid=consumer)
    seen = (as_seen("placement.consumers", "", rows[0], "generation"),) if rows else ()
    whole = Way(
        means=Means.API,
        call="placement.replace_allocations",
        arguments={
            "consumer": consumer,
            "allocations": {},
            "generation": rows[0]["generation"] if rows else None,
        },
    )
    yield Step(
        id=f"allocation:{finding.subject}",
        title=f"Release {_what(provider)} {consumer} holds in placement",
        remedy=NAME,
        stage=Stage.ALLOCATION,
        store="placement",
        vm=finding.vm,
        because=(finding.code,),
        effects=_effects(facts, consumer, provider),
        premises=(*_reasons(facts, finding, provider), *seen),
        # What stands on a provider that does not exist is invisible to the API.
        ways=(SQL,) if provider else (whole, SQL),
    )


def _what(provider: str) -> str:
    """Name how much is released."""
    return f"what, on provider number {provider} that does not exist," if provider else "all that"


def _effects(facts: Facts, consumer: str, provider: str) -> tuple[Change, ...]:
    """Release all, or what is on one provider; a consumer that holds nothing goes, too."""
    gone = delete("placement.consumers", uuid=consumer)
    if not provider:
        return (delete("placement.allocations", consumer_id=consumer), gone)
    held = facts.rows("placement.allocations", consumer_id=consumer)
    left = [row for row in held if row["resource_provider_id"] != int(provider)]
    part = delete("placement.allocations", consumer_id=consumer, resource_provider_id=int(provider))
    return (part, *([] if left else [gone]))


def _reasons(facts: Facts, finding: Finding, provider: str) -> tuple[Premise, ...]:
    """Return what it rested on: no such provider, an ended move, an offloaded VM, a dead one."""
    if provider:
        where = {"id": int(provider)}
        return (Premise(table="placement.resource_providers", where=where),)
    moves = facts.rows("nova.migrations", uuid=finding.subject)
    if moves:
        return tuple(
            as_seen("nova.migrations", row["cell"], row, "status", "updated_at") for row in moves
        )
    alive = facts.rows("nova.instances", uuid=finding.vm, deleted=0)
    if alive:
        return tuple(as_seen("nova.instances", row["cell"], row, *SETTLED) for row in alive)
    return still_dead(facts, finding.vm) if finding.vm else ()


REMEDIES = (
    Remedy(
        name=NAME,
        what="Releases everything that a consumer without a VM holds, guarded by its generation.",
        propose=propose,
    ),
)
