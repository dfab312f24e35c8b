"""Hosts over ssh: keys of hosts are always checked, nobody is asked anything.

What an operator's ``~/.ssh/config`` says about a host (its address, user, key, ProxyJump) holds
here too; what a `HostAddress` says itself comes first. One connection to a jump host serves all
hosts behind it, so that its sshd (MaxStartups) is not overrun.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import shlex
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncssh

from stackfsck.clients.hosts.base import (
    LONGEST_COMPLAINT,
    HostAddress,
    answer_of,
    complaint,
    lines_of,
    probe_script,
)
from stackfsck.model.errors import Unreadable

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Mapping

CHUNK = 1 << 16
CONNECT_SECONDS = 20
KEEPALIVE_SECONDS = 15
JUMP = re.compile(
    r"(?:(?P<user>[^@\s]+)@)?(?:\[(?P<v6>[0-9a-fA-F:.]+)\]|(?P<host>[^@:\[\]\s]+))(?::(?P<port>\d+))?"
)
KNOWN_HOSTS = ("~/.ssh/known_hosts", "/etc/ssh/ssh_known_hosts")


@dataclass(slots=True)
class _Shared:
    """A connection to a jump host, and how many use it."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    connection: asyncssh.SSHClientConnection | None = None
    users: int = 0


class Jumps:
    """Connections to jump hosts, each opened with its first user and closed behind its last."""

    def __init__(self) -> None:
        """Begin with none."""
        self._shared: dict[tuple[object, ...], _Shared] = {}

    @contextlib.asynccontextmanager
    async def through(self, at: HostAddress) -> AsyncIterator[asyncssh.SSHClientConnection | None]:
        """Yield the connection to the last of a host's jump hosts, None when it has none."""
        hops = _hops(at)
        if not hops:
            yield None
            return
        # Each look at a cloud has an event loop of its own, and connections live in one loop.
        key = (asyncio.get_running_loop(), *hops)
        shared = self._shared.setdefault(key, _Shared())
        async with shared.lock:
            if shared.connection is None or shared.connection.is_closed():
                shared.connection = await _chain(at, hops)
            shared.users += 1
        try:
            yield shared.connection
        finally:
            shared.users -= 1
            if not shared.users and shared.connection is not None:
                connection, shared.connection = shared.connection, None
                connection.close()
                await connection.wait_closed()


def _hops(at: HostAddress) -> tuple[str, ...]:
    """Return the jump hosts on the way: a host's own, else those that ssh's configuration names.

    asyncssh would go through the latter by itself, but with less care about their keys.
    """
    named = () if at.jump else _options(at).tunnel
    return at.jump or (tuple(named.split(",")) if isinstance(named, str) else ())


async def _chain(at: HostAddress, hops: tuple[str, ...]) -> asyncssh.SSHClientConnection:
    """Connect from one jump host to the next."""
    connection = None
    for hop in hops:
        connection = await connect(_jump_address(at, hop), connection)
    assert connection is not None  # noqa: S101  there is a hop
    return connection


def _jump_address(at: HostAddress, jump: str) -> HostAddress:
    """Return how ``user@host:port`` is reached: with the same keys as the host behind it."""
    match = JUMP.fullmatch(jump)
    if match is None:
        raise Unreadable(f"{jump!r} is no jump host", next_step="Write user@host:port.")
    host, port = match["v6"] or match["host"], match["port"]
    user, number = match["user"] or "", int(port) if port else None
    return replace(at, name=jump, address=host, user=user, port=number, jump=())


@dataclass(frozen=True, slots=True, kw_only=True)
class SshHost:
    """A host that is read over ssh."""

    at: HostAddress
    jumps: Jumps

    @property
    def name(self) -> str:
        """What the operator calls it."""
        return self.at.name

    async def look(self, parameters: Mapping[str, object]) -> AsyncGenerator[bytes, None]:
        """See `Host.look`."""
        async for line in self._run(self.at.command(parameters), probe_script()):
            yield line

    async def act(self, request: Mapping[str, object]) -> Mapping[str, Any]:
        """See `Host.act`."""
        script = self.at.acting_script(request)
        return answer_of([line async for line in self._run(self.at.interpreter(), script)])

    async def _run(self, command: list[str], script: bytes) -> AsyncGenerator[bytes, None]:
        """Run a script there and yield its lines; raises Unreadable when it does not end well."""
        try:
            async with (
                asyncio.timeout(self.at.seconds),
                self.jumps.through(self.at) as tunnel,
                await connect(self.at, tunnel) as connection,
            ):
                async for line in lines_of(_converse(connection, command, script)):
                    yield line
        except TimeoutError as error:
            raise Unreadable(f"no answer within {self.at.seconds:g} s") from error
        except asyncssh.Error as error:
            raise Unreadable(f"the ssh connection broke: {error.reason}") from error


