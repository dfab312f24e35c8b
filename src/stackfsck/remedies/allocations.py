"""Put right what placement believes of VMs that live: one provider too many, the wrong one, none.

A consumer's generation is raised with every change of rows, as placement does: whoever read it
before is refused (409) and reads again. Sources: placement/objects/{allocation,consumer}.py,
nova/scheduler/client/report.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from stackfsck.model.change import Change, Own, Premise, Verb
from stackfsck.model.finding import Finding
from stackfsck.model.plan import Refusal
from stackfsck.model.step import Means, Stage, Way
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

PLACEMENT = ("placement", "")

SETTLED = ("deleted", "host", "node", "vm_state", "task_state")
"""What of a VM's row must be as it was judged, so that nothing moves meanwhile."""

TREE = """
select p.id, p.uuid, coalesce(p.root_provider_id, p.id) as root
from placement.resource_providers as p
where coalesce(p.root_provider_id, p.id) in (
    select coalesce(r.root_provider_id, r.id)
    from placement.resource_providers as r
    inner join nova.compute_nodes as n
        on n.uuid = r.uuid
    where n.hypervisor_hostname = ?
)
order by p.id
"""
"""Every provider in the tree of a compute node."""

HELD = """
select a.id, a.used, a.resource_provider_id, p.uuid as provider, c.name as resource
from placement.allocations as a
inner join placement.resource_providers as p
    on p.id = a.resource_provider_id
inner join placement.resource_classes as c
    on c.id = a.resource_class_id
where a.consumer_id = ?
order by a.id
"""
"""All that a consumer holds, with the names that the API uses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumer:
    """A consumer of placement as a request names it: its generation, owner and holdings."""

    uuid: str
    row: dict[str, Any] | None
    project: str
    user: str
    held: tuple[dict[str, Any], ...]

    def request(self, held: dict[str, dict[str, int]]) -> Way:
        """Return the way by the API: everything the consumer shall hold, under its generation."""
        body = {provider: {"resources": amounts} for provider, amounts in held.items()}
        return Way(
            means=Means.API,
            call="placement.replace_allocations",
            arguments={
                "consumer": self.uuid,
                "allocations": body,
                "generation": self.row["generation"] if self.row else None,
                "project_id": self.project,
                "user_id": self.user,
            },
        )

    def raised(self) -> Change:
        """Return what tells others that the consumer was changed."""
        return update(
            "placement.consumers",
            "",
            {"uuid": self.uuid},
            generation=Own("generation", 1),
            updated_at=MOMENT,
        )

    def seen(self) -> tuple[Premise, ...]:
        """Return that nobody else has changed the consumer since."""
        return (as_seen("placement.consumers", "", self.row, "generation"),) if self.row else ()


def consumer_of(facts: Facts, uuid: str, owner: dict[str, Any] | None = None) -> Consumer:
    """Return a consumer; `owner` is the VM's row, for the project and user of one that is new."""
    rows = facts.rows("placement.consumers", uuid=uuid)
    row = rows[0] if rows else None
    project = facts.rows("placement.projects", id=row["project_id"]) if row else []
    user = facts.rows("placement.users", id=row["user_id"]) if row else []
    instead = owner or {"project_id": "", "user_id": ""}
    return Consumer(
        uuid=uuid,
        row=row,
        project=str(project[0]["external_id"] if project else instead["project_id"]),
        user=str(user[0]["external_id"] if user else instead["user_id"]),
        held=tuple(facts.ask(HELD, uuid)),
    )


def trim(facts: Facts, finding: Finding, _: Choices) -> Iterator[Proposal]:
    """Release what a VM holds on a node that it is not on; what it holds on its own stays."""
    vm, provider = finding.vm, finding.evidence.get("provider", "")
    wrong = {row["id"] for row in facts.ask(TREE, provider)}
    for row in _rows_of(facts, finding):
        consumer = consumer_of(facts, str(vm))
        kept = [h for h in consumer.held if h["resource_provider_id"] not in wrong]
        gone = sorted({h["resource_provider_id"] for h in consumer.held} & wrong)
        effects = tuple(
            delete("placement.allocations", consumer_id=str(vm), resource_provider_id=number)
            for number in gone
        )
        yield one_step(
            finding,
            "trim-allocation",
            Stage.ALLOCATION,
            f"Release what VM {vm} holds on {provider}; it runs on {row['node']}",
            PLACEMENT,
            effects=(*effects, consumer.raised()),
            premises=(as_seen("nova.instances", row["cell"], row, *SETTLED), *consumer.seen()),
            ways=(consumer.request(_amounts(kept)), SQL),
        )


def move(facts: Facts, finding: Finding, _: Choices) -> Iterator[Proposal]:
    """Let a VM hold on its own node what it holds on another one."""
    vm, provider = finding.vm, finding.evidence.get("provider", "")
    wrong = [r for r in facts.ask(TREE, provider) if r["id"] == r["root"]]
    for row in _rows_of(facts, finding):
        right = [r for r in facts.ask(TREE, row["node"]) if r["id"] == r["root"]]
        consumer = consumer_of(facts, str(vm))
        moved = {h["resource_provider_id"] for h in consumer.held}
        if len(wrong) != 1 or len(right) != 1 or moved != {wrong[0]["id"]}:
            yield Refusal(
                what=f"{finding.code} {finding.subject}",
                why=f"what VM {vm} holds is not all on {provider} itself",
                lift="release it, and let `nova-manage placement heal_allocations` write it anew",
            )
            return
        where = {"consumer_id": str(vm), "resource_provider_id": wrong[0]["id"]}
        change = update("placement.allocations", "", where, resource_provider_id=right[0]["id"])
        amounts = {str(right[0]["uuid"]): {h["resource"]: h["used"] for h in consumer.held}}
        yield one_step(
            finding,
            "move-allocation",
            Stage.ALLOCATION,
            f"Let VM {vm} hold on {row['node']} what it holds on {provider}",
            PLACEMENT,
            effects=(change, consumer.raised()),
            premises=(as_seen("nova.instances", row["cell"], row, *SETTLED), *consumer.seen()),
            ways=(consumer.request(amounts), SQL),
        )


