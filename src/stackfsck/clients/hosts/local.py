"""The host that stackfsck itself runs on, or a container that a local command leads into."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalHost:
    """A host that is read through a process here.

    With `HostAddress.prefix` the process may be ``kubectl exec -i`` or ``docker exec -i``.
    """

    at: HostAddress

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
        """Run a script and yield its lines; raises Unreadable when it does not end well."""
        process = await _start(command)
        try:
            async with asyncio.timeout(self.at.seconds):
                async for line in lines_of(_converse(process, command, script)):
                    yield line
        except TimeoutError as error:
            raise Unreadable(f"no answer within {self.at.seconds:g} s") from error
        finally:
            await _end(process)


async def _start(command: list[str]) -> asyncio.subprocess.Process:
    """Start the probe in a process group of its own."""
    pipe = asyncio.subprocess.PIPE
    try:
        return await asyncio.create_subprocess_exec(
            *command, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True
        )
    except OSError as error:
        raise Unreadable(f"{command[0]} cannot be run: {error.strerror}") from error


async def _converse(
    process: asyncio.subprocess.Process, command: list[str], script: bytes
) -> AsyncIterator[bytes]:
    """Send the script and yield what comes back; raises Unreadable when it ends badly."""
    stdin, stdout, stderr = process.stdin, process.stdout, process.stderr
    assert stdin is not None  # noqa: S101  all three are pipes
    assert stdout is not None  # noqa: S101
    assert stderr is not None  # noqa: S101
    errors = asyncio.create_task(_tail(stderr))
    sending = asyncio.create_task(_send(stdin, script))
    try:
        while chunk := await stdout.read(CHUNK):
            yield chunk
        await sending
        status = await process.wait()
        if status:
            raise complaint(command, status, await errors)
    finally:
        errors.cancel()
        sending.cancel()


async def _send(stdin: asyncio.StreamWriter, script: bytes) -> None:
    """Send the script; a process that ends before it has read all of it tells why by itself."""
    with contextlib.suppress(ConnectionError):
        stdin.write(script)
        await stdin.drain()
        stdin.close()
        await stdin.wait_closed()


async def _tail(stream: asyncio.StreamReader) -> bytes:
    """Return the last words of a stream, read to its end so that its writer never waits."""
    kept = b""
    while chunk := await stream.read(CHUNK):
        kept = (kept + chunk)[-4 * LONGEST_COMPLAINT :]
    return kept


async def _end(process: asyncio.subprocess.Process) -> None:
    """Kill what is left of the process group, and wait for it."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
