"""Console tickets in a real memcached."""

from __future__ import annotations

import contextlib
import hashlib
import json
import pickle
import shutil
import socket
import subprocess
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from tests.real.sshd import free_port

from stackfsck.clients.memcached import Memcached, Token
from stackfsck.collect.memcached import read_tokens
from stackfsck.model.coverage import Outcome
from stackfsck.model.errors import Misused, Unreadable
from stackfsck.model.watch import Silent
from stackfsck.store.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

VM = "5895512d-4a69-4bba-b17c-3656a1d73f55"
TICKET = "0b8a1d5e-9e1a-4a49-a2d6-0a4f5c8b7e11"
needs_memcached = pytest.mark.skipif(not shutil.which("memcached"), reason="needs memcached")


def sha1(text: str) -> str:
    return hashlib.sha1(text.encode()).hexdigest()  # noqa: S324


def wrapped(value: object) -> bytes:
    """A value as dogpile stores it: a pickle of JSON text and of when it was made."""
    return pickle.dumps((json.dumps(value), {"ct": 1.0, "v": 1}), protocol=2)


@contextlib.contextmanager
def running(*options: str) -> Iterator[int]:
    port = free_port()
    words = ["memcached", "-u", "root", "-l", "127.0.0.1", "-p", str(port), "-m", "16", *options]
    with subprocess.Popen(words) as process:
        try:
            for _ in range(100):
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                    break
                time.sleep(0.05)
            yield port
        finally:
            process.terminate()


def put(port: int, key: str, value: bytes, seconds: int = 0) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        head = f"set {key} 0 {seconds} {len(value)}\r\n".encode()
        connection.sendall(head + value + b"\r\n")
        assert connection.recv(100) == b"STORED\r\n"


@pytest.fixture
def server() -> Iterator[int]:
    with running() as port:
        yield port


@needs_memcached
def test_plain_keys_tell_ticket_and_vm_but_the_ticket_stays_secret(server: int) -> None:
    ticket = {"token": TICKET, "instance_uuid": VM, "console_type": "novnc"}
    put(server, TICKET, wrapped(ticket), 600)
    put(server, VM, wrapped([TICKET]))
    before = datetime.now(UTC).replace(tzinfo=None)
    tokens = {token.key: token for token in Memcached(f"127.0.0.1:{server}").tokens()}
    assert tokens.keys() == {sha1(TICKET), sha1(VM)}
    assert {token.instance for token in tokens.values()} == {VM}
    assert tokens[sha1(VM)].expires is None
    expires = tokens[sha1(TICKET)].expires
    assert expires is not None
    assert 500 < (expires - before).total_seconds() < 700
    assert TICKET not in repr(tokens)


@needs_memcached
def test_mangled_keys_are_known_by_their_value_or_by_the_vm(server: int) -> None:
    put(server, sha1(TICKET), wrapped({"token": TICKET, "instance_uuid": VM}))
    put(server, sha1(VM), wrapped([TICKET]))
    cache = Memcached(f"127.0.0.1:{server}")
    assert cache.tokens() == [Token(key=sha1(TICKET), instance=VM, expires=None)]
    assert {token.key for token in cache.tokens([VM])} == {sha1(TICKET), sha1(VM)}


@needs_memcached
def test_what_others_keep_there_is_left_alone(server: int) -> None:
    for number in range(300):
        put(server, sha1(f"keystone {number}"), wrapped({"user": number}))
        put(server, f"metadata-10.0.0.{number}", b"x")
    put(server, VM, b"not about tickets")
    put(server, "odd%20key=1", b"x")
    put(server, sha1("big"), b"x" * 100_000)
    put(server, sha1("last"), wrapped({"instance_uuid": VM}))
    tokens = Memcached(f"127.0.0.1:{server}").tokens()
    assert tokens == [Token(key=sha1("last"), instance=VM, expires=None)]


@needs_memcached
def test_tickets_reach_the_snapshot_with_their_server(server: int, tmp_path: Path) -> None:
    put(server, VM, wrapped([TICKET]))
    name = f"127.0.0.1:{server}"
    with Snapshot.create(tmp_path / "s") as snapshot:
        read_tokens([Memcached(name)], snapshot, Silent())
        (row,) = snapshot.query("from memcached.tokens")
        assert (row["server"], row["key"], str(row["instance"])) == (name, sha1(VM), VM)
        (reading,) = snapshot.coverage()
        assert (reading.scope, reading.outcome, reading.rows) == (name, Outcome.COMPLETE, 1)


@needs_memcached
def test_a_server_that_cannot_list_its_keys_says_so() -> None:
    with (
        running("-o", "no_lru_crawler") as port,
        pytest.raises(Unreadable, match="cannot list its keys") as caught,
    ):
        Memcached(f"127.0.0.1:{port}").tokens()
    assert "1.4.31" in caught.value.next_step


def test_a_server_that_is_gone_is_coverage(tmp_path: Path) -> None:
    with Snapshot.create(tmp_path / "s") as snapshot:
        read_tokens([Memcached(f"127.0.0.1:{free_port()}")], snapshot, Silent())
        (reading,) = snapshot.coverage()
        assert reading.outcome is Outcome.FAILED
        assert "refused" in reading.reason


def test_no_server_is_nothing_that_could_be_missing(tmp_path: Path) -> None:
    with Snapshot.create(tmp_path / "s") as snapshot:
        read_tokens([], snapshot, Silent())
        (reading,) = snapshot.coverage()
        assert reading.outcome is Outcome.NONE
        read_tokens([], snapshot, Silent(), {"nova.instances"})
        assert len(snapshot.coverage()) == 1


@pytest.mark.parametrize(
    ("server", "address"),
    [
        ("cache-1", ("cache-1", 11211)),
        ("10.0.0.1:11300", ("10.0.0.1", 11300)),
        ("[fd00::1]:11211", ("fd00::1", 11211)),
        ("[fd00::1]", ("fd00::1", 11211)),
    ],
)
def test_servers_as_they_are_written(server: str, address: tuple[str, int]) -> None:
    assert Memcached(server).address == address


@pytest.mark.parametrize("server", ["", "a b", "host:port", "fd00::1", "a:1:2"])
def test_servers_that_are_none(server: str) -> None:
    with pytest.raises(Misused, match="no memcached server"):
        _ = Memcached(server).address
