"""Hosts under nova's name: what a host calls itself, and what nova calls it, need not be one.

nova writes `CONF.host` of nova-compute into its records: the `host` option, else the system's
host name, short or whole as the system has it (nova/conf/netconf.py). libvirt's name of the host
is `hypervisor_hostname`. A guess would make every VM of a host look strayed, so there is none:
where several names fit, the host counts as unread.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from stackfsck.catalogue import TABLES
from stackfsck.catalogue.table import Scope
from stackfsck.model.coverage import Outcome, Reading

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stackfsck.store.snapshot import Snapshot

NO_LIBVIRT = {"ironic", "VMware vCenter Server", "powervm", "hyperv", "fake", "zVM"}
"""Hypervisors whose VMs have no domain on the host of their nova-compute."""

NO_LIBVIRT_FOUND = "nova has a compute service here, but no libvirt was found: set libvirt_prefix"

HOST_TABLES = tuple(name for name, table in TABLES.items() if table.scope is Scope.HOST)

_COMPUTES = """
select distinct s.host, n.hypervisor_hostname as node, n.hypervisor_type as type
from nova.services as s
left join nova.compute_nodes as n on n.cell = s.cell and n.host = s.host and n.deleted = 0
where s."binary" = 'nova-compute' and s.deleted = 0 and s.host is not null
"""


@dataclass(frozen=True, slots=True)
class Named:
    """A host's name for nova, or why it has none that is certain; `doubt` spoils its readings."""

    name: str
    is_compute: bool = False
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Computes:
    """The compute services of all cells that were read; `gaps` names the cells that were not."""

    nodes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    without_libvirt: frozenset[str] = frozenset()
    gaps: tuple[str, ...] = ()


def name_hosts(snapshot: Snapshot) -> dict[str, str]:
    """Put nova's names in the place of the operator's, in rows and readings of hosts.

    Called once, behind the databases. Returns nova's name of each host, by the operator's.
    """
    computes = computes_of(snapshot)
    facts = {row["host"]: row for row in snapshot.query("from host.facts")}
    scopes = {r.scope for r in snapshot.coverage() if r.source in HOST_TABLES}
    named = {scope: name_of(scope, facts.get(scope), computes) for scope in sorted(scopes)}
    named = _doubt_twins(named)
    _rename(snapshot, {scope: one.name for scope, one in named.items()})
    _record_doubts(snapshot, named, facts, computes)
    return {scope: one.name for scope, one in named.items()}


def computes_of(snapshot: Snapshot) -> Computes:
    """Return the compute services that the snapshot knows."""
    nodes: dict[str, set[str]] = defaultdict(set)
    without = set()
    for row in snapshot.query(_COMPUTES):
        nodes[row["host"]].update([row["node"]] if row["node"] else [])
        if row["type"] in NO_LIBVIRT:
            without.add(row["host"])
    readings = [
        r for r in snapshot.coverage() if r.source in {"nova.services", "nova.compute_nodes"}
    ]
    gaps = tuple(str(r) for r in readings if not r.proves_absence)
    return Computes(
        {host: frozenset(names) for host, names in nodes.items()},
        frozenset(without),
        gaps or (() if readings else ("nova.services: not read",)),
    )


def name_of(called: str, facts: Mapping[str, Any] | None, computes: Computes) -> Named:
    """Return nova's name of a host that the operator calls so and that says this about itself."""
    if facts is None:
        # It was silent: only its whole name says which of nova's hosts was not read.
        return Named(called, is_compute=called in computes.nodes)
    told = facts["nova_host"]
    own = [name for name in (facts["hostname"], facts["fqdn"], called) if name]
    node = facts["hypervisor_hostname"]
    fitting = _fitting(told, own, node, computes)
    if len(fitting) == 1:
        return Named(fitting[0], is_compute=True)
    if fitting:
        names = ", ".join(fitting[:3])
        return Named(called, doubt=f"nova may mean this host by any of {names}")
    name = told or facts["hostname"] or called
    if told and _fitting(None, own, node, computes):
        return Named(called, doubt=f"its nova.conf says host = {told}, which nova does not know")
    if computes.gaps:
        return Named(name, doubt=f"nova's name of it is not certain ({computes.gaps[0]})")
    return Named(name)


def _fitting(told: str | None, own: list[str], node: str | None, computes: Computes) -> list[str]:
    """Return nova's hosts that this can be: by the strongest sign that any of them bears."""
    if told:
        return [told] if told in computes.nodes else []
    exact = {name for name in own if name in computes.nodes}
    by_node = {host for host, nodes in computes.nodes.items() if node in nodes}
    if exact or by_node:
        return sorted(exact | by_node)
    short = {_short(name) for name in own}
    return sorted(host for host in computes.nodes if _short(host) in short)


def _short(name: str) -> str:
    """Return a host's name without its domain, as it is compared."""
    return name.partition(".")[0].casefold()


def _doubt_twins(named: Mapping[str, Named]) -> dict[str, Named]:
    """Doubt every two hosts that turned out to be one for nova."""
    by_name: dict[str, list[str]] = defaultdict(list)
    for scope, one in named.items():
        by_name[one.name].append(scope)
    doubted = dict(named)
    for name, scopes in by_name.items():
        for scope in scopes if len(scopes) > 1 else ():
            doubt = f"{' and '.join(scopes)} both turned out to be nova's {name}"
            doubted[scope] = Named(scope, doubt=doubt)
    return doubted


def _rename(snapshot: Snapshot, names: Mapping[str, str]) -> None:
    """Put the new names into rows and readings, all at once: names may be swapped."""
    changed = {old: new for old, new in names.items() if old != new}
    if not changed:
        return
    cursor = snapshot.connection.cursor()
    try:
        renaming = pa.table({"old": list(changed), "new": list(changed.values())})
        cursor.register("renaming", renaming)
        for name in HOST_TABLES:
            cursor.execute(
                f'update {name} as t set "host" = r.new from renaming as r where t."host" = r.old'
            )
        listed = ", ".join(f"'{name}'" for name in HOST_TABLES)
        cursor.execute(
            "update run.coverage as c set scope = r.new from renaming as r"
            f" where c.scope = r.old and c.source in ({listed})"
        )
        cursor.unregister("renaming")
    finally:
        cursor.close()


def _record_doubts(
    snapshot: Snapshot,
    named: Mapping[str, Named],
    facts: Mapping[str, Mapping[str, Any]],
    computes: Computes,
) -> None:
    """Spoil the readings of hosts whose name, or whose libvirt, cannot be trusted.

    A second reading of a source never improves the first: the worse of the two counts.
    """
    doubts = {one.name: one.doubt for one in named.values() if one.doubt}
    bare = {
        one.name
        for scope, one in named.items()
        if one.is_compute and scope in facts and facts[scope]["libvirt"] is False
    } - computes.without_libvirt
    spoiled = []
    for reading in snapshot.coverage():
        if reading.source not in HOST_TABLES:
            continue
        if reading.scope in doubts:
            spoiled.append(_spoiled(reading, doubts[reading.scope]))
        elif reading.scope in bare and reading.source.startswith("libvirt."):
            spoiled.append(_spoiled(reading, NO_LIBVIRT_FOUND))
    snapshot.cover(*spoiled)


def _spoiled(reading: Reading, reason: str) -> Reading:
    """Return a reading that lets no absence be believed."""
    return Reading(
        source=reading.source, scope=reading.scope, outcome=Outcome.PARTIAL, reason=reason
    )
