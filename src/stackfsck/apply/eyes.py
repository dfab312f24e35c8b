"""Looking again: whether what a judgement rested on still holds, asked where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from stackfsck.model.errors import Unreadable

if TYPE_CHECKING:
    from stackfsck.apply.rows import Writers
    from stackfsck.clients.databases.writing import Transaction
    from stackfsck.model.change import Premise


class Eyes:
    """Looks at premises in the databases themselves, never on a replica."""

    def __init__(self, writers: Writers) -> None:
        """Look into these databases."""
        self._writers = writers

    def __call__(self, premise: Premise) -> str:
        """Return "" when the premise holds, else what is there instead; raises Unreadable."""
        store = premise.table.partition(".")[0]
        writer = self._writers.get((store, premise.scope))
        if writer is None:
            raise Unreadable(f"{premise} cannot be looked at: no way to {store} {premise.scope}")
        with writer.transaction() as transaction:
            return _found(premise, transaction)


def _found(premise: Premise, transaction: Transaction) -> str:
    """Compare a premise with the rows that are there now."""
    table = premise.table.partition(".")[2]
    rows = transaction.rows(table, dict(premise.where)) if transaction.has(table) else []
    if premise.fields is None:
        return f"there is one with {_brief(rows[0])}" if rows else ""
    if not rows:
        return "it is gone"
    other = [row for row in rows if not _same(row, premise.fields)]
    return _brief({name: other[0].get(name) for name in premise.fields}) if other else ""


def _same(row: Mapping[str, Any], fields: Mapping[str, Any]) -> bool:
    """Whether a row has these values, however the two write them."""
    return all(_text(row.get(name)) == _text(value) for name, value in fields.items())


def _text(value: object) -> str | None:
    """Write a value so that a snapshot's and a database's compare: 1 and true, moments, UUIDs."""
    if value is None:
        return None
    if isinstance(value, dict):
        ((_, held),) = value.items()
        value = held
    if isinstance(value, bool):
        return str(int(value))
    text = str(value).replace("T", " ")
    return text.removesuffix(".000000")


def _brief(row: Mapping[str, Any]) -> str:
    """Write the first few columns of a row in a line."""
    pairs = [f"{name}={_text(value)}" for name, value in list(row.items())[:4]]
    return " ".join(pairs)
