"""Values that lie scattered in one buffer, turned into Arrow columns without a Python object each.

Servers send rows, DuckDB wants columns. What a row-wise buffer holds of one column is described by
three arrays (where each value starts, how long it is, whether it is there at all); everything else
here works on whole columns at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from stackfsck.clients.databases.base import UUID_TYPE
from stackfsck.model.errors import Unreadable
from stackfsck.store.arrow import with_spoiled

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]
Flags = NDArray[np.bool_]

_TIME = pa.timestamp("us")
_DASHED, _PLAIN = 36, 32
_BAD = 0x100
_HEX_RUNS = ((0, 8), (9, 13), (14, 18), (19, 23), (24, 36))


@dataclass(frozen=True, kw_only=True)
class Spans:
    """One column of a batch: value i is `buffer[starts[i]:starts[i] + lengths[i]]`, if `valid[i]`.

    The spans ascend and do not overlap; a missing value has the length 0.
    """

    buffer: Bytes
    starts: Places
    lengths: Places
    valid: Flags

    def to_arrow(self, wanted: pa.DataType) -> pa.Array:
        """Return the column as `wanted`; raises Unreadable when a value is nothing of the kind."""
        if wanted == UUID_TYPE:
            return self._uuids()
        if pa.types.is_boolean(wanted):
            return self._booleans()
        raw = self._gathered()
        try:
            if pa.types.is_binary(wanted):
                return raw
            text = _text(raw)
            if wanted == _TIME:
                return _times(text)
            return text if pa.types.is_string(wanted) else text.cast(wanted)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise Unreadable(f"a value is no {wanted}: {error}") from error

    def _gathered(self) -> pa.Array:
        """Copy the values side by side.

        One binary array is laid over the buffer whose elements are, in turn, a value and the gap up
        to the next one; taking every second element lets Arrow do the copying.
        """
        count = len(self.starts)
        offsets = np.empty(2 * count + 1, dtype=np.int32)
        offsets[0:-1:2] = self.starts
        offsets[1::2] = self.starts + self.lengths
        offsets[-1] = offsets[-2] if count else 0
        laid = pa.Array.from_buffers(
            pa.binary(), 2 * count, [None, pa.py_buffer(offsets), pa.py_buffer(self.buffer)]
        )
        every = np.arange(0, 2 * count, 2, dtype=np.int32)
        mask = None if self.valid.all() else ~self.valid
        return cast("pa.Array", laid.take(pa.array(every, mask=mask)))

    def _booleans(self) -> pa.Array:
        """Zero and false are false, written as digits, as PostgreSQL's letters or as a bit."""
        first = self.buffer[np.minimum(self.starts, max(len(self.buffer) - 1, 0))]
        false = (self.lengths == 1) & np.isin(first, np.frombuffer(b"0fFnN\0", dtype=np.uint8))
        return pa.array(~false & (self.lengths > 0), mask=~self.valid)

    def _uuids(self) -> pa.Array:
        """Decode dashed and plain hexadecimal UUIDs; what is none becomes null."""
        count = len(self.starts)
        raw = np.zeros((count, 16), dtype=np.uint8)
        good = np.zeros(count, dtype=np.bool_)
        for length in (_DASHED, _PLAIN):
            rows = self.valid & (self.lengths == length)
            if not rows.any():
                continue
            if rows.all():
                raw, good = _decoded(_fixed(self.buffer, self.starts, length))
            else:
                raw[rows], good[rows] = _decoded(_fixed(self.buffer, self.starts[rows], length))
        return _uuid_array(raw, good)


def batch_of(values: Sequence[Spans], columns: pa.Schema) -> pa.RecordBatch:
    """Decode one batch, of exactly the schema `columns`, with a note of UUIDs that were none."""
    arrays = [one.to_arrow(field.type) for one, field in zip(values, columns, strict=True)]
    spoiled = {
        field.name: int(np.count_nonzero(one.valid)) - (len(array) - array.null_count)
        for one, array, field in zip(values, arrays, columns, strict=True)
        if field.type == UUID_TYPE
    }
    return with_spoiled(pa.record_batch(arrays, schema=columns), spoiled)


