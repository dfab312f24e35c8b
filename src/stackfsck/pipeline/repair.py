"""The order of repairing: check → plan → rehearse → apply → verify, and back."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from stackfsck.apply.carry_out import Outcome, Word, carry_out, take_back
from stackfsck.apply.execute import Tools
from stackfsck.apply.eyes import Eyes
from stackfsck.apply.host import HostHand
from stackfsck.apply.rows import RowsHand
from stackfsck.apply.service import ServiceHand
from stackfsck.clients.connections import sources
from stackfsck.clients.databases.writing import Writer, open_writer
from stackfsck.clients.hosts.choose import hosts_of
from stackfsck.clients.openstack import credentials
from stackfsck.clients.openstack.api import Api
from stackfsck.clients.services import Services
from stackfsck.join import definitions, join
from stackfsck.judge.look import Rules, look
from stackfsck.judge.tables import TableFinder
from stackfsck.model.errors import PlanStale, Refused, Unreadable
from stackfsck.model.step import Means
from stackfsck.pipeline.inquiry import check, read_at
from stackfsck.plan import file as plans
from stackfsck.plan.make import Ground, Guards, make_plan
from stackfsck.rehearse.play import play
from stackfsck.remedies import REMEDIES
from stackfsck.remedies.base import Choices, Facts
from stackfsck.store.run import Run
from stackfsck.store.snapshot import Snapshot

if TYPE_CHECKING:
    from stackfsck.clients.settings import Settings
    from stackfsck.collect.cloud import Cloud
    from stackfsck.model.check import Check
    from stackfsck.model.finding import Finding
    from stackfsck.model.inquiry import Inquiry, Limits
    from stackfsck.model.plan import Plan
    from stackfsck.model.step import Step
    from stackfsck.model.watch import Watch
    from stackfsck.store.journal import Journal, Phase

OLDEST = timedelta(hours=1)
"""Age at which a plan is too old: every step is looked at again, but a plan is a promise made on
a whole picture, and pictures fade."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the operator wants planned: findings by code or VM (all when neither is named)."""

    codes: frozenset[str] = frozenset()
    vms: frozenset[str] = frozenset()
    choices: Choices = field(default_factory=Choices)
    guards: Guards = field(default_factory=Guards)

    def covers(self, finding: Finding) -> bool:
        """Whether a finding is meant."""
        by_code = not self.codes or finding.code in self.codes
        return by_code and (not self.vms or str(finding.vm) in self.vms)


def plan(inquiry: Inquiry, checks: Sequence[Check], wish: Wish, limits: Limits) -> Plan:
    """Plan the repair of what an inquiry has found, and rehearse it on a copy of its snapshot.

    Raises Refused when the plan is too large, or when its rehearsal fails: then there is none.
    """
    if inquiry.snapshot is None:
        raise Refused("the inquiry kept no snapshot to plan on")
    wanted = [finding for finding in inquiry.findings if wish.covers(finding)]
    with Snapshot.open(inquiry.snapshot) as snapshot:
        join(snapshot, now=read_at(snapshot), stuck_after=limits.stuck_after)
        ground = Ground(
            facts=Facts(snapshot), remedies=REMEDIES, choices=wish.choices, guards=wish.guards
        )
        made = make_plan(wanted, ground, cloud=fingerprint(snapshot), read_at=read_at(snapshot))
    rehearse(made, inquiry.snapshot, checks, limits)
    return made


def rehearse(made: Plan, path: Path, checks: Sequence[Check], limits: Limits) -> None:
    """Play a plan on a copy of a snapshot; raises Refused with what went wrong.

    At no step may a record go that another one names; at the end what was planned must be gone,
    and nothing new may be there.
    """
    finder = TableFinder(definitions())
    with Snapshot.copy(path) as copy:
        now = read_at(copy)
        rules = Rules(now=now, grace=timedelta(0), transit=finder.transit)
        join(copy, now=now, stuck_after=limits.stuck_after)
        before = {(f.code, f.subject, f.cell, f.host) for f in look(copy, checks, rules).suspects}
        for dangling in play(made, copy):
            raise Refused(f"the rehearsal failed: {dangling}", next_step=_REPORT)
        join(copy, now=now, stuck_after=limits.stuck_after)
        after = {(f.code, f.subject, f.cell, f.host) for f in look(copy, checks, rules).suspects}
    if left := sorted(set(made.findings) & after):
        raise Refused(
            f"the rehearsal failed: {_named(left)} would still be there", next_step=_REPORT
        )
    if born := sorted(after - before):
        raise Refused(f"the rehearsal failed: {_named(born)} would be new", next_step=_REPORT)


def fingerprint(snapshot: Snapshot) -> str:
    """Return what tells one cloud from another: a digest of the UUIDs of its cells."""
    rows = snapshot.query("select uuid::varchar as uuid from nova_api.cell_mappings order by uuid")
    cells = "\n".join(row["uuid"] for row in rows)
    return hashlib.sha256(cells.encode()).hexdigest()[:16]


