"""The snapshot: everything that was read of a cloud, as tables in one DuckDB file.

A snapshot is written once (`Snapshot.create`) and judged as often as one likes (`Snapshot.open`).
Opened, the file itself is attached read-only behind a database in memory, in which the shared
views are made; neither files nor the network can be reached from a query then, so that an
operator's own check can do no more than answer wrongly.
"""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import duckdb
import pyarrow as pa

from stackfsck import __version__
from stackfsck.catalogue import TABLES
from stackfsck.catalogue.table import Scope, Table, Type
from stackfsck.model.coverage import Outcome, Reading
from stackfsck.model.errors import BadSnapshot
from stackfsck.store.arrow import batches_of, spoiled_of
from stackfsck.store.ddl import make_tables, quoted, stores

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from types import TracebackType

FORMAT = "1"  # raised whenever an older stackfsck could misread a newer file

_RUN = """
create schema run;
create table run.meta (key varchar primary key, value varchar);
create table run.coverage
    (source varchar, scope varchar, outcome varchar, reason varchar, "rows" bigint);
"""


@dataclass(frozen=True, slots=True)
class Added:
    """What one call of `Snapshot.add` stored: rows, and per column the values that did not fit."""

    rows: int
    spoiled: Mapping[str, int]


class Filling:
    """A table being filled; see `Snapshot.filling`."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, table: Table, scope: str) -> None:
        """Begin with nothing."""
        self._cursor = cursor
        self._table = table
        self._scope = scope
        self._rows = 0
        self._spoiled: Counter[str] = Counter()

    def add(self, batch: pa.RecordBatch) -> None:
        """Store one batch; see `Snapshot.add`."""
        self._rows += batch.num_rows
        self._spoiled.update(_store(self._cursor, self._table, self._scope, batch))

    @property
    def added(self) -> Added:
        """What was stored so far."""
        return Added(self._rows, {name: count for name, count in self._spoiled.items() if count})


class Snapshot:
    """The tables of the catalogue, filled with what was read; thread-safe."""

    def __init__(self, path: Path, connection: duckdb.DuckDBPyConnection) -> None:
        """Wrap an open connection; use `create` or `open`."""
        self.path = path
        self.connection = connection
        self._lock = threading.Lock()

    @classmethod
    def create(cls, path: Path) -> Self:
        """Make an empty snapshot with every table of the catalogue.

        Raises BadSnapshot when the file is there already or cannot be written.
        """
        if path.exists():
            raise BadSnapshot(f"{path} is there already", next_step="Name another file.")
        try:
            connection = duckdb.connect(str(path))
        except duckdb.Error as error:
            raise BadSnapshot(f"{path} cannot be written: {error}") from error
        connection.execute(_RUN)
        make_tables(connection)
        snapshot = cls(path, connection)
        snapshot.note("format", FORMAT)
        snapshot.note("stackfsck", __version__)
        snapshot.note("began", datetime.now(UTC).replace(tzinfo=None).isoformat())
        return snapshot

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a finished snapshot for questions; the file is never changed.

        Raises BadSnapshot when it is missing, cut short, or of another format.
        """
        if not path.is_file():
            raise BadSnapshot(f"there is no snapshot {path}", next_step="Run `stackfsck collect`.")
        connection = duckdb.connect(":memory:")
        try:
            _attach(connection, path)
        except (duckdb.Error, IndexError) as error:
            connection.close()
            raise BadSnapshot(
                f"{path} is not a whole snapshot: {_first_line(error)}",
                next_step="Collect again with `stackfsck collect`.",
            ) from error
        return cls(path, connection)

    @classmethod
    def copy(cls, path: Path) -> Self:
        """Open a copy in memory that may be changed, to play a plan on; the file stays as it is.

        Raises BadSnapshot as `open` does.
        """
        snapshot = cls.open(path)
        for name in ["run.meta", "run.coverage", *TABLES]:
            store, _, short = name.partition(".")
            snapshot.connection.execute(f'drop view {store}."{short}"')
            snapshot.connection.execute(
                f'create table {store}."{short}" as from file.{store}."{short}"'
            )
        return snapshot

    def add(self, table: Table, scope: str, batches: Iterable[pa.RecordBatch]) -> Added:
        """Store batches of one table's rows, of one scope.

        Columns are matched by name, missing ones are null, unknown ones are left out. A value
        that does not fit its column's type is stored as null and counted in `Added.spoiled`.
        Batches with a column named as the scope (``host``) bring each row's own scope.
        """
        with self.filling(table, scope) as filling:
            for batch in batches:
                filling.add(batch)
        return filling.added

    @contextmanager
    def filling(self, table: Table, scope: str) -> Iterator[Filling]:
        """Store batches of one table's rows, of one scope, as they come.

        All of them are one transaction, which costs a third of one each. What came before an error
        of the reader is kept.
        """
        cursor = self.connection.cursor()
        filling = Filling(cursor, table, scope)
        cursor.begin()
        try:
            yield filling
        except duckdb.Error:
            cursor.rollback()
            raise
        except BaseException:
            cursor.commit()
            raise
        else:
            cursor.commit()
        finally:
            cursor.close()

    def add_rows(self, table: Table, scope: str, rows: Iterable[Mapping[str, Any]]) -> Added:
        """Store rows given as mappings; see `add`."""
        return self.add(table, scope, batches_of(table, rows))

    def keep_once(self, table: Table) -> None:
        """Drop repeated rows of a table: point reads may meet a row on several ways."""
        name = quoted(table)
        with self._lock:
            self.connection.execute(f"create temp table kept as select distinct * from {name}")
            self.connection.execute(f"delete from {name}")
            self.connection.execute(f"insert into {name} from kept")
            self.connection.execute("drop table kept")

    def cover(self, *readings: Reading) -> None:
        """Record how completely sources were read."""
        if not readings:
            return
        rows = [
            {
                "source": r.source,
                "scope": r.scope,
                "outcome": r.outcome.value,
                "reason": r.reason,
                "rows": r.rows,
            }
            for r in readings
        ]
        with self._lock:  # at once: thousands of hosts have tens of thousands of readings
            self.connection.register("readings", pa.Table.from_pylist(rows))
            self.connection.execute("insert into run.coverage by name from readings")
            self.connection.unregister("readings")

    def coverage(self) -> tuple[Reading, ...]:
        """Return all readings, ordered by source and scope."""
        rows = self.query(
            'select source, scope, outcome, reason, "rows" from run.coverage order by all'
        )
        return tuple(
            Reading(
                source=row["source"],
                scope=row["scope"],
                outcome=Outcome(row["outcome"]),
                reason=row["reason"],
                rows=row["rows"],
            )
            for row in rows
        )

    def note(self, key: str, value: str) -> None:
        """Keep one fact about the run itself, such as the moment it began."""
        with self._lock:
            self.connection.execute("insert or replace into run.meta values (?, ?)", [key, value])

    def noted(self, key: str) -> str:
        """Return a fact kept with `note`, or "" when there is none."""
        rows = self.query("select value from run.meta where key = ?", [key])
        return rows[0]["value"] if rows else ""

    def query(self, sql: str, values: Iterable[Any] = ()) -> list[dict[str, Any]]:
        """Answer a question as rows; values are bound, never written into the text."""
        cursor = self.connection.cursor()
        try:
            answer = cursor.execute(sql, list(values))
            names = [column[0] for column in answer.description or ()]
            return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
        finally:
            cursor.close()

    def close(self) -> None:
        """Write what is pending and let go of the file."""
        self.connection.close()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close."""
        self.close()


def _store(
    cursor: duckdb.DuckDBPyConnection, table: Table, scope: str, batch: pa.RecordBatch
) -> dict[str, int]:
    """Insert one batch; return how many values of each column did not fit."""
    columns = [c for c in table.copied_columns if c.name in batch.schema.names]
    targets = [f'"{c.name}"' for c in columns]
    values = [
        f'"{c.name}"' if c.type is Type.TEXT else f'try_cast("{c.name}" as {c.type.value})'
        for c in columns
    ]
    scoped = table.scope is not Scope.GLOBAL
    if scoped:
        own = table.scope.value in batch.schema.names
        targets.insert(0, f'"{table.scope.value}"')
        values.insert(0, f'"{table.scope.value}"' if own else "$scope")
        scoped = not own
    cursor.register("batch", pa.Table.from_batches([batch]))
    inserted = cursor.execute(
        f"insert into {quoted(table)} ({', '.join(targets)}) select {', '.join(values)} from batch",
        {"scope": scope} if scoped else {},
    )
    inserted.fetchall()  # an unread answer would keep the batch
    spoiled = spoiled_of(batch) | _spoiled(cursor, _as_text(batch, table))
    cursor.unregister("batch")
    return spoiled


def _as_text(batch: pa.RecordBatch, table: Table) -> dict[str, Type]:
    """Return the columns of a batch whose stored type is not the one they travel in."""
    return {
        c.name: c.type
        for c in table.copied_columns
        if c.name in batch.schema.names
        and c.type is not Type.TEXT
        and pa.types.is_string(batch.schema.field(c.name).type)
    }


def _spoiled(cursor: duckdb.DuckDBPyConnection, columns: Mapping[str, Type]) -> dict[str, int]:
    """Count, per column that travels as text, the values of the registered batch that are lost."""
    if not columns:
        return {}
    counts = ", ".join(
        f'count("{name}") - count(try_cast("{name}" as {kind.value}))'
        for name, kind in columns.items()
    )
    row = cursor.execute(f"select {counts} from batch").fetchall()[0]
    return dict(zip(columns, row, strict=True))


def _attach(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Attach the file read-only, show its tables under their own names, and shut the doors."""
    literal = "'" + str(path).replace("'", "''") + "'"
    connection.execute(f"attach {literal} as file (read_only)")
    found = connection.execute("select value from file.run.meta where key = 'format'").fetchall()
    if found[0][0] != FORMAT:
        raise duckdb.Error(f"format {found[0][0]!r}, this stackfsck reads {FORMAT!r}")
    for store in ["run", *stores()]:
        connection.execute(f"create schema {store}")
    for name in ["run.meta", "run.coverage", *TABLES]:
        store, _, short = name.partition(".")
        connection.execute(f'create view {store}."{short}" as from file.{store}."{short}"')
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")


def _first_line(error: BaseException) -> str:
    """Return the first line of an error's text: DuckDB appends hints that mislead here."""
    return str(error).splitlines()[0] if str(error) else type(error).__name__
