"""The order of reading and judging: collect, join, look, look again."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from stackfsck.catalogue import TABLES
from stackfsck.clients.connections import sources
from stackfsck.clients.hosts.choose import hosts_of
from stackfsck.clients.memcached import cache_of
from stackfsck.clients.services import Services
from stackfsck.clients.settings import Settings
from stackfsck.collect.cloud import HOST_STORES, Cloud, collect
from stackfsck.collect.databases import EVERYTHING, Wanted
from stackfsck.collect.doctor import of_hosts, try_databases
from stackfsck.collect.find import Search
from stackfsck.collect.places import Place
from stackfsck.join import definitions, join
from stackfsck.judge.conclude import once, twice
from stackfsck.judge.dossier import dossier_of, seen_twice
from stackfsck.judge.look import Rules, Sighting, look
from stackfsck.judge.tables import TableFinder
from stackfsck.judge.whose import vm_of
from stackfsck.model.coverage import Reading
from stackfsck.model.errors import BadSnapshot, Misused, NotFound
from stackfsck.model.finding import Finding
from stackfsck.model.inquiry import Inquiry, Limits, Probe
from stackfsck.store.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from stackfsck.model.check import Check
    from stackfsck.model.dossier import Dossier
    from stackfsck.model.watch import Watch

SURROUNDINGS = frozenset(
    {"nova.services", "nova.compute_nodes", "nova_api.cell_mappings"}
    | {t.name for t in TABLES.values() if t.store in HOST_STORES or t.store == "ceph"}
)
"""What a trace reads whole: who the hosts are, and what they hold."""

AGAIN = "looking again"
"""What the watch is told between the two looks."""

JUDGING = "judging"

MANY = 20
"""From so many checks on, a first look reads the whole cloud, so that its snapshot is of use."""


@dataclass(frozen=True, slots=True)
class _Look:
    """One snapshot, looked at."""

    sighting: Sighting
    coverage: tuple[Reading, ...]
    read_at: datetime
    presence: dict[str, int]


def check(
    cloud: Cloud,
    checks: Sequence[Check],
    limits: Limits,
    watch: Watch,
    keep: Path | None = None,
) -> Inquiry:
    """Read a cloud, judge it, and look again at every suspect.

    The first look's snapshot stays at `keep` when that is given; the second's goes. Raises
    BadCheck for a check that cannot be asked, and BadSnapshot when `keep` cannot be written.
    """
    began = _now()
    finder = TableFinder(definitions())
    with TemporaryDirectory(prefix="stackfsck-") as folder:
        path = keep or Path(folder) / "first.duckdb"
        first = _read_and_look(cloud, path, checks, limits, watch, _needed(checks, finder))
        judgement, second = twice(first.sighting, _NOTHING), None
        if suspects := first.sighting.suspects:
            _wait(limits, watch)
            again = _checks_of(suspects, checks)
            path = Path(folder) / "second.duckdb"
            wanted = Wanted(_tables(again, finder))
            second = _read_and_look(cloud, path, again, limits, watch, wanted)
            judgement = twice(first.sighting, second.sighting)
    return Inquiry(
        judgement=judgement,
        coverage=_worst(first.coverage, second.coverage if second else ()),
        began=began,
        ended=_now(),
        looks=2,
        checks=tuple(check.code for check in checks),
        snapshot=keep,
        presence=first.presence,
        notes=cloud.notes,
    )


def check_snapshots(paths: Sequence[Path], checks: Sequence[Check], limits: Limits) -> Inquiry:
    """Judge one snapshot (which can only suspect) or two of the same cloud, in any order.

    Raises BadSnapshot, and Misused for two snapshots that are the same reading.
    """
    began = _now()
    finder = TableFinder(definitions())
    looks = sorted((_look_at(p, checks, limits, finder) for p in paths), key=lambda k: k.read_at)
    first, last = looks[0], looks[-1]
    if len(looks) > 1 and first.read_at == last.read_at:
        raise Misused(
            "both snapshots are of the same reading",
            next_step="Give two that were collected one after the other.",
        )
    one = len(looks) == 1
    return Inquiry(
        judgement=once(first.sighting) if one else twice(first.sighting, last.sighting),
        coverage=_worst(first.coverage, () if one else last.coverage),
        began=began,
        ended=_now(),
        looks=len(looks),
        checks=tuple(check.code for check in checks),
        snapshot=paths[0],
        presence=first.presence,
    )


def collect_to(cloud: Cloud, path: Path, watch: Watch) -> tuple[Reading, ...]:
    """Read a whole cloud into a snapshot file and return its coverage; raises BadSnapshot."""
    with Snapshot.create(path) as snapshot:
        collect(cloud, snapshot, watch)
        return snapshot.coverage()


def trace(cloud: Cloud, word: str, limits: Limits, watch: Watch) -> Dossier:
    """Tell everything about the VM that a word means, by point reads.

    The databases are asked for this VM only; the hosts are read whole, because a domain may be
    where nobody expects it. What looks wrong is looked at again. Raises NotFound, Misused with
    the candidates, and Unreadable when the VM may stand where nobody could read.
    """
    first = _trace_once(cloud, word, limits, watch)
    if not first.verdict.accuses:
        return first
    _wait(limits, watch)
    return seen_twice(first, _trace_once(cloud, str(first.vm), limits, watch))


def _trace_once(cloud: Cloud, word: str, limits: Limits, watch: Watch) -> Dossier:
    """Look at one VM once."""
    with TemporaryDirectory(prefix="stackfsck-") as folder:
        path = Path(folder) / "trace.duckdb"
        with Snapshot.create(path) as snapshot:
            collect(cloud, snapshot, watch, Wanted(SURROUNDINGS))
            with Search(cloud.places, snapshot, watch) as search:
                search.ask_for(word)
                search.follow(vm_of(snapshot, word, search.readings))
        return trace_snapshot(path, word, limits)


def trace_snapshot(path: Path, word: str, limits: Limits) -> Dossier:
    """Tell everything that a snapshot knows about the VM that a word means."""
    with Snapshot.open(path) as snapshot:
        join(snapshot, now=read_at(snapshot), stuck_after=limits.stuck_after)
        return dossier_of(snapshot, vm_of(snapshot, word), grace=limits.grace)


def doctor(settings: Settings, watch: Watch) -> tuple[Probe, ...]:
    """Try every source of a cloud the way a check reads it."""
    cloud = cloud_of(settings)
    databases = tuple(try_databases(cloud.places, watch))
    with (
        TemporaryDirectory(prefix="stackfsck-") as folder,
        Snapshot.create(Path(folder) / "doctor.duckdb") as snapshot,
    ):
        collect(cloud, snapshot, watch, Wanted(SURROUNDINGS | {"memcached.tokens"}))
        return (*databases, *of_hosts(snapshot.coverage()))


def fit_checks(checks: Iterable[Check]) -> None:
    """Raise BadCheck for the first check that reads what it does not declare."""
    finder = TableFinder(definitions())
    for one in checks:
        finder.refuse_unfit(one)


def chosen(checks: Sequence[Check], codes: Iterable[str]) -> tuple[Check, ...]:
    """Return the checks with these codes (all when there are none); raises NotFound."""
    wanted = {code.upper() for code in codes}
    unknown = sorted(wanted - {check.code for check in checks})
    if unknown:
        raise NotFound(
            f"there is no check {', '.join(unknown)}", next_step="See `stackfsck explain --all`."
        )
    return tuple(check for check in checks if not wanted or check.code in wanted)


_NOTHING = Sighting(suspects=(), held=(), unjudged=())


def _read_and_look(
    cloud: Cloud,
    path: Path,
    checks: Sequence[Check],
    limits: Limits,
    watch: Watch,
    wanted: Wanted,
) -> _Look:
    """Read what is wanted and look at it."""
    with Snapshot.create(path) as snapshot:
        collect(cloud, snapshot, watch, wanted)
    return _look_at(path, checks, limits, TableFinder(definitions()), watch)


def _look_at(
    path: Path,
    checks: Sequence[Check],
    limits: Limits,
    finder: TableFinder,
    watch: Watch | None = None,
) -> _Look:
    """Join and judge one snapshot."""
    with Snapshot.open(path) as snapshot:
        now = read_at(snapshot)
        join(snapshot, now=now, stuck_after=limits.stuck_after)
        rules = Rules(now=now, grace=limits.grace, transit=finder.transit)
        return _Look(
            sighting=look(snapshot, checks, rules, _telling(watch, len(checks))),
            coverage=snapshot.coverage(),
            read_at=now,
            presence=_presence(snapshot),
        )


def _telling(watch: Watch | None, total: int) -> Callable[[Check], None]:
    """Return what tells a watch which check is being asked."""
    if watch is None:
        return lambda _: None
    watch.begin(JUDGING, total)
    return lambda _: watch.step(JUDGING)


def _needed(checks: Iterable[Check], finder: TableFinder) -> Wanted:
    """Return what a first look reads: everything, unless only some checks are asked."""
    checks = tuple(checks)
    return EVERYTHING if len(checks) >= MANY else Wanted(_tables(checks, finder))


def _tables(checks: Iterable[Check], finder: TableFinder) -> frozenset[str]:
    """Return the tables that these checks, and every judgement, rest on."""
    tables = finder.transit | finder.tables_of("from vm.changed")
    for one in checks:
        tables |= one.tables
    return tables


def _checks_of(findings: Iterable[Finding], checks: Sequence[Check]) -> tuple[Check, ...]:
    """Return the checks that found something."""
    codes = {finding.code for finding in findings}
    return tuple(one for one in checks if one.code in codes)


def _wait(limits: Limits, watch: Watch) -> None:
    """Let time pass between the two looks."""
    seconds = limits.pause.total_seconds()
    watch.begin(AGAIN, max(1, round(seconds)))
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        time.sleep(min(1.0, left))
        watch.step(AGAIN)
    watch.end(AGAIN)


def _worst(first: Iterable[Reading], second: Iterable[Reading]) -> tuple[Reading, ...]:
    """Join two coverages: of each source and scope the reading that proves less."""
    kept: dict[tuple[str, str], Reading] = {}
    for reading in (*first, *second):
        key = (reading.source, reading.scope)
        if key not in kept or kept[key].proves_absence > reading.proves_absence:
            kept[key] = reading
    return tuple(reading for _, reading in sorted(kept.items()))


def _presence(snapshot: Snapshot) -> dict[str, int]:
    """Count the VMs by the stores in which they stand: ``nova placement libvirt``."""
    stores = ("nova", "deleted", "mapping", "placement", "cinder", "neutron", "libvirt")
    flags = ", ".join(f"if({store}, '{store}', null)" for store in stores)
    rows = snapshot.query(
        f"select concat_ws(' ', {flags}) as stores, count(*) as vms from vm.presence group by all"
    )
    return dict(Counter({row["stores"]: row["vms"] for row in rows}).most_common())


def read_at(snapshot: Snapshot) -> datetime:
    """Return the moment at which a snapshot was read; raises BadSnapshot."""
    noted = snapshot.noted("read_at")
    try:
        return datetime.fromisoformat(noted)
    except ValueError as error:
        raise BadSnapshot(
            f"{snapshot.path} does not say when it was read: its collection was cut short",
            next_step="Collect again with `stackfsck collect`.",
        ) from error


def _now() -> datetime:
    """Return the moment, UTC without zone, as the services write theirs."""
    return datetime.now(UTC).replace(tzinfo=None)


def cloud_of(settings: Settings) -> Cloud:
    """Return the cloud that the settings describe; nothing but the list of cells is read.

    Raises Misused for settings that contradict each other.
    """
    services = Services(settings.file_roots)
    places = tuple(
        Place(store=source.store, scope=source.scope, open=source.open)
        for source in sources(settings, services)
    )
    servers = settings.memcached or services.memcached_servers
    return Cloud(
        places=places,
        hosts=hosts_of(settings),
        caches=tuple(cache_of(server) for server in servers),
        asker=settings.ceph.host,
        parallel=settings.parallel,
    )
