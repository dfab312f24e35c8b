"""Remove resource providers of hosts that are gone, or give them the name they should have.

Source: placement/objects/resource_provider.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from stackfsck.model.change import Premise
from stackfsck.model.finding import Finding
from stackfsck.model.plan import Refusal
from stackfsck.model.step import Means, Stage, Step, Way
from stackfsck.remedies.allocations import PLACEMENT
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
    plain,
    update,
)


def remove_provider(facts: Facts, finding: Finding, _: Choices) -> Iterator[Proposal]:
    """Remove the provider of a host that is gone, its children first; refused while it is used."""
    rows = facts.rows("placement.resource_providers", uuid=UUID(finding.subject))
    tree = facts.ask(
        "select * from placement.resource_providers where coalesce(root_provider_id, id) = ?"
        " order by id <> coalesce(root_provider_id, id) desc, id desc",
        rows[0]["id"],
    )
    used = facts.ask(
        "select distinct consumer_id from placement.allocations"
        " where list_contains(?, resource_provider_id) order by all",
        [row["id"] for row in tree],
    )
    if used and finding.evidence.get("expected"):
        yield from _take_name(facts, finding, rows[0])
        return
    if used:
        yield Refusal(
            what=f"{finding.code} {finding.subject}",
            why=f"{len(used)} consumers hold resources of it, {used[0]['consumer_id']} among them",
            lift="release their allocations first (PLC001, PLC002), then check again",
        )
        return
    before: frozenset[str] = frozenset()
    for row in tree:
        step = _provider_step(facts, finding, row, before)
        before |= {step.id}
        yield step


def _take_name(facts: Facts, finding: Finding, row: dict[str, Any]) -> Iterator[Proposal]:
    """Give a provider that VMs are on the UUID of the compute node that has its name."""
    expected = finding.evidence["expected"]
    if facts.rows("placement.resource_providers", uuid=UUID(expected)):
        yield Refusal(
            what=f"{finding.code} {finding.subject}",
            why=f"placement has a provider {expected}, too, under another name",
            lift="find out which UUID the host's compute_id file holds",
        )
        return
    node = facts.rows("nova.compute_nodes", uuid=UUID(expected), deleted=0)
    seen = ("uuid", "hypervisor_hostname", "deleted")
    yield one_step(
        finding,
        "remove-provider",
        Stage.PROVIDER,
        f"Give the provider {row['name']} the UUID of its compute node, with all that is held",
        PLACEMENT,
        effects=(
            update(
                "placement.resource_providers",
                "",
                {"id": row["id"]},
                uuid=expected,
                updated_at=MOMENT,
            ),
        ),
        premises=(
            as_seen("placement.resource_providers", "", row, "uuid", "name"),
            *(as_seen("nova.compute_nodes", one["cell"], one, *seen) for one in node),
        ),
    )


def _provider_step(
    facts: Facts, finding: Finding, row: dict[str, Any], before: frozenset[str]
) -> Step:
    """Return the step that removes one provider with what only describes it."""
    number = row["id"]
    nodes = tuple(
        Premise(
            table="nova.compute_nodes", scope=cell, where={"uuid": str(row["uuid"]), "deleted": 0}
        )
        for cell in facts.scopes("nova.compute_nodes")
    )
    unused = Premise(table="placement.allocations", where={"resource_provider_id": number})
    described = ("inventories", "resource_provider_traits", "resource_provider_aggregates")
    return Step(
        id=f"provider:{row['uuid']}",
        title=f"Remove the resource provider {row['name']}",
        remedy="remove-provider",
        stage=Stage.PROVIDER,
        store="placement",
        because=(finding.code,),
        effects=(
            *(delete(f"placement.{table}", resource_provider_id=number) for table in described),
            delete("placement.resource_providers", id=number),
        ),
        premises=(*nodes, unused),
        ways=(
            Way(
                means=Means.API,
                call="placement.delete_provider",
                arguments={"provider": plain(row["uuid"])},
            ),
            SQL,
        ),
        after=before,
    )


REMEDIES = (
    Remedy(
        name="remove-provider",
        what="Removes the provider of a host that is gone, unless something is held of it.",
        propose=remove_provider,
    ),
)