def heal(facts: Facts, finding: Finding, _: Choices) -> Iterator[Proposal]:
    """Write what a VM uses by the numbers of its flavor that nova keeps in its row.

    Resources that only the flavor's extra specs name (GPUs, dedicated processors) are not among
    them: `nova-manage placement heal_allocations` knows those.
    """
    for row in _rows_of(facts, finding):
        vm = str(row["uuid"])
        root = [r for r in facts.ask(TREE, row["node"]) if r["id"] == r["root"]]
        amounts = _flavor(facts, row, root[0]["id"]) if len(root) == 1 else {}
        if not amounts:
            yield Refusal(
                what=f"{finding.code} {finding.subject}",
                why=f"the provider of {row['node']} offers none of what VM {vm} needs",
                lift=f"nova-manage placement heal_allocations --instance {vm}",
            )
            return
        consumer = consumer_of(facts, vm, row)
        effects = _written(facts, consumer, root[0]["id"], amounts)
        none = Premise(table="placement.allocations", where={"consumer_id": vm})
        yield one_step(
            finding,
            "heal-allocation",
            Stage.ALLOCATION,
            f"Write what VM {vm} uses of {row['node']}: {_words(amounts)}",
            PLACEMENT,
            effects=effects,
            premises=(as_seen("nova.instances", row["cell"], row, *SETTLED), none),
            ways=(consumer.request({str(root[0]["uuid"]): amounts}), *([SQL] if effects else [])),
        )


def _rows_of(facts: Facts, finding: Finding) -> list[dict[str, Any]]:
    """Return the row of a living VM."""
    return facts.rows("nova.instances", uuid=finding.vm, cell=finding.cell, deleted=0)


def _amounts(held: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
    """Group holdings by provider, as the API wants them."""
    amounts: dict[str, dict[str, int]] = {}
    for one in held:
        amounts.setdefault(str(one["provider"]), {})[one["resource"]] = one["used"]
    return amounts


def _flavor(facts: Facts, row: dict[str, Any], provider: int) -> dict[str, int]:
    """Return what a VM uses of what a provider offers; a volume boot has no root disk."""
    offered = facts.ask(
        "select c.name from placement.inventories as i inner join placement.resource_classes as c"
        " on c.id = i.resource_class_id where i.resource_provider_id = ?",
        provider,
    )
    disk = (row["root_gb"] if row["image_ref"] else 0) or 0
    wanted = {
        "VCPU": row["vcpus"],
        "MEMORY_MB": row["memory_mb"],
        "DISK_GB": disk + (row["ephemeral_gb"] or 0),
    }
    names = {one["name"] for one in offered}
    return {name: int(much) for name, much in wanted.items() if much and name in names}


def _written(
    facts: Facts, consumer: Consumer, provider: int, amounts: dict[str, int]
) -> tuple[Change, ...]:
    """Return the rows of a new allocation; the effects are the same by the API.

    Empty when placement does not know the project or the user yet: then only the API can.
    """
    who = _consumer_row(facts, consumer)
    if who is None:
        return ()
    numbers = {r["name"]: r["id"] for r in facts.rows("placement.resource_classes")}
    held = tuple(
        Change(
            verb=Verb.INSERT,
            table="placement.allocations",
            values={
                "consumer_id": consumer.uuid,
                "resource_provider_id": provider,
                "resource_class_id": numbers[name],
                "used": used,
                "created_at": MOMENT,
            },
        )
        for name, used in amounts.items()
    )
    return (who, *held)


def _consumer_row(facts: Facts, consumer: Consumer) -> Change | None:
    """Return what makes the consumer known, or raises its generation."""
    if consumer.row:
        return consumer.raised()
    projects = facts.rows("placement.projects", external_id=consumer.project)
    users = facts.rows("placement.users", external_id=consumer.user)
    if not projects or not users:
        return None
    return Change(
        verb=Verb.INSERT,
        table="placement.consumers",
        values={
            "uuid": consumer.uuid,
            "project_id": projects[0]["id"],
            "user_id": users[0]["id"],
            "generation": 1,
            "created_at": MOMENT,
        },
    )


def _words(amounts: dict[str, int]) -> str:
    """`VCPU 2, MEMORY_MB 4096`."""
    return ", ".join(f"{name} {much}" for name, much in amounts.items())


REMEDIES = (
    Remedy(
        name="trim-allocation",
        what="Releases what a VM holds on a node that it is not on, and nothing else.",
        propose=trim,
    ),
    Remedy(
        name="move-allocation",
        what="Lets a VM hold on its own node what it holds on another one.",
        propose=move,
    ),
    Remedy(
        name="heal-allocation",
        what="Writes the allocation of a VM by its flavor's numbers.",
        propose=heal,
    ),
)
