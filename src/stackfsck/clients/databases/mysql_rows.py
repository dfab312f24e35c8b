"""Rows of MySQL's text protocol, decoded a column at a time.

A result set is a run of packets: three bytes of length, one sequence number, then one row. In a row
each value is preceded by its length: one byte below 251, or 252, 253, 254 and the length in 2, 3 or
8 bytes; 251 is null. A packet that starts with 254 and is shorter than nine bytes ends the set, one
that starts with 255 is an error. Rows of 16 MiB and more come in several packets.

Source: https://mariadb.com/kb/en/result-set-packets/, https://mariadb.com/kb/en/protocol-data-types/

Finding where packets start is a loop over rows; everything inside them is found for all rows of a
chunk at once.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pyarrow as pa

from stackfsck.clients.databases.spans import Bytes, Places, Spans, batch_of
from stackfsck.clients.databases.statements import BATCH_ROWS
from stackfsck.model.errors import Unreadable

_CHUNK_BYTES = 8 << 20
_READ_BYTES = 1 << 20
_HEADER = 4
_WHOLE = 0xFFFFFF  # a packet of this length goes on in the next one
_NULL, _TWO, _THREE, _EIGHT, _ERROR = 251, 252, 253, 254, 255
_END_LIMIT = 9
_LENGTH = struct.Struct("<I").unpack_from


class Source(Protocol):
    """A buffered socket: what is there now, at least one byte unless the other side is gone."""

    def read1(self, size: int, /) -> bytes:
        """Return at most `size` bytes without waiting for all of them."""
        ...


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """Some whole rows: their bytes, where each begins and ends (after its packet's header)."""

    buffer: Bytes
    starts: Places
    ends: Places


class RowStream:
    """The rows of one result set as they come from the socket, cut into chunks of whole rows."""

    def __init__(self, source: Source, columns: int) -> None:
        """Begin before the first row; `columns` is how many values each row has."""
        self.columns = columns
        self._source = source
        self._pending = bytearray()
        self._ended = False

    def chunks(self) -> Iterator[Chunk]:
        """Yield all rows in order, at most about 8 MiB or 64k rows at once (one row may be bigger).

        Raises Unreadable when the server reports an error or goes away before the end.
        """
        while not self._ended:
            found, used = self._gather()
            if found:
                buffer = np.frombuffer(bytes(memoryview(self._pending)[:used]), dtype=np.uint8)
                starts = np.array(found, dtype=np.int64)
                del self._pending[:used]
                yield from self._rows(buffer, starts, np.append(starts[1:] - _HEADER, used))
            elif not self._ended:
                yield self._giant()

    def drain(self) -> None:
        """Read what nobody wants any more, so that the connection can be used again."""
        for _ in self.chunks():
            pass

    def _gather(self) -> tuple[list[int], int]:
        """Collect whole packets, up to a row of several packets or to the end.

        Returns where the rows begin (a packet ends one header before the next row) and where the
        last packet ends.
        """
        pending, length = self._pending, _LENGTH
        starts: list[int] = []
        add = starts.append
        at = 0
        while True:
            limit = len(pending)
            last = limit - _HEADER
            while at <= last:
                size = length(pending, at)[0] & _WHOLE
                after = at + _HEADER + size
                if after > limit or size == _WHOLE:
                    break
                add(at + _HEADER)
                at = after
            if starts and self._is_last(starts[-1], at):
                self._ended = True
                return starts, at
            if len(starts) >= BATCH_ROWS or at >= _CHUNK_BYTES or self._giant_at(at):
                return starts, at
            self._fill()

    def _is_last(self, start: int, end: int) -> bool:
        first = self._pending[start] if end > start else 0
        return first == _ERROR or (first == _EIGHT and end - start < _END_LIMIT)

    def _giant_at(self, at: int) -> bool:
        return len(self._pending) - at >= _HEADER and (
            _LENGTH(self._pending, at)[0] & _WHOLE == _WHOLE
        )

    def _fill(self) -> None:
        try:
            more = self._source.read1(_READ_BYTES)
        except OSError:
            self._ended = True
            raise
        if not more:
            self._ended = True
            raise Unreadable("the server closed the connection in the midst of the rows")
        self._pending += more

    def _rows(self, buffer: Bytes, starts: Places, ends: Places) -> Iterator[Chunk]:
        """Take the packet that ends the set away; raise what an error packet says."""
        if self._ended:
            last = bytes(buffer[starts[-1] : ends[-1]])
            starts, ends = starts[:-1], ends[:-1]
            if len(starts):
                yield Chunk(buffer=buffer, starts=starts, ends=ends)
            if last[:1] == bytes([_ERROR]):
                raise Unreadable(_error_text(last))
        else:
            yield Chunk(buffer=buffer, starts=starts, ends=ends)

    def _giant(self) -> Chunk:
        """Join the packets of one row that is too long for one."""
        row = bytearray()
        size = _WHOLE
        while size == _WHOLE:
            self._need(_HEADER)
            size = _LENGTH(self._pending, 0)[0] & _WHOLE
            self._need(_HEADER + size)
            row += memoryview(self._pending)[_HEADER : _HEADER + size]
            del self._pending[: _HEADER + size]
        whole = np.array([0], dtype=np.int64)
        return Chunk(buffer=np.frombuffer(row, dtype=np.uint8), starts=whole, ends=whole + len(row))

    def _need(self, size: int) -> None:
        while len(self._pending) < size:
            self._fill()


def batches(rows: RowStream, columns: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Decode a result set into batches of exactly the schema `columns`."""
    for chunk in rows.chunks():
        yield batch_of(split(chunk, rows.columns), columns)


def split(chunk: Chunk, columns: int) -> list[Spans]:
    """Find every value of a chunk; raises Unreadable when rows do not end where they should."""
    buffer, at = chunk.buffer, chunk.starts
    top = len(buffer) - 1
    spans = []
    for _ in range(columns):
        first = buffer[np.minimum(at, top)]
        valid = first != _NULL
        lengths = np.where(valid, first, 0).astype(np.int64)
        starts = at + 1
        if (first > _NULL).any():
            _long(buffer, first, starts, lengths)
        at = starts + lengths
        spans.append(Spans(buffer=buffer, starts=starts, lengths=lengths, valid=valid))
        if (at > chunk.ends).any():
            raise Unreadable("the server sent a row that is longer than its packet")
    if (at != chunk.ends).any():
        raise Unreadable("the server sent a row that is shorter than its packet")
    return spans


def _long(buffer: Bytes, first: Bytes, starts: Places, lengths: Places) -> None:
    """Correct starts and lengths, in place, of values whose length does not fit in one byte."""
    for mark, width in ((_TWO, 2), (_THREE, 3), (_EIGHT, 8)):
        rows = np.flatnonzero(first == mark)
        if not len(rows):
            continue
        if starts[rows].max() + width > len(buffer):
            raise Unreadable("the server sent a row that is longer than its packet")
        size = np.zeros(len(rows), dtype=np.uint64)
        for place in range(width):
            byte = buffer[starts[rows] + place].astype(np.uint64)
            size |= byte << np.uint64(8 * place)
        # A length beyond the buffer is caught by the caller; one beyond int64 must stay positive.
        lengths[rows] = np.minimum(size, np.uint64(1 << 40)).astype(np.int64)
        starts[rows] += width
    if (first == _ERROR).any():
        raise Unreadable("the server sent a value of no known length")


def _error_text(packet: bytes) -> str:
    """Return the message of an error packet: code, SQL state, text."""
    code = int.from_bytes(packet[1:3], "little")
    text = packet[3:]
    if text[:1] == b"#":
        text = text[6:]
    return f"{text.decode('utf-8', 'replace')} ({code})"
