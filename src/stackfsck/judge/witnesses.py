"""Who speaks for a VM and who against it, and what they come to.

A record speaks by being there; its absence speaks only when the place where it should be was read
to its end. Where nobody could be asked, that is said, too, and the verdict is only suspected.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stackfsck.model.dossier import Relation, Speaks, Verdict, Witness

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stackfsck.judge.traces import Row, Traces
    from stackfsck.model.coverage import Reading
    from stackfsck.store.snapshot import Snapshot

# States in which nova itself has taken the domain away (or never made one).
_WITHOUT_DOMAIN = frozenset({"shelved_offloaded", "building", "error", "deleted"})
# Domain states in which a guest holds its disks and addresses.
_RUNNING = frozenset({"running", "paused", "in shutdown", "idle", "pmsuspended"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What the witnesses are asked about: the traces, the transit, the coverage."""

    traces: Traces
    transit: tuple[str, ...]
    places: frozenset[str]
    coverage: tuple[Reading, ...]

    @property
    def live(self) -> list[Row]:
        """The instance records that nova does not call deleted."""
        return [r for r in self.traces.of("nova.instances", Relation.TRACE) if not r.deleted]

    @property
    def dead(self) -> list[Row]:
        """The instance records that nova calls deleted."""
        return [r for r in self.traces.of("nova.instances", Relation.TRACE) if r.deleted]

    @property
    def domains(self) -> list[Row]:
        """The VM's libvirt domains."""
        return self.traces.of("libvirt.domains", Relation.TRACE)

    @property
    def processes(self) -> list[Row]:
        """The VM's qemu processes on hosts where libvirt knows no domain of it."""
        known = {row.name.scope for row in self.domains}
        rows = self.traces.of("libvirt.processes", Relation.TRACE)
        return [row for row in rows if row.name.scope not in known]

    @property
    def guests(self) -> frozenset[str]:
        """The hosts on which the VM has a domain or a process."""
        return frozenset(row.name.scope for row in [*self.domains, *self.processes])

    @property
    def running(self) -> frozenset[str]:
        """The hosts on which the VM runs."""
        hosts = {r.name.scope for r in self.domains if r.values.get("state") in _RUNNING}
        return frozenset(hosts | {r.name.scope for r in self.processes})

    def unread(self, source: str, scopes: frozenset[str] = frozenset()) -> tuple[Reading, ...]:
        """Return the readings of a source (of these scopes; default all) that prove no absence."""
        readings = [r for r in self.coverage if r.source == source]
        return tuple(
            r for r in readings if not r.proves_absence and (not scopes or r.scope in scopes)
        )

    def was_read(self, source: str, scope: str = "") -> bool:
        """Whether a source was read to its end, in this scope or (without one) in all."""
        readings = [r for r in self.coverage if r.source == source and scope in {"", r.scope}]
        return bool(readings) and all(r.proves_absence for r in readings)


def scene_of(snapshot: Snapshot, traces: Traces) -> Scene:
    """Gather what the witnesses speak about; the snapshot has to have its shared views."""
    transit = snapshot.query(
        "select distinct reason from vm.in_transit where uuid = ? order by reason", [traces.vm]
    )
    places = snapshot.query("select distinct host from vm.places where uuid = ?", [traces.vm])
    return Scene(
        traces=traces,
        transit=tuple(row["reason"] for row in transit),
        places=frozenset(row["host"] for row in places if row["host"]),
        coverage=snapshot.coverage(),
    )


def witnesses_of(scene: Scene) -> tuple[Witness, ...]:
    """Let every witness speak: nova first, then the hosts, then those that hold something."""
    return tuple(witness for speak in WITNESSES for witness in speak(scene))


def _nova(scene: Scene) -> Iterator[Witness]:
    for row in scene.live:
        state = " ".join(filter(None, (row.values["vm_state"], row.values["task_state"])))
        where = f" on {row.values['host']}" if row.values["host"] else ", on no host"
        yield Witness(
            speaks=Speaks.DEAD if row.values["vm_state"] == "deleted" else Speaks.ALIVE,
            sentence=f"Nova has a live record in {row.name.scope}: {state or 'no state'}{where}.",
            record=row.name,
        )
    for row in scene.dead:
        when = f" at {row.values['deleted_at']}" if row.values.get("deleted_at") else ""
        yield Witness(
            speaks=Speaks.DEAD,
            sentence=f"Nova marked its record in {row.name.scope} as deleted{when}.",
            record=row.name,
        )


def _nova_absence(scene: Scene) -> Iterator[Witness]:
    if not scene.live and not scene.dead and scene.was_read("nova.instances"):
        yield Witness(speaks=Speaks.DEAD, sentence="No cell has a record of it, deleted or not.")
    for reading in scene.unread("nova.instances"):
        yield Witness(speaks=Speaks.SILENT, sentence=f"Not read to its end: {reading}.")


def _api(scene: Scene) -> Iterator[Witness]:
    for row in scene.traces.of("nova_api.build_requests", Relation.TRACE):
        yield Witness(
            speaks=Speaks.MOVING,
            sentence="The API still has a request to build it.",
            record=row.name,
        )


def _transit(scene: Scene) -> Iterator[Witness]:
    for reason in scene.transit:
        yield Witness(speaks=Speaks.MOVING, sentence=f"Nova has it in transit: {reason}.")