async def connect(
    at: HostAddress, tunnel: asyncssh.SSHClientConnection | None = None
) -> asyncssh.SSHClientConnection:
    """Log in; raises Unreadable with what to type when that does not work."""
    where = at.address or at.name
    try:
        options = _options(at)
        return await asyncssh.connect(where, tunnel=tunnel, options=options)
    except asyncssh.HostKeyNotVerifiable as error:
        raise Unreadable(
            f"the ssh host key of {where} is not known or has changed; nothing was sent to it",
            next_step=f"Compare the fingerprint while you log in once: {_by_hand(at)}",
        ) from error
    except asyncssh.PermissionDenied as error:
        raise Unreadable(
            f"{where} refused the login of {_user(at)}", next_step=f"Try: {_by_hand(at)}"
        ) from error
    except asyncssh.Error as error:
        raise Unreadable(f"{where}: {error.reason}", next_step=f"Try: {_by_hand(at)}") from error
    except TimeoutError as error:
        raise Unreadable(f"{where} did not answer within {CONNECT_SECONDS} s") from error
    except OSError as error:
        raise Unreadable(f"{where} cannot be reached: {error.strerror or error}") from error
    except ValueError as error:  # of asyncssh: a key or a configuration file
        raise Unreadable(
            f"ssh to {where} is not set up: {error}",
            next_step="Load keys that have a passphrase into ssh-agent.",
        ) from error


def _options(at: HostAddress) -> asyncssh.SSHClientConnectionOptions:
    """Return how a host is logged in to; what is empty is left to ssh's own configuration."""
    given: dict[str, Any] = {
        "host": at.address or at.name,
        "port": at.port,
        "username": at.user,
        "client_keys": [str(Path(path).expanduser()) for path in at.identity_files],
        "known_hosts": [str(Path(path).expanduser()) for path in at.known_hosts],
    }
    given = {name: value for name, value in given.items() if value}
    if at.config_files is not None:
        given["config"] = [str(Path(path).expanduser()) for path in at.config_files]
    given |= {
        "connect_timeout": CONNECT_SECONDS,
        "login_timeout": CONNECT_SECONDS,
        "keepalive_interval": KEEPALIVE_SECONDS,
        "password_auth": False,
        "kbdint_auth": False,
    }
    options = asyncssh.SSHClientConnectionOptions(**given)
    if not options.known_hosts:
        # Never None ("UserKnownHostsFile none"): to asyncssh that means to believe every host.
        files = [Path(path).expanduser() for path in KNOWN_HOSTS]
        known = [str(path) for path in files if path.is_file()] or b""
        options = asyncssh.SSHClientConnectionOptions(**{**given, "known_hosts": known})
    return options


async def _converse(
    connection: asyncssh.SSHClientConnection, command: list[str], script: bytes
) -> AsyncIterator[bytes]:
    """Send the script and yield what comes back; raises Unreadable when it ends badly."""
    process = await connection.create_process(shlex.join(command), encoding=None)
    errors = asyncio.create_task(_tail(process.stderr))
    sending = asyncio.create_task(_send(process, script))
    try:
        while chunk := await process.stdout.read(CHUNK):
            yield bytes(chunk)
        await sending
        await process.wait_closed()
        if process.exit_status != 0:
            raise complaint(command, process.exit_status, await errors)
    finally:
        errors.cancel()
        sending.cancel()
        process.close()


async def _send(process: asyncssh.SSHClientProcess[bytes], script: bytes) -> None:
    """Send the script; a process that ends before it has read all of it tells why by itself."""
    with contextlib.suppress(ConnectionError, asyncssh.Error):
        process.stdin.write(script)
        await process.stdin.drain()
        process.stdin.write_eof()


async def _tail(stream: asyncssh.SSHReader[bytes]) -> bytes:
    """Return the last words of a stream, read to its end so that its writer never waits."""
    kept = b""
    while chunk := await stream.read(CHUNK):
        kept = (kept + chunk)[-4 * LONGEST_COMPLAINT :]
    return kept


def _user(at: HostAddress) -> str:
    """Say who logs in."""
    return at.user or "your user"


def _by_hand(at: HostAddress) -> str:
    """Return the ssh command that does the same by hand."""
    port = ["-p", str(at.port)] if at.port else []
    keys = [word for path in at.identity_files for word in ("-i", path)]
    jump = ["-J", ",".join(at.jump)] if at.jump else []
    where = at.address or at.name
    return shlex.join(["ssh", *port, *keys, *jump, f"{at.user}@{where}" if at.user else where])
