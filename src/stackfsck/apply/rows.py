"""The hand that changes rows: one transaction per step, what was there written down inside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from stackfsck.apply.hand import Image, Note, State
from stackfsck.model.change import Change, Moment, NewValue, Own, Those, Verb
from stackfsck.model.errors import Moved, Unreadable

if TYPE_CHECKING:
    from stackfsck.clients.databases.writing import Row, Transaction, Writer
    from stackfsck.model.step import Step, Way

Writers = Mapping[tuple[str, str], "Writer"]
"""A writer for each store and scope."""


class RowsHand:
    """Carries out the effects of a step as the service itself would write them."""

    def __init__(self, writers: Writers) -> None:
        """Work with these databases."""
        self._writers = writers

    def change(self, step: Step, way: Way, note: Note) -> bool:  # noqa: ARG002 -- of a Hand
        """See `Hand.change`: rows are locked, written down, and changed by their keys."""
        with self._writer(step).transaction() as transaction:
            image = _image(step, transaction)
            if not image["rows"]:
                return False
            note(image)
            for entry in image["rows"]:
                _apply(transaction, entry)
        return True

    def state(self, step: Step, way: Way, before: Image) -> State:  # noqa: ARG002 -- of a Hand
        """See `Hand.state`."""
        with self._writer(step).transaction() as transaction:
            found = {_state_of(transaction, entry) for entry in before["rows"]}
        return found.pop() if len(found) == 1 else State.OTHER

    def put_back(self, step: Step, way: Way, before: Image) -> None:  # noqa: ARG002 -- of a Hand
        """See `Hand.put_back`: last changed, first put back, in one transaction."""
        with self._writer(step).transaction() as transaction:
            for entry in reversed(before["rows"]):
                if _state_of(transaction, entry, lock=True) is not State.AFTER:
                    raise Moved(f"{entry['table']} {entry['key']} was changed since")
                _take_back(transaction, entry)

    def _writer(self, step: Step) -> Writer:
        """Return the writer of a step's place; raises Unreadable when there is none."""
        writer = self._writers.get((step.store, step.scope))
        if writer is None:
            place = f"{step.store} {step.scope}".strip()
            raise Unreadable(f"no database of {place} can be written to")
        return writer


def _image(step: Step, transaction: Transaction) -> dict[str, Any]:
    """Lock every row that a step will change; say what it is and what it will be."""
    entries: list[dict[str, Any]] = []
    now = transaction.now()
    for change in step.effects:
        if transaction.has(change.table.partition(".")[2]):
            entries += _entries(change, transaction, now)
    return {"rows": entries}


def _entries(change: Change, transaction: Transaction, now: object) -> Iterator[dict[str, Any]]:
    """Yield one entry per row: verb, table, key, the row before and the row after."""
    table = change.table.partition(".")[2]
    if change.verb is Verb.INSERT:
        row = _new_values(change.values, {}, now)
        key = {name: row[name] for name in transaction.key_of(table) if name in row} or row
        yield {"verb": "insert", "table": table, "key": key, "before": None, "after": row}
        return
    key_columns = transaction.key_of(table)
    for row in _meant(change, transaction):
        key = {name: row[name] for name in key_columns}
        after = None
        if change.verb is Verb.UPDATE:
            after = {**row, **_new_values(change.values, row, now)}
        if after != row:
            entry = {"verb": change.verb.value, "table": table, "key": key}
            yield {**entry, "before": row, "after": after}


def _meant(change: Change, transaction: Transaction) -> Iterator[Row]:
    """Yield the rows that a change means, locked, each once."""
    table = change.table.partition(".")[2]
    plain = {n: v for n, v in change.where.items() if not isinstance(v, Those)}
    others = [(n, v) for n, v in change.where.items() if isinstance(v, Those)]
    if not others:
        yield from transaction.rows(table, plain, lock=True)
        return
    ((column, those),) = others
    met = those.table.partition(".")[2]
    for row in transaction.rows(met, dict(those.where)) if transaction.has(met) else ():
        yield from transaction.rows(table, {**plain, column: row[those.column]}, lock=True)


def _new_values(values: Mapping[str, NewValue], row: Row, now: object) -> Row:
    """Work out what a row will hold."""
    answer: Row = {}
    for name, value in values.items():
        if isinstance(value, Own):
            answer[name] = row[value.column] + value.plus if value.plus else row[value.column]
        else:
            answer[name] = now if isinstance(value, Moment) else value
    return answer


def _apply(transaction: Transaction, entry: Mapping[str, Any]) -> None:
    """Change one row, exactly as it was written down."""
    table, key = entry["table"], entry["key"]
    if entry["verb"] == Verb.INSERT:
        transaction.insert(table, entry["after"])
    elif entry["verb"] == Verb.DELETE:
        _exactly_one(transaction.delete(table, key), entry)
    else:
        _exactly_one(transaction.update(table, key, _difference(entry)), entry)


def _take_back(transaction: Transaction, entry: Mapping[str, Any]) -> None:
    """Undo the change of one row."""
    table, key = entry["table"], entry["key"]
    if entry["verb"] == Verb.INSERT:
        _exactly_one(transaction.delete(table, key), entry)
    elif entry["verb"] == Verb.DELETE:
        transaction.insert(table, entry["before"])
    else:
        changed = _difference(entry)
        old = {name: entry["before"][name] for name in changed}
        _exactly_one(transaction.update(table, _key_after(entry), old), entry)


def _difference(entry: Mapping[str, Any]) -> Row:
    """Return the columns that an update changes, with their new values."""
    before, after = entry["before"], entry["after"]
    return {name: value for name, value in after.items() if before[name] != value}


def _state_of(transaction: Transaction, entry: Mapping[str, Any], *, lock: bool = False) -> State:
    """Compare one row with what it was and what it should have become."""
    rows = transaction.rows(entry["table"], _key_after(entry), lock=lock)
    if not rows and _key_after(entry) != entry["key"]:
        rows = transaction.rows(entry["table"], entry["key"], lock=lock)
    row = rows[0] if rows else None
    before, after = entry["before"], entry["after"]
    if entry["verb"] == Verb.UPDATE and row is not None:
        changed = _difference(entry)
        row = {name: row.get(name) for name in changed}
        before = {name: before[name] for name in changed}
        after = changed
    if entry["verb"] == Verb.INSERT and row is not None:
        row = {name: row.get(name) for name in after}
    if row == after:
        return State.AFTER
    return State.BEFORE if row == before else State.OTHER


def _key_after(entry: Mapping[str, Any]) -> Row:
    """Return the key under which a row stands after its change: a port's binding names its host."""
    if entry["verb"] != Verb.UPDATE:
        return dict(entry["key"])
    return {name: entry["after"][name] for name in entry["key"]}


def _exactly_one(count: int, entry: Mapping[str, Any]) -> None:
    """Raise Moved, which rolls everything back, unless one row was met."""
    if count != 1:
        raise Moved(f"{entry['table']} {entry['key']} is not there any more")