def _domains(scene: Scene) -> Iterator[Witness]:
    for row in scene.domains:
        yield Witness(
            speaks=Speaks.ALIVE,
            sentence=f"Libvirt on {row.name.scope} has its domain ({row.values['state']}).",
            record=row.name,
        )
    for row in scene.processes:
        yield Witness(
            speaks=Speaks.ALIVE,
            sentence=f"On {row.name.scope} its qemu process {row.values['pid']} runs "
            "without a libvirt domain.",
            record=row.name,
        )


def _domain_absence(scene: Scene) -> Iterator[Witness]:
    for host in sorted(scene.places - scene.guests):
        if scene.was_read("libvirt.domains", host):
            yield Witness(
                speaks=Speaks.DEAD,
                sentence=f"Libvirt on {host}, where it should be, has no domain.",
            )
        else:
            yield Witness(speaks=Speaks.SILENT, sentence=f"The domains of {host} were not read.")
    if not scene.places and not scene.guests and scene.was_read("libvirt.domains"):
        yield Witness(speaks=Speaks.DEAD, sentence="No host has a domain of it.")


# table -> what a record of it holds, in one and in many words
_HOLDERS = {
    "placement.allocations": ("an allocation", "allocations"),
    "cinder.volume_attachment": ("a volume attachment", "volume attachments"),
    "neutron.ports": ("a port", "ports"),
    "host.instance_dirs": ("an instance directory", "instance directories"),
    "ceph.images": ("a Ceph image", "Ceph images"),
    "vswitch.interfaces": ("a switch port", "switch ports"),
    "memcached.tokens": ("a console token", "console tokens"),
}


def _holders(scene: Scene) -> Iterator[Witness]:
    for table, (one, many) in _HOLDERS.items():
        rows = [r for r in scene.traces.of(table, Relation.TRACE) if not r.deleted]
        if rows:
            what = one if len(rows) == 1 else f"{len(rows)} {many}"
            where = sorted({r.name.scope for r in rows if r.name.scope})
            yield Witness(
                speaks=Speaks.ALIVE,
                sentence=f"It still has {what}{' on ' + ', '.join(where) if where else ''}.",
                record=rows[0].name if len(rows) == 1 else None,
            )


WITNESSES = (_nova, _nova_absence, _api, _transit, _domains, _domain_absence, _holders)
"""In the order in which they are heard."""


def verdict_of(scene: Scene) -> tuple[Verdict, str]:
    """Return what the witnesses come to, and a sentence that says why."""
    if scene.transit:
        return Verdict.TRANSIT, f"Wait before judging it: {scene.transit[0]}."
    if len(scene.running) > 1:
        hosts = " and ".join(sorted(scene.running))
        return Verdict.SPLIT, f"It runs on {hosts} at once: its disks are written by both."
    return _verdict_of_living(scene) if _stands(scene) else _verdict_of_dead(scene)


def _stands(scene: Scene) -> bool:
    """Whether nova has a record that it does not call deleted in any way."""
    return any(row.values["vm_state"] != "deleted" for row in scene.live)


def _verdict_of_living(scene: Scene) -> tuple[Verdict, str]:
    row = next(row for row in scene.live if row.values["vm_state"] != "deleted")
    host, state = row.values["host"], row.values["vm_state"]
    strangers = sorted(scene.guests - scene.places)
    if strangers:
        return Verdict.STRAY, f"Nova has it on {host}, but a domain is on {', '.join(strangers)}."
    if scene.guests:
        return Verdict.ALIVE, f"Nova has it {state} on {host}, and the host agrees."
    if state in _WITHOUT_DOMAIN or not host:
        return Verdict.ALIVE, f"Nova has it {state}; no domain has to be there."
    if not scene.was_read("libvirt.domains", host):
        return Verdict.OPEN, f"Nova has it {state} on {host}, whose domains were not read."
    return Verdict.ZOMBIE, f"Nova has it {state} on {host}, but that host has no domain of it."


def _verdict_of_dead(scene: Scene) -> tuple[Verdict, str]:
    gone = "marked as deleted" if scene.dead else "unknown"
    if scene.guests:
        hosts = ", ".join(sorted(scene.guests))
        return Verdict.GHOST, f"In Nova it is {gone}, but its domain is on {hosts}."
    remains = [r for r in scene.traces.rows.values() if _remains(r)]
    if remains:
        stores = sorted({row.table.store for row in remains})
        return Verdict.REMAINS, f"In Nova it is {gone}; traces are left in {', '.join(stores)}."
    if scene.dead:
        return Verdict.GONE, "It was deleted and has left nothing but deleted records."
    return Verdict.OPEN, "No store that was read knows more of it."


# What a deleted VM leaves until nova's own archiving: its books are not remains.
_BOOKS = frozenset(
    {
        "nova_api.instance_mappings",
        "nova_api.request_specs",
        "nova.instance_actions",
        "nova.instance_actions_events",
    }
)


def _remains(row: Row) -> bool:
    return row.relation is Relation.TRACE and not row.deleted and row.table.name not in _BOOKS


# Which sources have a word to say, whatever the verdict.
_DECIDING = ("nova.instances", "nova.migrations", "nova_api.build_requests")


def gaps_of(scene: Scene, verdict: Verdict) -> tuple[Reading, ...]:
    """Return the readings that could have turned the verdict and were not read to their end.

    A domain that nobody could see matters for every verdict, but for a living VM only on the
    hosts where it may be: that it should be elsewhere *as well* is a finding of the checks.
    """
    hosts = scene.places if verdict in {Verdict.ALIVE, Verdict.ZOMBIE} else frozenset()
    deciding = [reading for source in _DECIDING for reading in scene.unread(source)]
    return (*deciding, *scene.unread("libvirt.domains", hosts))
