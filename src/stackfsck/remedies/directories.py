"""Put files of VMs aside: on their own file system, to be put back or purged later.

Sources: nova/virt/libvirt/driver.py (delete_instance_files), libvirt's qemu driver (files by
name of the domain).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from stackfsck.model.finding import Finding
from stackfsck.model.step import Stage, Step
from stackfsck.remedies.base import (
    Choices,
    Facts,
    Proposal,
    Remedy,
    as_seen,
    delete,
    one_step,
    update,
)
from stackfsck.remedies.on_host import Act, refusal, standing, step_of

DIRECTORY = "quarantine-directory"
FILE = "quarantine-file"
CLEAN = "remove-directory"

_UNREAD = """
select host from host.computes as c
where not exists (
    select 1 from run.coverage as r
    where r.source = 'libvirt.domains' and r.scope = c.host and r.outcome = 'complete'
)
order by host
"""

_USERS = "select host from libvirt.disks where contains(source, ?) order by host"


def quarantine_directory(facts: Facts, finding: Finding, _: Choices) -> Iterator[Proposal]:
    """Put one directory aside; on a shared file system only if no host has the domain."""
    for row in facts.rows("host.instance_dirs", host=finding.host, path=finding.subject):
        if row["shared"] and (why := _shared_danger(facts, row)):
            yield refusal(finding, why)
        else:
            yield directory_step(facts, finding, DIRECTORY, row)


def _shared_danger(facts: Facts, row: dict[str, Any]) -> str:
    """Say who may be using a directory that other hosts see, too; "" for nobody."""
    users = facts.ask(_USERS, f"/{row['name']}/")
    domains = [] if row["suffix"] else facts.rows("libvirt.domains", uuid=row["uuid"])
    if found := [*users, *domains]:
        return f"the directory is shared, and a domain on {found[0]['host']} uses it"
    unread = [each["host"] for each in facts.ask(_UNREAD)]
    return f"the directory is shared, and {unread[0]} was not read" if unread else ""


def directory_step(facts: Facts, finding: Finding, remedy: str, row: dict[str, Any]) -> Step:
    """Return the step for one directory; what is shared goes for all hosts that see it."""
    host, name = row["host"], row["name"]
    seen_by = [row]
    if row["shared"]:
        seen_by = facts.rows("host.instance_dirs", store=row["store"], name=name)
    act = Act(
        call="directory.quarantine",
        host=seen_by[0]["host"] if row["shared"] else host,
        key=name,
        title=f"Put directory {row['path']} on {host} aside",
        stage=Stage.FILE,
        subject={"name": name, "instances_path": str(PurePosixPath(row["path"]).parent)},
        effects=tuple(delete("host.instance_dirs", r["host"], path=r["path"]) for r in seen_by),
    )
    return step_of(facts, finding, remedy, act, standing(facts, row["uuid"]))


def quarantine_file(facts: Facts, finding: Finding, _: Choices) -> Iterator[Proposal]:
    """Put one file of libvirt aside."""
    for row in facts.rows("host.vm_files", host=finding.host, path=finding.subject):
        yield file_step(facts, finding, FILE, row)


def file_step(facts: Facts, finding: Finding, remedy: str, row: dict[str, Any]) -> Step:
    """Return the step for one file of libvirt."""
    act = Act(
        call="file.quarantine",
        host=row["host"],
        key=row["path"],
        title=f"Put {row['path']} ({row['kind']}) on {row['host']} aside",
        stage=Stage.FILE,
        subject={"kind": row["kind"], "path": row["path"]},
        effects=(delete("host.vm_files", row["host"], path=row["path"]),),
    )
    return step_of(facts, finding, remedy, act, standing(facts, finding.vm))


def remove_directory(facts: Facts, finding: Finding, _: Choices) -> Iterator[Proposal]:
    """Do what nova-compute gave up: put the files of a deleted VM aside, and mark it as cleaned."""
    if facts.rows("libvirt.domains", host=finding.host, uuid=finding.vm):
        yield refusal(finding, "its domain is still there", "put that right first (LIB001)")
        return
    if finding.host not in facts.scopes("host.instance_dirs"):
        yield refusal(finding, f"the directories of {finding.host} were not read")
        return
    for row in facts.rows("host.instance_dirs", host=finding.host, uuid=finding.vm):
        if row["shared"] and (why := _shared_danger(facts, row)):
            yield refusal(finding, why)
            return
        yield directory_step(facts, finding, CLEAN, row)
    yield from _cleaned(facts, finding)


def _cleaned(facts: Facts, finding: Finding) -> Iterator[Step]:
    """Mark a VM as cleaned, as nova-compute does after it has removed the files."""
    for row in facts.rows("nova.instances", uuid=finding.vm, cell=finding.cell):
        yield one_step(
            finding,
            CLEAN,
            Stage.INSTANCE,
            f"Mark VM {finding.vm} as cleaned",
            ("nova", finding.cell),
            effects=(update("nova.instances", finding.cell, {"uuid": str(finding.vm)}, cleaned=1),),
            premises=(as_seen("nova.instances", finding.cell, row, "deleted", "cleaned"),),
        )


REMEDIES = (
    Remedy(
        name=DIRECTORY,
        what="Puts the directory of a VM aside that nobody uses; it can be put back.",
        propose=quarantine_directory,
    ),
    Remedy(
        name=FILE,
        what="Puts a file of libvirt aside that belongs to no domain; it can be put back.",
        propose=quarantine_file,
    ),
    Remedy(
        name=CLEAN,
        what="Puts the files of a deleted VM aside and marks the VM as cleaned.",
        propose=remove_directory,
    ),
)
