"""A bench for the laws: one snapshot, of which readings are lost and given back many times.

Unlike a run, it keeps the shared views as views, so that nothing has to be joined again after a
change of rows; what they say is the same.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.stories_runner import GRACE, Cloud, Place, Row, cover

from stackfsck import join
from stackfsck.catalogue import TABLES
from stackfsck.catalogue.table import Scope
from stackfsck.judge.conclude import Identity, identity, twice
from stackfsck.judge.look import Rules, look
from stackfsck.judge.tables import TableFinder
from stackfsck.model.check import Check
from stackfsck.model.coverage import Outcome
from stackfsck.model.finding import Certainty
from stackfsck.store.ddl import quoted
from stackfsck.store.snapshot import Snapshot

Found = frozenset[Identity]


class Loss(NamedTuple):
    """Which rows of a place are kept, as SQL says it, and what the collector reports."""

    kept: str
    outcome: Outcome


ALL = Loss("limit 0", Outcome.FAILED)


class Bench:
    """A snapshot in memory whose rows and coverage are changed in place."""

    def __init__(self) -> None:
        self._snapshot = Snapshot.create(Path(":memory:"))
        self._connection = self._snapshot.connection
        self._connection.execute("set threads = 1")
        self._connection.execute("create table run.clock (now timestamp, stuck_before timestamp)")
        join.make_schemas(self._connection)
        for name, select in join.definitions().items():
            self._connection.execute(f"create view {name} as {select}")
        self._transit = TableFinder(join.definitions()).transit
        self._cloud = Cloud(rows={}, scopes=dict.fromkeys(Scope, ()))

    def lay_out(self, cloud: Cloud) -> None:
        """Put this cloud in place of the last one."""
        for place in self._cloud.rows:
            self._put(place, ())
        self._cloud = cloud
        for place, rows in cloud.rows.items():
            self._put(place, rows)
        self._connection.execute("delete from run.clock")
        self._connection.execute(
            "insert into run.clock values (?, ?)", [cloud.now, cloud.stuck_before]
        )
        cover(self._snapshot, cloud)

    @contextmanager
    def lost(self, place: Place, loss: Loss) -> Iterator[None]:
        """Lose rows of a place, and say so in the coverage, for a while."""
        table, within = self._within(place)
        self._connection.execute(f"create or replace table saved as from {table} where {within}")
        self._connection.execute(
            f"delete from {table} where {within} and rowid not in "
            f"(select rowid from {table} where {within} order by rowid {loss.kept})"
        )
        self._say(place, loss.outcome)
        try:
            yield
        finally:
            self._connection.execute(f"delete from {table} where {within}")
            self._connection.execute(f"insert into {table} from saved")
            self._say(place, Outcome.COMPLETE)

    @contextmanager
    def doubted(self, place: Place) -> Iterator[None]:
        """Say that a place was not read to its end, although every row is there."""
        self._say(place, Outcome.PARTIAL)
        try:
            yield
        finally:
            self._say(place, Outcome.COMPLETE)

    def proved(self, asked: Iterable[Check]) -> Found:
        """Judge the cloud as two looks that saw the same, and return what is proved."""
        rules = Rules(now=self._cloud.now, grace=GRACE, transit=self._transit)
        sighting = look(self._snapshot, asked, rules)
        findings = twice(sighting, sighting).findings
        return frozenset(identity(f) for f in findings if f.certainty is Certainty.PROVED)

    def answered(self, check: Check) -> frozenset[tuple[str, ...]]:
        """Return the subject, cell and host of every row that a check answers, unjudged."""
        rows = self._snapshot.query(check.sql)
        return frozenset(
            (str(next(iter(row.values()))), str(row.get("cell")), str(row.get("host")))
            for row in rows
        )

    def _put(self, place: Place, rows: tuple[Row, ...]) -> None:
        table, within = self._within(place)
        self._connection.execute(f"delete from {table} where {within}")
        if rows:
            self._snapshot.add_rows(TABLES[place[0]], place[1], rows)

    def _within(self, place: Place) -> tuple[str, str]:
        """Return a place's table and the condition that its rows fulfil."""
        table = TABLES[place[0]]
        if table.scope is Scope.GLOBAL:
            return quoted(table), "true"
        return quoted(table), f""""{table.scope.value}" = '{place[1]}'"""

    def _say(self, place: Place, outcome: Outcome) -> None:
        self._connection.execute(
            "update run.coverage set outcome = ? where source = ? and scope = ?",
            [outcome.value, *place],
        )


@cache
def bench() -> Bench:
    """Return the one bench of this process."""
    return Bench()


def losses(rows: tuple[Row, ...]) -> tuple[Loss, ...]:
    """Return the ways in which a reading of these rows may fail: all are lost, or either half."""
    middle = len(rows) // 2
    if not middle:
        return (ALL,)
    first, second = f"limit {middle}", f"limit {len(rows)} offset {middle}"
    return (ALL, Loss(first, Outcome.PARTIAL), Loss(second, Outcome.PARTIAL))


def only_hides(check: Check, table: str) -> bool:
    """Whether a check declares that the loss of a table can take findings away, but never add."""
    return table in check.tables and all(s.table != table for s in check.absent_from)
