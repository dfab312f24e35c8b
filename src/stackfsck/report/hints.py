"""How to make readable what could not be read: the operator's next step for each kind of gap."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stackfsck.model.coverage import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stackfsck.model.coverage import Reading

_HOST_STORES = frozenset({"libvirt", "vswitch", "host"})

# (words of a reason, what to do), the first that fits is told.
_BY_REASON = (
    (
        ("access denied", "password", "authentication failed"),
        "Correct the user and password{place}.",
    ),
    (
        ("permission denied", "command denied", "privilege"),
        "Grant the user the right to read{place}.",
    ),
    (("unknown database", "does not exist", "no such table"), "Name the right database{place}."),
    (("host key", "known_hosts"), "Add the host's key to known_hosts, after comparing it."),
    (
        ("refused", "unreachable", "no route", "timed out", "timeout"),
        "Is it up and reachable{place}?",
    ),
    (("not known", "name or service", "resolve"), "Is the name right{place}?"),
    (("not configured", "no settings", "not set"), "Say in stackfsck.toml how to reach it{place}."),
    (("disabled",), "The cell is disabled; enable it or read it by its own settings."),
    (("certificate", "tls", "ssl"), "Correct the certificates{place}."),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Readings that failed together: one store (or host), one reason."""

    place: str
    reason: str
    tables: tuple[str, ...]
    outcome: Outcome
    way_on: str


def gaps_of(readings: Iterable[Reading]) -> tuple[Gap, ...]:
    """Group the readings that prove no absence by where they failed and why, biggest first."""
    groups: dict[tuple[str, str, str], list[Reading]] = defaultdict(list)
    for reading in readings:
        if not reading.proves_absence:
            groups[_family(reading.source), reading.scope, reading.reason].append(reading)
    gaps = [_gap(*key, members) for key, members in groups.items()]
    return tuple(sorted(gaps, key=lambda gap: (-len(gap.tables), gap.place, gap.reason)))


def _family(source: str) -> str:
    store = source.partition(".")[0]
    return "host" if store in _HOST_STORES else store


def _gap(family: str, scope: str, reason: str, members: list[Reading]) -> Gap:
    failed = any(member.outcome is Outcome.FAILED for member in members)
    place = scope if family == "host" and scope else " ".join(filter(None, (family, scope)))
    return Gap(
        place=place,
        reason=reason or "no reason was given",
        tables=tuple(sorted({member.source for member in members})),
        outcome=Outcome.FAILED if failed else Outcome.PARTIAL,
        way_on=way_on(reason, family),
    )


def way_on(reason: str, family: str) -> str:
    """Return what to do about a reason; the family says which part of the settings is meant."""
    said = reason.casefold()
    place = " of the hosts" if family == "host" else f" of {family}'s database"
    for words, what in _BY_REASON:
        if any(word in said for word in words):
            return what.format(place=place)
    return "`stackfsck doctor` tries every source and says what is missing."
