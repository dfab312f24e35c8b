"""How to make readable what could not be read: the operator's next step for each kind of gap."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stackfsck.model.coverage import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stackfsck.model.coverage import Reading

FEW = 3  # hosts that are named one by one
_HOST_STORES = frozenset({"libvirt", "vswitch", "host"})

_OTHERWISE = "`stackfsck doctor` tries every source and says what is missing."
# Words of a reason, and the way on for a database and for a host; the first that fits is told.
_BY_REASON = (
    (
        ("no host is told",),
        _OTHERWISE,
        "Name a host that may ask Ceph, and the pools, under [ceph] in the settings.",
    ),
    (
        ("not certain",),
        "It follows from another gap: close that first.",
        "It follows from another gap: close that first.",
    ),
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
        ("not in the configuration", "not configured", "not known which"),
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
    """Readings that failed together: one store (or the hosts), one reason."""

    place: str
    reason: str
    tables: tuple[str, ...]
    outcome: Outcome
    way_on: str
    readings: frozenset[str]


def gaps_of(readings: Iterable[Reading]) -> tuple[Gap, ...]:
    """Group the readings that prove no absence by their store and reason, databases first."""
    groups: dict[tuple[bool, str, str], list[Reading]] = defaultdict(list)
    for reading in readings:
        if not reading.proves_absence:
            family = _family(reading.source)
            groups[family == "host", family, reading.reason].append(reading)
    return tuple(_gap(family, reason, of) for (_, family, reason), of in sorted(groups.items()))


def _family(source: str) -> str:
    store = source.partition(".")[0]
    return "host" if store in _HOST_STORES else store


def _gap(family: str, reason: str, members: list[Reading]) -> Gap:
    failed = any(member.outcome is Outcome.FAILED for member in members)
    scopes = sorted({member.scope for member in members if member.scope})
    return Gap(
        place=_place(family, scopes),
        reason=reason or "no reason was given",
        tables=tuple(sorted({member.source for member in members})),
        outcome=Outcome.FAILED if failed else Outcome.PARTIAL,
        way_on=way_on(reason, family),
        readings=frozenset(map(str, members)),
    )


def _place(family: str, scopes: list[str]) -> str:
    """Name where a gap is: `nova cell2`, `compute-07`, `8 hosts (compute-13 … compute-20)`."""
    if family == "host" and len(scopes) > FEW:
        return f"{len(scopes)} hosts ({scopes[0]} … {scopes[-1]})"
    names = ", ".join(scopes)
    return names if family == "host" and names else " ".join(filter(None, (family, names)))


def way_on(reason: str, family: str) -> str:
    """Return what to do about a reason; `family` is the store, or ``host`` for all of a host's."""
    said = reason.casefold()
    for words, of_database, of_host in _BY_REASON:
        if any(word in said for word in words):
            return of_host if family in {"host", "ceph"} else of_database
    return _OTHERWISE
