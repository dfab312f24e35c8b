"""A whole cloud into one snapshot: hosts first, because they are slow, then the databases."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from stackfsck.catalogue import TABLES
from stackfsck.catalogue.ceph import IMAGES
from stackfsck.catalogue.table import Scope
from stackfsck.collect.databases import EVERYTHING, Wanted, read_databases
from stackfsck.collect.hosts import read_hosts
from stackfsck.collect.memcached import read_tokens
from stackfsck.collect.naming import computes_of, name_hosts
from stackfsck.collect.watchers import count_watchers
from stackfsck.model.coverage import Outcome, Reading

if TYPE_CHECKING:
    from stackfsck.clients.hosts.base import Host
    from stackfsck.clients.memcached import Memcached
    from stackfsck.collect.places import Place
    from stackfsck.model.watch import Watch
    from stackfsck.store.snapshot import Snapshot

NOT_NAMED = "the host is not in the configuration"

HOST_STORES = frozenset(t.store for t in TABLES.values() if t.scope is Scope.HOST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """Everything of a cloud that can be read: its databases, its hosts, its token caches.

    `asker` is the host that asks Ceph, `parallel` the number of hosts read at once.
    """

    places: tuple[Place, ...] = ()
    hosts: tuple[Host, ...] = ()
    caches: tuple[Memcached, ...] = ()
    asker: str = ""
    parallel: int = 32
    notes: tuple[str, ...] = field(default=())


def collect(cloud: Cloud, snapshot: Snapshot, watch: Watch, wanted: Wanted = EVERYTHING) -> None:
    """Read what is wanted of a cloud into an empty snapshot.

    Never raises for what cannot be read: that is coverage, and so is a compute host that nova
    knows and that nobody reads.
    """
    tables = _host_tables(wanted)
    began = datetime.now(UTC).replace(tzinfo=None)
    if tables:
        read_hosts(cloud.hosts, snapshot, watch, tables, cloud.parallel, cloud.asker)
    read_databases(cloud.places, snapshot, watch, wanted)
    read_tokens(cloud.caches, snapshot, watch, wanted.tables)
    if tables:
        name_hosts(snapshot)
        _cover_unread_hosts(snapshot, tables)
        _cover_unread_pools(snapshot, tables)
    asker = next((host for host in cloud.hosts if host.name == cloud.asker), None)
    if asker and IMAGES.name in tables:
        count_watchers(asker, snapshot, watch)
    snapshot.note("read_at", began.isoformat())  # last: a collection cut short does not have it


def _host_tables(wanted: Wanted) -> list[str]:
    """Return the wanted tables that hosts are asked for."""
    stores = HOST_STORES | {"ceph"}
    chosen = [t.name for t in TABLES.values() if t.store in stores and t in wanted]
    # Who a host is has to be known before anything else it says can be believed.
    return ["host.facts", *(n for n in chosen if n != "host.facts")] if chosen else []


def _cover_unread_hosts(snapshot: Snapshot, tables: list[str]) -> None:
    """Record that nobody reads a compute host that nova knows.

    Hypervisors that are not libvirt's (Ironic, VMware) have nothing to read on that host.
    """
    read = {r.scope for r in snapshot.coverage() if r.source == "host.facts"}
    computes = computes_of(snapshot)
    wanted = [name for name in tables if TABLES[name].scope is Scope.HOST]
    snapshot.cover(
        *(
            Reading(
                source=name,
                scope=host,
                outcome=Outcome.NONE if host in computes.without_libvirt else Outcome.FAILED,
                reason=NOT_NAMED,
            )
            for host in sorted(computes.nodes.keys() - read)
            for name in wanted
        )
    )


def _cover_unread_pools(snapshot: Snapshot, tables: list[str]) -> None:
    """Record that no host was asked for Ceph's images, unless one answered.

    That is a gap only in a cloud that has disks in Ceph: some domain would show one.
    """
    asked = {r.source for r in snapshot.coverage()}
    uses = snapshot.query("select 1 from libvirt.disks where protocol = 'rbd' limit 1")
    snapshot.cover(
        *(
            Reading(
                source=name,
                outcome=Outcome.FAILED if uses else Outcome.NONE,
                reason="no host is told to read pools",
            )
            for name in tables
            if TABLES[name].store == "ceph" and name not in asked
        )
    )
