"""Console tickets in memcached, as nova-consoleauth kept them up to Stein; read, never changed.

nova/consoleauth/manager.py writes two kinds of entries: under the ticket, a JSON object with
``instance_uuid``; under the VM's UUID, a JSON list of its tickets. With ``[cache]enabled``
oslo.cache puts the SHA-1 of the key in its place; without, keys are plain, and a key that is a
ticket opens a console: so only the SHA-1 of a key leaves this module. dogpile wraps the JSON in a
pickle, which is searched and never loaded.

Keys are listed with ``lru_crawler metadump`` (memcached 1.4.31 and newer).
"""

from __future__ import annotations

import hashlib
import json
import re
import socket
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from stackfsck.model.errors import Misused, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from io import BufferedRWPair

PORT = 11211
SIM = "sim:"
SECONDS = 20.0
LONGEST_LINE = 4096
LARGEST_VALUE = 16_384
"""Bytes: a VM's list of 100 tickets has 4000."""

MOST_KEYS = 500_000
AT_A_TIME = 50

_UUID = rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_PLAIN = re.compile(_UUID)
_MANGLED = re.compile(rb"[0-9a-f]{40}")
_INSTANCE = re.compile(rb'"instance_uuid": ?"(' + _UUID + rb')"')
_TICKETS = re.compile(rb'\["' + _UUID + rb'"(?:, ?"' + _UUID + rb'")*\]')


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One entry about tickets: the SHA-1 of its key, the VM, and when it lapses, if told (UTC)."""

    key: str
    instance: str
    expires: datetime | None


@dataclass(frozen=True, slots=True)
class Memcached:
    """A memcached server, given as ``host``, ``host:port`` or ``[address]:port``."""

    server: str

    @property
    def address(self) -> tuple[str, int]:
        """Host and port; raises Misused for what is neither."""
        match = re.fullmatch(r"(?:\[([0-9a-fA-F:.]+)\]|([^\[\]:\s]+))(?::(\d{1,5}))?", self.server)
        if match is None:
            raise Misused(f"{self.server!r} is no memcached server", next_step="Write host:port.")
        return match[1] or match[2], int(match[3] or PORT)

    def tokens(self, known: Iterable[str] = ()) -> list[Token]:
        """Return all entries about console tickets.

        `known` are UUIDs of VMs: only for them can a mangled key be told to be a VM's. Raises
        Unreadable when the server is silent, cannot list its keys, or has too many of them.
        """
        mangled = {hashlib.sha1(vm.encode()).hexdigest(): vm for vm in known}  # noqa: S324
        try:
            with (
                closing(socket.create_connection(self.address, SECONDS)) as connection,
                connection.makefile("rwb") as stream,
            ):
                expiries = dict(_keys(stream))
                return list(_tokens(stream, expiries, mangled))
        except TimeoutError as error:
            raise Unreadable(f"{self.server} gave no answer within {SECONDS:g} s") from error
        except OSError as error:
            raise Unreadable(f"{self.server}: {error.strerror or error}") from error


@dataclass(frozen=True, slots=True)
class RecordedMemcached(Memcached):
    """A file that plays a server: each line is a JSON object with the fields of a `Token`."""

    path: Path

    def tokens(self, known: Iterable[str] = ()) -> list[Token]:
        """Return the tickets of the file; raises Unreadable."""
        del known
        try:
            lines = self.path.read_text("utf-8").splitlines()
            return [_recorded(json.loads(line)) for line in lines]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Unreadable(f"{self.path} cannot be read: {error}") from error


def cache_of(server: str) -> Memcached:
    """Return a server (``host:port``), or the file that plays one (``sim:`` and its path)."""
    if not server.startswith(SIM):
        return Memcached(server)
    path = Path(server.removeprefix(SIM))
    return RecordedMemcached(path.stem, path)


def _recorded(entry: dict[str, str | None]) -> Token:
    expires = entry["expires"]
    return Token(
        key=str(entry["key"]),
        instance=str(entry["instance"]),
        expires=datetime.fromisoformat(expires) if expires else None,
    )


def _ask(stream: BufferedRWPair, command: bytes) -> Iterator[bytes]:
    """Send a command and yield its lines up to END; raises Unreadable for any other end."""
    stream.write(command + b"\r\n")
    stream.flush()
    while (line := stream.readline(LONGEST_LINE)) != b"END\r\n":
        if not line.endswith(b"\r\n") and not line.endswith(b"\n"):
            raise Unreadable("memcached broke off in the middle of an answer")
        if re.match(rb"ERROR|CLIENT_ERROR|SERVER_ERROR|BUSY", line):
            said = line.strip().decode("ascii", "replace")[:100]
            raise Unreadable(
                f"memcached cannot list its keys ({said})",
                next_step="It needs version 1.4.31 or newer, without -o no_lru_crawler.",
            )
        yield line.rstrip(b"\r\n")


def _keys(stream: BufferedRWPair) -> Iterator[tuple[bytes, datetime | None]]:
    """Yield every key that can be nova's, and when it lapses."""
    now, seen = datetime.now(UTC).replace(tzinfo=None), 0
    for line in _ask(stream, b"lru_crawler metadump all"):
        fields = dict(word.split(b"=", 1) for word in line.split(b" ") if b"=" in word)
        key = unquote_to_bytes(fields.get(b"key", b""))
        if not (_PLAIN.fullmatch(key) or _MANGLED.fullmatch(key)):
            continue
        seen += 1
        if seen > MOST_KEYS:
            raise Unreadable(f"memcached holds more than {MOST_KEYS} keys that may be nova's")
        moment = int(fields.get(b"exp", b"-1"))
        expires = datetime.fromtimestamp(moment, UTC).replace(tzinfo=None) if moment > 0 else None
        if int(fields.get(b"size", b"0")) <= LARGEST_VALUE and (expires is None or expires > now):
            yield key, expires


def _tokens(
    stream: BufferedRWPair, expiries: dict[bytes, datetime | None], mangled: dict[str, str]
) -> Iterator[Token]:
    """Fetch the values and yield those that are about tickets."""
    keys = list(expiries)
    for start in range(0, len(keys), AT_A_TIME):
        wanted = keys[start : start + AT_A_TIME]
        for key, value in _values(stream, wanted):
            instance = _instance_of(key, value, mangled)
            if instance and key in expiries:
                yield Token(key=_hash(key), instance=instance, expires=expiries[key])


def _values(stream: BufferedRWPair, keys: list[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Yield key and value of those keys that are still there."""
    for line in _ask(stream, b"get " + b" ".join(keys)):
        match = re.fullmatch(rb"VALUE (\S+) \d+ (\d+)(?: \d+)?", line)
        if match is None or int(match[2]) > 2 * LARGEST_VALUE:
            raise Unreadable("memcached answered with something unexpected")
        value = stream.read(int(match[2]) + 2)
        yield match[1], value[:-2]


def _instance_of(key: bytes, value: bytes, mangled: dict[str, str]) -> str:
    """Return the VM that an entry is about, "" when it is not about tickets."""
    if match := _INSTANCE.search(value):
        return match[1].decode()
    if not _TICKETS.search(value):
        return ""
    return key.decode() if _PLAIN.fullmatch(key) else mangled.get(key.decode(), "")


def _hash(key: bytes) -> str:
    """Return the SHA-1 of a plain key; a mangled one is that already."""
    return key.decode() if _MANGLED.fullmatch(key) else hashlib.sha1(key).hexdigest()  # noqa: S324
