"""Findings put together as people read them: by VM, worst first, and counted by check."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stackfsck.model.finding import Certainty

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from stackfsck.model.check import Check
    from stackfsck.model.finding import Finding


ONCE = "looked at only once"
"""The gap of what was looked at once: it says nothing against the reading itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The findings about one VM, worst first; `vm` is None for records that name no VM."""

    vm: UUID | None
    findings: tuple[Finding, ...]

    @property
    def doubtful(self) -> bool:
        """Whether nothing about it is proved because something was not read."""
        return all(
            f.certainty is Certainty.SUSPECTED and set(f.gaps) - {ONCE} for f in self.findings
        )

    @property
    def places(self) -> tuple[str, ...]:
        """The cells and hosts that its findings name."""
        return tuple(sorted({place for f in self.findings for place in (f.cell, f.host) if place}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How often one check found something."""

    check: Check
    proved: int
    suspected: int


def rank(finding: Finding) -> tuple[bool, int, str, str]:
    """Order findings: the proved before the suspected, then the worst for the cloud first."""
    suspected = finding.certainty is not Certainty.PROVED
    return (suspected, finding.check.severity.rank, finding.code, finding.subject)


def by_vm(findings: Iterable[Finding]) -> tuple[Group, ...]:
    """Group findings by VM, the VM with the worst first; those without a VM come last."""
    members: dict[UUID | None, list[Finding]] = defaultdict(list)
    for finding in findings:
        members[finding.vm].append(finding)
    groups = [Group(vm=vm, findings=tuple(sorted(of, key=rank))) for vm, of in members.items()]
    return tuple(
        sorted(
            groups,
            key=lambda g: (g.vm is None, rank(g.findings[0])[:2], -len(g.findings), str(g.vm)),
        )
    )


def by_check(findings: Iterable[Finding]) -> tuple[Tally, ...]:
    """Count findings by check, the worst check first."""
    proved, suspected, checks = Counter[str](), Counter[str](), {}
    for finding in findings:
        checks[finding.code] = finding.check
        (proved if finding.certainty is Certainty.PROVED else suspected)[finding.code] += 1
    tallies = [
        Tally(check=check, proved=proved[code], suspected=suspected[code])
        for code, check in checks.items()
    ]
    return tuple(sorted(tallies, key=lambda t: (t.check.severity.rank, t.check.code)))


def by_gap(findings: Iterable[Finding]) -> tuple[tuple[str, int], ...]:
    """Count, for each thing that kept findings from being proved, how many it kept."""
    counted = Counter(gap for finding in findings for gap in finding.gaps)
    return tuple(sorted(counted.items(), key=lambda item: (-item[1], item[0])))
