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


def schema_of(table: Table, names: Iterable[str]) -> pa.Schema:
    """Return the Arrow schema in which these columns of a table travel (UUIDs as text)."""
    return pa.schema([(name, ARROW[table.column(name).type]) for name in names])


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
