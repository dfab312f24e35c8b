"""Two looks make a proof: what is still there, and still rests on complete readings, is proved."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from stackfsck.model.finding import Certainty, Finding, Held, HeldWhy, Judgement, Unjudged

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stackfsck.judge.look import Sighting

ONCE = "looked at only once"
"""The gap of a finding that nobody looked at a second time."""

Identity = tuple[str, str, str, str]


def once(first: Sighting) -> Judgement:
    """Conclude from a single look: it can only suspect."""
    findings = tuple(replace(f, gaps=(*f.gaps, ONCE)) for f in first.suspects)
    return Judgement(findings=_ordered(findings), held=first.held, unjudged=first.unjudged)


def twice(first: Sighting, second: Sighting) -> Judgement:
    """Conclude from two looks at the same cloud, taken apart.

    The second one need not hold every table, but all that the suspects of the first rest on.
    A finding is told as the second look saw it; one that only the second look saw was born
    between the two and waits for the next run.
    """
    again = {identity(f): f for f in second.suspects}
    waiting = {(h.code, h.subject): h for h in second.held}
    findings: list[Finding] = []
    held: list[Held] = list(first.held)
    for suspect in first.suspects:
        seen = again.get(identity(suspect))
        if seen is None:
            held.append(waiting.get((suspect.code, suspect.subject)) or _gone(suspect))
            continue
        gaps = tuple(dict.fromkeys(suspect.gaps + seen.gaps))
        certainty = Certainty.SUSPECTED if gaps else Certainty.PROVED
        findings.append(replace(seen, gaps=gaps, certainty=certainty))
    return Judgement(
        findings=_ordered(findings),
        held=tuple(held),
        unjudged=_merged(first.unjudged, second.unjudged, {f.code for f in first.suspects}),
    )


def identity(finding: Finding) -> Identity:
    """Return what makes two sightings the same finding."""
    return (finding.code, finding.subject, finding.cell, finding.host)


def _gone(suspect: Finding) -> Held:
    """Note that a suspect was not there any more."""
    return Held(code=suspect.code, subject=suspect.subject, vm=suspect.vm, why=HeldWhy.GONE)


def _ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Put the worst first; within a check by subject, so that two runs read alike."""
    return tuple(sorted(findings, key=lambda f: (f.check.severity.rank, f.code, f.host, f.subject)))


def _merged(
    first: Iterable[Unjudged], second: Iterable[Unjudged], looked_for: set[str]
) -> tuple[Unjudged, ...]:
    """Join what two looks missed; the second counts only for what it looked for."""
    missing: dict[str, tuple[str, ...]] = {u.code: u.missing for u in first}
    for u in second:
        if u.code in looked_for:
            missing[u.code] = tuple(dict.fromkeys(missing.get(u.code, ()) + u.missing))
    return tuple(Unjudged(code=code, missing=gaps) for code, gaps in sorted(missing.items()))
