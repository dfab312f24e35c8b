"""Rows in Arrow's form: what collectors hand to a snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from stackfsck.catalogue.table import Table, Type

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

ARROW = {
    Type.UUID: pa.string(),
    Type.INTEGER: pa.int64(),
    Type.FLOAT: pa.float64(),
    Type.TEXT: pa.string(),
    Type.BOOLEAN: pa.bool_(),
    Type.TIME: pa.timestamp("us"),
}


UUIDS = pa.uuid()
"""How UUIDs travel that were decoded while reading: DuckDB takes them over as they are."""

_SPOILED = b"spoiled:"


def schema_of(table: Table, names: Iterable[str], *, decoded: bool = False) -> pa.Schema:
    """Return the Arrow schema in which these columns of a table travel.

    UUIDs travel as text, or `decoded` as `UUIDS` by a reader that says what it had to drop (see
    `with_spoiled`).
    """
    types = ARROW | {Type.UUID: UUIDS} if decoded else ARROW
    return pa.schema([(name, types[table.column(name).type]) for name in names])


def with_spoiled(batch: pa.RecordBatch, spoiled: Mapping[str, int]) -> pa.RecordBatch:
    """Note on a batch how many values of each column became null because they did not fit."""
    noted = {_SPOILED + name.encode(): str(count) for name, count in spoiled.items() if count}
    return batch.replace_schema_metadata(noted) if noted else batch


def spoiled_of(batch: pa.RecordBatch) -> dict[str, int]:
    """Return what `with_spoiled` noted."""
    return {
        key.removeprefix(_SPOILED).decode(): int(count)
        for key, count in (batch.schema.metadata or {}).items()
        if key.startswith(_SPOILED)
    }


def batches_of(
    table: Table, rows: Iterable[Mapping[str, Any]], size: int = 10_000
) -> Iterator[pa.RecordBatch]:
    """Pack rows (column name to Python value) into batches; unnamed columns become null.

    Raises ValueError or TypeError (Arrow's own) for a value of the wrong type.
    """
    schema = schema_of(table, [column.name for column in table.copied_columns])
    pending: list[Mapping[str, Any]] = []
    for row in rows:
        pending.append(row)
        if len(pending) == size:
            yield pa.RecordBatch.from_pylist(pending, schema=schema)
            pending = []
    if pending:
        yield pa.RecordBatch.from_pylist(pending, schema=schema)
