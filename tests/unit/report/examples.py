"""Made-up answers of a check, for tests of how they are told."""

from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from stackfsck.model.check import Check, Kind, Severity, Source
from stackfsck.model.coverage import Outcome, Reading
from stackfsck.model.finding import Certainty, Finding, Held, HeldWhy, Judgement, Unjudged
from stackfsck.model.inquiry import Inquiry

NOW = datetime(2026, 1, 2, 12, 0, 0)  # noqa: DTZ001 -- services write UTC without a zone
HOSTILE = "\x1b[2J\x1b]0;owned\x07\u202e[red]evil[/]\nfake: 0 findings"


def vm(number: int) -> UUID:
    """The number-th VM."""
    return UUID(int=number + (4 << 76) + (8 << 60))


def check(
    code: str = "PLC001", severity: Severity = Severity.LEAKS, kind: Kind = Kind.ORPHAN
) -> Check:
    """A check of this code."""
    return Check(
        code=code,
        name=f"{code.lower()}-name",
        title="Record {subject} of {vm} is stale",
        kind=kind,
        severity=severity,
        found_in=(Source.parse("placement.allocations"),),
        absent_from=(Source.parse("nova.instances"), Source.parse("libvirt.domains@host")),
        what="A stale record.",
        why="It costs.",
        wrong="Never.",
        sql="select 1",
        remedy="remove-it",
    )


def finding(
    number: int = 1,
    of: Check | None = None,
    *,
    certainty: Certainty = Certainty.PROVED,
    gaps: tuple[str, ...] = (),
    subject: str = "",
    host: str = "host-a",
    without_vm: bool = False,
) -> Finding:
    """The finding of a check about the number-th VM."""
    return Finding(
        check=of or check(),
        subject=subject or f"s{number}",
        vm=None if without_vm else vm(number),
        cell="cell1",
        host=host,
        evidence={"subject": subject or f"s{number}", "vm": str(vm(number))},
        certainty=certainty,
        gaps=gaps,
    )


WHOLE = (
    Reading(source="nova.instances", scope="cell1", outcome=Outcome.COMPLETE, rows=1200),
    Reading(source="libvirt.domains", scope="host-a", outcome=Outcome.COMPLETE, rows=12),
)
LOST = (
    Reading(
        source="nova.instances",
        scope="cell2",
        outcome=Outcome.FAILED,
        reason="connection refused by 10.0.0.2",
    ),
    *(
        Reading(
            source=f"{store}", scope="host-b", outcome=Outcome.FAILED, reason="no route to host"
        )
        for store in ("libvirt.domains", "libvirt.disks", "host.instance_dirs")
    ),
)


def inquiry(
    *findings: Finding,
    coverage: tuple[Reading, ...] = WHOLE,
    held: tuple[Held, ...] = (),
    unjudged: tuple[Unjudged, ...] = (),
    notes: tuple[str, ...] = (),
) -> Inquiry:
    """An inquiry that came to this."""
    return Inquiry(
        judgement=Judgement(findings=findings, held=held, unjudged=unjudged),
        coverage=coverage,
        began=NOW,
        ended=NOW + timedelta(seconds=3.5),
        looks=2,
        checks=("PLC001",),
        snapshot=Path("/tmp/one.duckdb"),
        notes=notes,
    )


def much() -> Inquiry:
    """An inquiry with a bit of everything in it, hostile words included."""
    checks = [
        check("LIB001", Severity.CORRUPTS, Kind.GHOST),
        check("NOV001", Severity.BLOCKS, Kind.ZOMBIE),
        check("PLC001", Severity.LEAKS),
        check("CON001", Severity.CLUTTERS),
    ]
    findings = [finding(n, checks[n % 4], subject=HOSTILE if n == 2 else "") for n in range(40)]
    findings.append(
        finding(3, certainty=Certainty.SUSPECTED, gaps=("nova.instances in cell2: failed",))
    )
    findings.append(finding(99, without_vm=True))
    return inquiry(
        *findings,
        coverage=WHOLE + LOST,
        held=(
            Held(code="PLC001", subject="x", vm=vm(5), why=HeldWhy.IN_TRANSIT, detail="a resize"),
            Held(code="PLC001", subject="y", vm=vm(6), why=HeldWhy.YOUNG),
        ),
        unjudged=(Unjudged(code="PLC001", missing=("nova.instances in cell2: failed",)),),
        notes=("unknown table nova.custom holds a key to instances.uuid",),
    )