def apply(
    run: Run, settings: Settings, allowed: frozenset[Means], told: Callable[[Step, Phase], None]
) -> Outcome:
    """Carry out the plan of a run, from wherever its journal says that it stands.

    Raises PlanStale for a plan that is too old to begin or of another cloud, and JournalBroken.
    """
    kept = plans.read(run.plan)
    with writers_of(settings) as writers, run.journal() as journal:
        _refuse_other_cloud(kept.plan, writers)
        if not journal.kept("began"):
            _refuse_stale(kept.plan)
            journal.keep("digest", kept.digest)
            journal.keep("began", _now().isoformat())
        tools = _tools(writers, run, journal, settings, allowed)
        outcome = carry_out(kept.plan, tools, _word(run), told)
        journal.keep("ended", _now().isoformat())
    return outcome


def undo(run: Run, settings: Settings, told: Callable[[Step, Phase], None]) -> Outcome:
    """Take back what a run has done, newest first.

    Raises PlanStale for a run in another cloud (rows that are not there would look like rows to
    put back), and JournalBroken.
    """
    kept = plans.read(run.plan)
    with writers_of(settings) as writers, run.journal() as journal:
        _refuse_other_cloud(kept.plan, writers)
        tools = _tools(writers, run, journal, settings, frozenset(Means))
        return take_back(kept.plan, tools, _word(run), told)


def verify(
    run: Run, cloud: Cloud, checks: Sequence[Check], limits: Limits, watch: Watch
) -> frozenset[tuple[str, str, str, str]]:
    """Judge again what a run was to put right; return the findings that are still there.

    The grace time does not count here: what was changed a moment ago is just what is looked at.
    """
    planned = frozenset(plans.read(run.plan).plan.findings)
    asked = tuple(one for one in checks if one.code in {code for code, *_ in planned})
    at_once = replace(limits, grace=timedelta(0))
    found = check(cloud, asked, at_once, watch).findings if asked else ()
    return planned & {(f.code, f.subject, f.cell, f.host) for f in found}


def standing(made: Plan, journal: Journal) -> Counter[str]:
    """Count the steps of a plan by how far the journal says that they have come."""
    entries = (journal.last(step.id) for step in made.steps)
    return Counter(entry.phase.value for entry in entries if entry)


@contextmanager
def writers_of(settings: Settings) -> Iterator[Mapping[tuple[str, str], Writer]]:
    """Give a writer for every database whose primary is known; close them at the end."""
    known = {
        (source.store, source.scope): open_writer(source.primary)
        for source in sources(settings, Services(settings.file_roots))
        if source.primary is not None
    }
    try:
        yield known
    finally:
        for writer in known.values():
            writer.close()


_REPORT = "Nothing was changed. This is a fault of stackfsck: please report it with the plan."


def _tools(
    writers: Mapping[tuple[str, str], Writer],
    run: Run,
    journal: Journal,
    settings: Settings,
    allowed: frozenset[Means],
) -> Tools:
    """Lay out what carrying out needs."""
    return Tools(
        hands={
            Means.API: (service := ServiceHand(api_of(settings))),
            Means.FORCED: service,
            Means.SQL: RowsHand(writers),
            Means.HOST: host_hand(settings, run),
        },
        holds=Eyes(writers),
        journal=journal,
        allowed=allowed,
    )


def api_of(settings: Settings) -> Api | None:
    """Return the services' APIs, None when nobody says as whom to ask; raises Misused."""
    found = credentials.find(Services(settings.file_roots))
    return Api(found) if found else None


def host_hand(settings: Settings, run: Run) -> HostHand:
    """Return the hand that acts on the hosts of the settings, for one run."""
    return HostHand(hosts_of(settings), run.name, settings.ceph.host)


def _word(run: Run) -> Word:
    """Listen to what the operator says in another terminal."""
    return Word(is_paused=lambda: run.is_paused, is_stopped=lambda: run.is_stopped)


def _refuse_stale(made: Plan) -> None:
    """Raise PlanStale for a plan that rests on too old a reading."""
    age = _now() - made.read_at
    if age > OLDEST:
        raise PlanStale(
            f"the plan rests on a reading of {made.read_at:%Y-%m-%d %H:%M} UTC",
            next_step="Plan again.",
        )


def _refuse_other_cloud(made: Plan, writers: Mapping[tuple[str, str], Writer]) -> None:
    """Raise PlanStale when the databases are not those of the cloud that the plan is for."""
    api = writers.get(("nova_api", ""))
    if api is None:
        raise Unreadable("nova's API database cannot be reached: whose cloud is it?")
    with api.transaction() as transaction:
        uuids = sorted(row["uuid"] for row in transaction.rows("cell_mappings", {}))
    found = hashlib.sha256("\n".join(uuids).encode()).hexdigest()[:16]
    if found != made.cloud:
        raise PlanStale("the plan was made for another cloud", next_step="Plan again, here.")


def _named(identities: Iterable[tuple[str, str, str, str]]) -> str:
    """Name the first few findings."""
    return ", ".join(f"{code} {subject}" for code, subject, *_ in list(identities)[:3])


def _now() -> datetime:
    """Return the moment, UTC without zone."""
    return datetime.now(UTC).replace(tzinfo=None)
