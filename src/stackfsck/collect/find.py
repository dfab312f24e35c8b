"""Point reads: the rows of one VM and nothing else, for a trace that does not wait for a cloud.

A search starts from a word. What the word may name is looked up first (`ask_for`); once it is
known which VM is meant, `follow` reads every row that names the VM, what it owns and, one step
far, what those rows name. Every database is read in one transaction for the whole search.
"""

from __future__ import annotations

import contextlib
import ipaddress
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Self
from uuid import UUID

from stackfsck.catalogue import TABLES
from stackfsck.catalogue.derived import TABLES as DERIVED
from stackfsck.catalogue.references import OWNED, VM, columns_naming
from stackfsck.catalogue.table import Column, Table, Type
from stackfsck.clients.databases import Condition, Op
from stackfsck.collect.places import Opened, Place, close_all, failed, open_all
from stackfsck.collect.tables import read_table
from stackfsck.model.coverage import Outcome, Reading
from stackfsck.store.ddl import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

    from stackfsck.model.watch import Watch
    from stackfsck.store.snapshot import Snapshot

AT_ONCE = 500
"""Values in one condition."""

ROUNDS = 4
"""VM → volume → attachment → its specs is the longest way."""

NUMBERED = re.compile(r"(?:i|instance)-([0-9a-f]{8})", re.IGNORECASE)
"""EC2's and libvirt's names: the number that the row has in its cell."""

NAMES = ("nova.instances.display_name", "nova.instances.hostname")
ADDRESSES = ("neutron.ipallocations.ip_address", "neutron.floatingips.floating_ip_address")
NUMBERS = ("nova.instances.id", "nova.instance_id_mappings.id")
IDS = (VM, *OWNED, "glance.images.id")

Target = str  # the full name of a column, whose values are identities
Wanted = dict[Target, set[str]]


class Search:
    """One search in all databases of a cloud; a context manager that closes them."""

    def __init__(self, places: Iterable[Place], snapshot: Snapshot, watch: Watch) -> None:
        """Open every database; those that cannot be opened are coverage."""
        self._snapshot = snapshot
        self._watch = watch
        self._opened = open_all(places, watch)
        self._readings: dict[tuple[str, str], Reading] = {}
        self._asked: set[tuple[str, str, str]] = set()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the databases."""
        close_all(self._opened)

    def ask_for(self, word: str) -> None:
        """Read the rows that the word may name, and those that tell which VM they belong to."""
        for target, values in _meanings(word).items():
            self._ask(target, values)
        for target, values in self._identities(OWNED).items():
            self._ask(target, values)

    @property
    def readings(self) -> tuple[Reading, ...]:
        """What was asked so far; `follow` records it in the snapshot when all is asked."""
        return tuple(self._readings.values())

    def follow(self, vm: UUID) -> None:
        """Read every row that has to do with this VM, and record what was asked."""
        self._ask(VM, {str(vm)})
        for _ in range(ROUNDS):
            before = len(self._asked)
            for target, values in self._identities(OWNED).items():
                self._ask(target, values)
            if len(self._asked) == before:
                break
        for target, values in self._context().items():
            for table, column in columns_naming(target):
                if f"{table.name}.{column.name}" == target:
                    self._read(table, column, values)
        self._finish()

    def _ask(self, target: Target, values: Iterable[str]) -> None:
        """Read the rows of every table that hold one of these values of an identity."""
        for table, column in columns_naming(target):
            self._read(table, column, values)

    def _read(self, table: Table, column: Column, values: Iterable[str]) -> None:
        """Read the rows whose column holds one of these values, unless they were read before."""
        new = sorted(
            v
            for v in values
            if _fits(column, v) and (table.name, column.name, v) not in self._asked
        )
        self._asked |= {(table.name, column.name, value) for value in new}
        if not new or table in DERIVED:
            return
        for opened in self._opened:
            if opened.place.store == table.store:
                for start in range(0, len(new), AT_ONCE):
                    self._cover(self._rows(opened, table, column, new[start : start + AT_ONCE]))

    def _rows(self, opened: Opened, table: Table, column: Column, values: list[str]) -> Reading:
        """Read rows of one table of one database."""
        place = opened.place
        if opened.database is None:
            return failed(table, place.scope, opened.reason)
        met = opened.database.schema().tables.get(table.short_name)
        bound = tuple(int(v) if column.type is Type.INTEGER else v for v in values)
        condition = Condition(column=column.name, op=Op.IN, values=bound)
        if met and column.name not in met.columns:  # of another release: no row can be meant
            return Reading(source=table.name, scope=place.scope, outcome=Outcome.COMPLETE)
        return read_table(
            opened.database,
            table,
            place,
            self._snapshot,
            (condition,),
            lambda rows: self._watch.step(place.label, rows),
        )

    def _cover(self, reading: Reading) -> None:
        """Keep the worst reading of each table and scope."""
        key = (reading.source, reading.scope)
        kept = self._readings.get(key)
        if kept is None or kept.proves_absence:
            self._readings[key] = reading

    def _identities(self, targets: Iterable[Target]) -> Wanted:
        """Return the values of these identities that the rows read so far hold or name."""
        found: Wanted = defaultdict(set)
        for target in targets:
            for table, column in columns_naming(target):
                found[target] |= self._values(table, column)
        return found

    def _context(self) -> Wanted:
        """Return what the rows read so far name and what is not the VM's own."""
        found: Wanted = defaultdict(set)
        for table in TABLES.values():
            for column in table.copied_columns:
                if column.refers_to and column.refers_to not in {VM, *OWNED}:
                    found[column.refers_to] |= self._values(table, column)
        return found

    def _values(self, table: Table, column: Column) -> set[str]:
        """Return the values of one column in the rows read so far."""
        rows = self._snapshot.query(
            f'select distinct "{column.name}"::varchar as value from {quoted(table)} '
            f'where "{column.name}" is not null'
        )
        return {row["value"] for row in rows}

    def _finish(self) -> None:
        """Keep each row once, and record the coverage of all that was asked and not."""
        for table in TABLES.values():
            self._snapshot.keep_once(table)
        for reading in self._readings.values():
            self._snapshot.cover(reading)
        for opened in self._opened:
            self._watch.end(opened.place.label)


def _meanings(word: str) -> Wanted:
    """Return what a word may be the value of."""
    wanted: Wanted = {target: {word} for target in NAMES}
    with contextlib.suppress(ValueError):
        wanted |= {target: {str(UUID(word))} for target in IDS}
    with contextlib.suppress(ValueError):
        wanted |= {target: {str(ipaddress.ip_address(word))} for target in ADDRESSES}
    if match := NUMBERED.fullmatch(word):
        wanted |= {target: {str(int(match[1], 16))} for target in NUMBERS}
    return wanted


def _fits(column: Column, value: str) -> bool:
    """Whether a column of this type can hold the value at all."""
    try:
        if column.type is Type.UUID:
            UUID(value)
        elif column.type is Type.INTEGER:
            int(value)
    except ValueError:
        return False
    return True
