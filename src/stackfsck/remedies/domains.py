"""End domains that nova does not stand for, with all that the host has for them.

The order is that of catalogue and seeds: stop, disconnect volumes, undefine, unplug, put files
aside. Nova itself finds such a domain only while its row is there with `deleted = id`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

from stackfsck.model.change import Change
from stackfsck.model.finding import Finding
from stackfsck.model.step import Stage, Step, Undo
from stackfsck.remedies.base import Choices, Facts, Proposal, Remedy, delete, update
from stackfsck.remedies.directories import directory_step, file_step
from stackfsck.remedies.on_host import Act, is_living, refusal, standing, step_of
from stackfsck.remedies.storage import connected_steps, image_step
from stackfsck.remedies.switch import plugged_steps

REMOVE = "remove-domain"
GHOST = "end-ghost"
SECOND = "stop-second-copy"

NO_WAY_BACK = "no-way-back"
"""The consent to lose something for good."""

OFF = "shut off"


def remove_domain(facts: Facts, finding: Finding, _: Choices) -> Iterator[Proposal]:
    """Remove one domain of a host and what the host has for it."""
    if finding.vm is None:
        return
    yield from end_domain(facts, finding, REMOVE, finding.host, finding.vm)


def end_ghost(facts: Facts, finding: Finding, _: Choices) -> Iterator[Proposal]:
    """End the guest that has an image open, then move the image into the trash."""
    host = finding.evidence.get("domain_on", "")
    if finding.vm is None or not facts.rows("libvirt.domains", host=host, uuid=finding.vm):
        yield refusal(
            finding,
            "no host was seen to have its domain",
            "find the client with `rbd status`, and fence it with `ceph osd blocklist`",
        )
        return
    yield from end_domain(facts, finding, GHOST, host, finding.vm)
    pool = finding.evidence.get("pool", "")
    for row in facts.rows("ceph.images", pool=pool, name=finding.subject):
        yield image_step(facts, finding, GHOST, row)


def stop_second_copy(facts: Facts, finding: Finding, _: Choices) -> Iterator[Proposal]:
    """End the copies of a VM on the hosts that are not nova's, as nova does after an evacuation.

    Its own consent is needed: what the second copy has not written to a disk is lost.
    """
    homes = {row["host"] for row in facts.rows("nova.instances", uuid=finding.vm, deleted=0)}
    copies = {row["host"] for row in facts.rows("libvirt.domains", uuid=finding.vm)}
    if finding.vm is None or len(homes) != 1 or not homes < copies:
        yield refusal(finding, "nova does not say which of the copies is the VM")
        return
    for host in sorted(copies - homes):
        for proposal in end_domain(facts, finding, SECOND, host, finding.vm):
            # All of them: without the stop, none of the others may be in a plan.
            if isinstance(proposal, Step):
                yield replace(proposal, consent=NO_WAY_BACK)
            else:
                yield proposal


def end_domain(
    facts: Facts, finding: Finding, remedy: str, host: str, vm: UUID
) -> Iterator[Proposal]:
    """Yield every step for a domain of a host, or why it is left alone."""
    for row in facts.rows("libvirt.domains", host=host, uuid=vm):
        files = _files(facts, row)
        if why := _danger(facts, row, files, remedy):
            yield refusal(finding, why)
            return
        yield from _guest_steps(facts, finding, remedy, row)
        yield from connected_steps(facts, finding, remedy, host, vm)
        yield from plugged_steps(facts, finding, remedy, host, vm)
        for directory in _directories(facts, host, vm):
            yield directory_step(facts, finding, remedy, directory)
        for file in files:
            yield file_step(facts, finding, remedy, file)


def _danger(facts: Facts, row: dict[str, Any], files: list[dict[str, Any]], remedy: str) -> str:
    """Say what speaks against ending a domain, "" for nothing."""
    if remedy != SECOND and is_living(facts, row["uuid"]) and row["state"] != OFF:
        return f"the VM lives in nova and this domain of it is {row['state']}: look at it first"
    kept = {"save": "a managed save (memory of a suspended VM)", "snapshot": "snapshots"}
    return next((f"the domain has {kept[f['kind']]}" for f in files if f["kind"] in kept), "")


def _guest_steps(
    facts: Facts, finding: Finding, remedy: str, row: dict[str, Any]
) -> Iterator[Step]:
    """Yield stop and undefine, as far as they are needed; a transient domain ends with its stop."""
    if row["state"] != OFF:
        yield step_of(facts, finding, remedy, _stop(row), standing(facts, row["uuid"]))
    if row["persistent"]:
        yield step_of(facts, finding, remedy, _undefine(row), standing(facts, row["uuid"]))


def _stop(row: dict[str, Any]) -> Act:
    """Return the act that pulls the plug; what was only in the guest's memory is lost."""
    host, uuid = row["host"], str(row["uuid"])
    off = update("libvirt.domains", host, {"uuid": uuid}, state=OFF)
    return Act(
        call="domain.stop",
        host=host,
        key=uuid,
        title=f"Stop domain {row['name']} ({uuid}) on {host}",
        stage=Stage.GUEST,
        store="libvirt",
        subject={"uuid": uuid},
        effects=(
            *((off,) if row["persistent"] else _gone(host, uuid)),
            delete("libvirt.processes", host, uuid=uuid),
        ),
        expected={"name": row["name"], "state": row["state"]},
        undo=Undo.EQUIVALENT,
    )


def _undefine(row: dict[str, Any]) -> Act:
    """Return the act that takes a stopped domain out of libvirt."""
    host, uuid = row["host"], str(row["uuid"])
    return Act(
        call="domain.undefine",
        host=host,
        key=uuid,
        title=f"Undefine domain {row['name']} ({uuid}) on {host}",
        stage=Stage.DOMAIN,
        store="libvirt",
        subject={"uuid": uuid},
        effects=_gone(host, uuid),
        expected={"name": row["name"]},
    )


def _gone(host: str, uuid: str) -> tuple[Change, ...]:
    """Return what goes with a domain's definition."""
    return (
        delete("libvirt.disks", host, domain=uuid),
        delete("libvirt.interfaces", host, domain=uuid),
        delete("libvirt.domains", host, uuid=uuid),
    )


def _directories(facts: Facts, host: str, vm: UUID) -> list[dict[str, Any]]:
    """Return the domain's own directory; one that other hosts see stays while the VM lives."""
    rows = facts.rows("host.instance_dirs", host=host, uuid=vm, suffix="")
    shared = any(row["shared"] for row in rows)
    elsewhere = [r for r in facts.rows("libvirt.domains", uuid=vm) if r["host"] != host]
    return [] if shared and (elsewhere or is_living(facts, vm)) else rows


def _files(facts: Facts, row: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what libvirt keeps for a domain; the TPM of a living VM stays."""
    living = is_living(facts, row["uuid"])
    rows = facts.rows("host.vm_files", host=row["host"])
    ours = [f for f in rows if f["name"] == row["name"] or f["uuid"] == row["uuid"]]
    kinds = {"nvram", "save", "snapshot"} | (set() if living else {"swtpm"})
    return [f for f in ours if f["kind"] in kinds]


REMEDIES = (
    Remedy(
        name=REMOVE,
        what="Stops and undefines a domain, unplugs it, and puts its files aside.",
        propose=remove_domain,
    ),
    Remedy(
        name=GHOST,
        what="Ends the guest of a dead VM that has an image open, and trashes the image.",
        propose=end_ghost,
    ),
    Remedy(
        name=SECOND,
        what="Ends the copies of a VM on the hosts that are not nova's, with your consent.",
        propose=stop_second_copy,
    ),
)
