"""Hosts into the snapshot, many at once, with how far the reading of each table came."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from stackfsck.catalogue import TABLES
from stackfsck.catalogue.table import Scope, Table
from stackfsck.collect.records import Refused, end_of, row_of
from stackfsck.model.coverage import Outcome, Reading
from stackfsck.model.errors import Misused, Unreadable
from stackfsck.store.arrow import schema_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from stackfsck.clients.hosts.base import Host
    from stackfsck.model.watch import Watch
    from stackfsck.store.snapshot import Snapshot

AT_ONCE = 32
"""Hosts that are read side by side; each costs an ssh connection and little else."""

MOST_ROWS = 1_000_000
"""Rows of one table of one host: more is not a host's answer but a fault, or an attack."""

AT_A_TIME = 50_000
"""Rows of one table that are stored together."""

MOST_REASONS = 3

HOST_TABLES = {name: t for name, t in TABLES.items() if t.scope is Scope.HOST}
CEPH_TABLES = {name: t for name, t in TABLES.items() if t.store == "ceph"}
"""Of the whole cloud, but seen from a host: whichever is told to read them."""


def read_hosts(
    hosts: Iterable[Host],
    snapshot: Snapshot,
    watch: Watch,
    tables: Sequence[str] | None = None,
    at_once: int = AT_ONCE,
    asker: str = "",
) -> None:
    """Read these hosts (no `tables` means every one); what cannot be read becomes coverage.

    Of Ceph's tables, only the host called `asker` is asked.

    Rows and readings carry the operator's name of a host until `naming.name_hosts` has put
    nova's in its place. Raises Misused when two hosts have one name.
    """
    hosts = list(hosts)
    twice = [name for name, count in Counter(host.name for host in hosts).items() if count > 1]
    if twice:
        raise Misused(f"two hosts are called {twice[0]}", next_step="Give each its own name.")
    wanted = {host.name: _tables_for(host, tables, asker) for host in hosts}
    try:
        asyncio.run(_read_all(hosts, snapshot, watch, wanted, at_once))
    except ExceptionGroup as group:  # of side by side work: the first that went wrong tells it
        raise group.exceptions[0] from None


def _tables_for(host: Host, tables: Sequence[str] | None, asker: str) -> Sequence[str] | None:
    """Leave out what only the asker of Ceph can tell."""
    if tables is None or host.name == asker:
        return tables
    return [name for name in tables if name not in CEPH_TABLES]


async def _read_all(
    hosts: Sequence[Host],
    snapshot: Snapshot,
    watch: Watch,
    tables: Mapping[str, Sequence[str] | None],
    at_once: int,
) -> None:
    """Read all hosts, no more than so many at once."""
    gate, sink = asyncio.Semaphore(at_once), Sink(snapshot)

    async def one(host: Host) -> None:
        async with gate:
            watch.begin(host.name)
            answer = await listen(host, watch, tables[host.name])
            sink.take(answer)
            watch.end(host.name, answer.reading)

    async with asyncio.TaskGroup() as group:
        for host in hosts:
            group.create_task(one(host))
    sink.flush()


@dataclass(slots=True)
class Told:
    """What a host has said of one table so far."""

    table: Table
    rows: list[dict[str, Any]] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    records: int = 0
    ended: str = ""
    reason: str = ""

    def outcome(self, silence: str) -> Outcome:
        """Say how far the reading came; `silence` is why the host said no more."""
        if self.ended == "done" and not self.refused:
            return Outcome.COMPLETE
        if self.ended == "failed" and not self.rows:
            return Outcome.FAILED
        if not self.ended and silence and not self.rows and not self.refused:
            return Outcome.FAILED
        return Outcome.PARTIAL

    def why(self, silence: str) -> str:
        """Say in words why the reading is not complete."""
        reasons = [self.reason] if self.reason else []
        reasons += [f"{n} x {what}" for what, n in self.refused.most_common(MOST_REASONS)]
        return "; ".join(reasons + ([] if self.ended or not silence else [silence]))


