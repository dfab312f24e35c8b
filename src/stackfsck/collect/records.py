"""One record that a host sent, held against the catalogue: what does not fit is refused."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from stackfsck.catalogue.table import Table, Type

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_TEXT = 16_384
"""Characters of one value: a path has at most 4096 bytes, each may be written as ``\\xff``."""

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
LARGEST = 2**63


class Refused(ValueError):
    """A record is not what its table holds; the message says what is wrong, without the value."""


def row_of(table: Table, record: object) -> dict[str, Any]:
    """Return a record as a row of its table.

    Every column must be there, no other may be, and each value must be of its column's type or
    null. Raises Refused.
    """
    if not isinstance(record, dict):
        raise Refused("a record is not an object")
    columns = {column.name: column.type for column in table.columns}
    if record.keys() != columns.keys():
        wrong = sorted(str(name)[:40] for name in record.keys() ^ columns.keys())
        raise Refused(f"a record lacks, or should not have, {', '.join(wrong[:3])}")
    return {name: _value(name, columns[name], value) for name, value in record.items()}


def _value(name: str, kind: Type, value: object) -> object:
    """Return one value; raises Refused."""
    if value is None:
        return None
    if kind is Type.TEXT and isinstance(value, str):
        return _text(name, value)
    if kind is Type.UUID and isinstance(value, str) and UUID.fullmatch(value):
        return value
    if kind is Type.BOOLEAN and isinstance(value, bool):
        return value
    if kind is Type.INTEGER and isinstance(value, int) and not isinstance(value, bool):
        if -LARGEST <= value < LARGEST:
            return value
    elif kind is Type.TIME and isinstance(value, str):
        return _time(name, value)
    raise Refused(f"{name} is not of type {kind.name.lower()}")


def _text(name: str, value: str) -> str:
    """Return a text that can be stored; raises Refused."""
    if len(value) > LONGEST_TEXT:
        raise Refused(f"{name} is longer than {LONGEST_TEXT} characters")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise Refused(f"{name} is not text") from error
    return value


def _time(name: str, value: str) -> datetime:
    """Return a time in UTC without a zone, as the snapshot holds it; raises Refused."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise Refused(f"{name} is not a time") from error
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def end_of(line: Mapping[str, Any]) -> tuple[str, str]:
    """Return how a table ended: ``done``, ``partial`` or ``failed``, and the reason.

    Raises Refused for a line that says none, or more than one, of them.
    """
    said = [word for word in ("done", "partial", "failed") if word in line]
    if len(said) != 1:
        raise Refused("a line neither holds a record nor ends a table")
    reason = line[said[0]]
    return said[0], _text("reason", reason)[:1000] if isinstance(reason, str) else ""
