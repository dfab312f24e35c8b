"""Console tickets of old clouds into the snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stackfsck.catalogue.memcached import TOKENS
from stackfsck.model.coverage import Outcome, Reading
from stackfsck.model.errors import Unreadable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from stackfsck.clients.memcached import Memcached
    from stackfsck.model.watch import Watch
    from stackfsck.store.snapshot import Snapshot


def read_tokens(
    caches: Iterable[Memcached],
    snapshot: Snapshot,
    watch: Watch,
    tables: Collection[str] | None = None,
) -> None:
    """Read the tickets of these servers; without a server there is nothing that could be missing.

    Called behind the databases: entries are told by the VMs that those know. Every server is a
    scope of its own. Of `tables` only ``memcached.tokens`` counts.
    """
    if tables is not None and TOKENS.name not in tables:
        return
    caches = list(caches)
    if not caches:
        reason = "no memcached server is named; tickets lapse by themselves"
        snapshot.cover(Reading(source=TOKENS.name, outcome=Outcome.NONE, reason=reason))
    known = _vms(snapshot) if caches else []
    for cache in caches:
        _read_one(cache, known, snapshot, watch)


def _vms(snapshot: Snapshot) -> list[str]:
    """Return every VM that nova has a row of: only hashes of their UUIDs are kept as keys."""
    rows = snapshot.query(
        "select uuid::varchar as vm from nova.instances "
        "union select uuid::varchar from nova.shadow_instances"
    )
    return [row["vm"] for row in rows if row["vm"]]


def _read_one(cache: Memcached, known: list[str], snapshot: Snapshot, watch: Watch) -> None:
    """Read the tickets of one server."""
    label = f"memcached {cache.server}"
    watch.begin(label)
    outcome, reason, rows = Outcome.COMPLETE, "", 0
    try:
        tokens = cache.tokens(known)
    except Unreadable as error:
        outcome, reason = Outcome.FAILED, " ".join(filter(None, (str(error), error.next_step)))
    else:
        rows = snapshot.add_rows(
            TOKENS,
            "",
            (
                {
                    "server": cache.server,
                    "key": token.key,
                    "instance": token.instance,
                    "expires": token.expires,
                }
                for token in tokens
            ),
        ).rows
    reading = Reading(
        source=TOKENS.name, scope=cache.server, outcome=outcome, reason=reason, rows=rows
    )
    snapshot.cover(reading)
    watch.end(label, reading)
