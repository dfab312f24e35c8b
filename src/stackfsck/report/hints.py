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

_OTHERWISE = "`stackfsck doctor` tries every source and says what is missing."
# Words of a reason, and the way on for a database and for a host; the first that fits is told.
_BY_REASON = (
    (
        ("access denied", "password", "authentication", "refused the login"),
        "Correct the user and password in the settings.",
        "Let this account log in there, or name another under [ssh] in the settings.",
    ),
    (
        ("host key",),
        _OTHERWISE,
        "Compare the host's key, then add it to known_hosts.",
    ),
    (
        ("permission", "command denied", "privilege", "may not be read", "sudo"),
        "Grant the account `select` on it.",
        "Let the account run the probe as root: `sudo = true` under [ssh] in the settings.",
    ),
    (
        ("not in the configuration", "not configured", "is told to", "not known which"),
        "Name it under [databases] in the settings.",
        "Add it under [[hosts]] in the settings, by nova's name of it.",
    ),
    (
        (
            "unknown database",
            "does not exist",
            "not a database of",
            "no tables",
            "no database file",
        ),
        "Name the right database in the settings.",
        _OTHERWISE,
    ),
    (
        ("refused", "unreachable", "reached", "no route", "answer", "timed out", "timeout"),
        "Is the server up, and its address right?",
        "Is the host up, and its address right? If it is gone for good, delete its nova service.",
    ),
    (
        ("certificate", "tls", "ssl"),
        "Correct the certificates named in the connection.",
        _OTHERWISE,
    ),
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
    """Return what to do about a reason; `family` is the store, or ``host`` for all of a host's."""
    said = reason.casefold()
    for words, of_database, of_host in _BY_REASON:
        if any(word in said for word in words):
            return of_host if family in {"host", "ceph"} else of_database
    return _OTHERWISE