def spans_of(column: pa.Array) -> Spans:
    """Describe an Arrow binary or string column as spans of its own buffer."""
    plain = column.cast(pa.binary())
    _, offsets, data = plain.buffers()
    first, count = plain.offset, len(plain)
    ends = np.frombuffer(offsets or bytes(4), dtype=np.int32)
    edges = ends[first : first + count + 1].astype(np.int64)
    return Spans(
        # Never empty: a column of nothing but nulls still points somewhere.
        buffer=np.frombuffer(data or b"\0", dtype=np.uint8),
        starts=edges[:-1],
        lengths=np.diff(edges),
        valid=np.asarray(plain.is_valid()),
    )


def _fixed(buffer: Bytes, starts: Places, width: int) -> Bytes:
    """Copy values of one width into rows of a matrix."""
    # Overlapping windows as opaque items: numpy then copies `width` bytes at once per row.
    windows = np.ndarray(
        (len(buffer) - width + 1,), dtype=f"V{width}", buffer=buffer.data, strides=(1,)
    )
    return windows[starts].view(np.uint8).reshape(-1, width)


def _hex_pairs() -> NDArray[np.uint16]:
    """Return what two hexadecimal digits stand for, by both as one little-endian number."""
    digits = np.full(256, _BAD, dtype=np.uint16)
    for value, letter in enumerate(b"0123456789abcdef"):
        digits[letter] = digits[ord(chr(letter).upper())] = value
    low, high = digits[None, :], digits[:, None]  # the first digit is the low byte of the pair
    table = np.where((low == _BAD) | (high == _BAD), _BAD, (low << 4) | high)
    return cast("NDArray[np.uint16]", table.astype(np.uint16).reshape(-1))


_PAIRS = _hex_pairs()


def _decoded(text: Bytes) -> tuple[Bytes, Flags]:
    """Turn rows of 36 or 32 characters into 16 bytes each, with a flag whether all were digits."""
    if text.shape[1] == _DASHED:
        good = (text[:, [8, 13, 18, 23]] == ord("-")).all(axis=1)
        text = np.concatenate([text[:, start:end] for start, end in _HEX_RUNS], axis=1)
    else:
        good = np.ones(len(text), dtype=np.bool_)
    values = _PAIRS[np.ascontiguousarray(text).view("<u2")]
    if values.size and values.max() == _BAD:
        good &= (values != _BAD).all(axis=1)
    return values.astype(np.uint8), good


def _uuid_array(raw: Bytes, good: Flags) -> pa.Array:
    validity = None
    if not good.all():
        validity = pa.py_buffer(np.packbits(good, bitorder="little"))
    storage = pa.Array.from_buffers(pa.binary(16), len(raw), [validity, pa.py_buffer(raw)])
    return pa.ExtensionArray.from_storage(UUID_TYPE, storage)


def _text(raw: pa.Array) -> pa.Array:
    """Read bytes as UTF-8; the rare column that is not keeps its rows, with marks for bad bytes."""
    try:
        return raw.cast(pa.string())
    except pa.ArrowInvalid:
        values = (value and value.decode("utf-8", "replace") for value in raw.to_pylist())
        return pa.array([None if value is None else str(value) for value in values], pa.string())


def _times(text: pa.Array) -> pa.Array:
    """Read date and time as MySQL, PostgreSQL and SQLite write it; dates of zeros are null."""
    try:
        return text.cast(_TIME)
    except pa.ArrowInvalid:
        zeros = pc.match_substring_regex(text, r"^(\d{4}-00|\d{4}-\d\d-00|0000)")
        return pc.if_else(zeros, pa.scalar(None, pa.string()), text).cast(_TIME)