@dataclass(slots=True)
class Answer:
    """Everything that one host has said."""

    host: str
    tables: dict[str, Told]
    begun: bool = False
    finished: bool = False
    silence: str = ""

    def take(self, line: bytes) -> None:
        """Take in one line; what cannot be understood counts against its table, or against all."""
        try:
            said = json.loads(line)
            name = said.get("t") if isinstance(said, dict) else None
            if name is None and isinstance(said, dict) and said.get("end") is True:
                self.finished = True
                return
        except (ValueError, RecursionError):
            name = None
        told = self._of(name)
        if told is None:
            # Before the first line of the probe stands what a login shell may print. Behind it,
            # a broken line may have been a record of any table.
            for every in self.tables.values() if self.begun else ():
                every.refused["a line that is not the probe's"] += 1
            return
        self.begun = True
        try:
            _take(told, said)
        except Refused as error:
            told.refused[str(error)] += 1

    def _of(self, name: object) -> Told | None:
        """Return what a line is about, None when there is no such table."""
        if isinstance(name, str) and name not in self.tables and name in CEPH_TABLES:
            self.tables[name] = Told(CEPH_TABLES[name])
        return self.tables.get(name) if isinstance(name, str) else None

    @property
    def readings(self) -> list[Reading]:
        """How completely each table was read."""
        return [
            Reading(
                source=name,
                scope=self.host if told.table.scope is Scope.HOST else "",
                outcome=told.outcome(self.silence),
                reason=told.why(self.silence),
                rows=len(told.rows),
            )
            for name, told in self.tables.items()
        ]

    @property
    def reading(self) -> Reading:
        """The whole host in one: as good as the worst of its tables."""
        readings = self.readings
        worst = {r.outcome for r in readings}
        outcome = next(
            (o for o in (Outcome.FAILED, Outcome.PARTIAL) if o in worst), Outcome.COMPLETE
        )
        if Outcome.FAILED in worst and len(worst) > 1:
            outcome = Outcome.PARTIAL
        reasons = list(dict.fromkeys(r.reason for r in readings if r.reason))
        return Reading(
            source="host",
            scope=self.host,
            outcome=outcome,
            reason="; ".join(reasons[:MOST_REASONS]),
            rows=sum(r.rows for r in readings),
        )


def _take(told: Told, said: dict[str, Any]) -> None:
    """Add a record to its table, or note its end; raises Refused."""
    if told.ended:
        raise Refused("a line behind the end of its table")
    if "r" in said:
        told.records += 1
        if len(told.rows) >= MOST_ROWS:
            raise Refused(f"more than {MOST_ROWS} rows")
        told.rows.append(row_of(told.table, said["r"]))
        return
    told.ended, told.reason = end_of(said)
    if said.get("rows") != told.records:
        raise Refused("rows were lost on the way")


async def listen(
    host: Host,
    watch: Watch,
    tables: Sequence[str] | None = None,
    more: Mapping[str, object] | None = None,
) -> Answer:
    """Let a host answer, and return what it said; silence is part of an answer, not an error.

    `more` are further parameters of the probe.
    """
    asked = [t for name, t in HOST_TABLES.items() if tables is None or name in tables]
    answer = Answer(host.name, {table.name: Told(table) for table in asked})
    parameters = {**(more or {}), **({} if tables is None else {"tables": list(tables)})}
    try:
        async with aclosing(host.look(parameters)) as lines:
            async for line in lines:
                answer.take(line)
                watch.step(host.name)
    except Unreadable as error:
        answer.silence = " ".join(filter(None, (f"{error}.", error.next_step))).rstrip(".")
    else:
        answer.silence = (
            "the host did not speak of it" if answer.finished else "the answer was cut off"
        )
    return answer


class Sink:
    """Stores what hosts said in the snapshot, many hosts in one batch: thousands would crawl."""

    def __init__(self, snapshot: Snapshot) -> None:
        """Begin with nothing pending."""
        self._snapshot = snapshot
        self._rows: dict[str, list[dict[str, Any]]] = {}
        self._readings: list[Reading] = []

    def take(self, answer: Answer) -> None:
        """Take over a host's rows and readings."""
        for name, told in answer.tables.items():
            pending = self._rows.setdefault(name, [])
            pending += [{Scope.HOST.value: answer.host, **row} for row in told.rows]
            if len(pending) >= AT_A_TIME:
                self._store(name)
        self._readings += answer.readings

    def flush(self) -> None:
        """Store all that is pending."""
        for name in self._rows:
            self._store(name)
        self._snapshot.cover(*self._readings)
        self._readings.clear()

    def _store(self, name: str) -> None:
        """Store the pending rows of one table."""
        table, rows = TABLES[name], self._rows[name]
        schema = schema_of(table, [column.name for column in table.copied_columns])
        if table.scope is Scope.HOST:
            schema = schema.append(pa.field(Scope.HOST.value, pa.string()))
        if rows:
            batch = pa.RecordBatch.from_pylist(rows, schema=schema)
            self._snapshot.add(table, "", [batch])
        rows.clear()
