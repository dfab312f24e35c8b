"""What every way to a host has in common: the probe goes there, its lines come back."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from importlib import resources
from typing import TYPE_CHECKING, Any, Protocol

from stackfsck.model.errors import Unreadable

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Mapping, Sequence

LONGEST_LINE = 1 << 20
"""Bytes of one line; a record of the probe has a few hundred."""

LONGEST_ANSWER = 256 << 20
"""Bytes of all that one host may answer: a host with 10,000 domains needs about 10 MiB."""

ACT_PARAMETERS = frozenset(
    [
        "libvirt_uri",
        "libvirt_prefix",
        "vswitch_prefix",
        "vswitch_db",
        "ceph_prefix",
        "ceph_arguments",
    ]
)
"""Parameters of a host that the probe that acts takes, too."""

LONGEST_COMPLAINT = 400
"""Characters of what a command complained about that are worth showing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostAddress:
    """A host that is to be read, and the way to it.

    `name` is what the operator calls it. Of the rest, `prefix` stands before the probe's command
    (a container or pod: ``("kubectl", "exec", "-i", "pod", "--")``), `sudo` asks for root without
    a password, `parameters` go to the probe (`stackfsck.probe.look.DEFAULTS` names them), and
    `seconds` is the time after which the host counts as silent. `address` to `known_hosts` are
    for ssh; what is empty or None comes from OpenSSH's configuration, then from its defaults.
    """

    name: str
    seconds: float = 300.0
    python: str = "python3"
    sudo: bool = False
    prefix: tuple[str, ...] = ()
    parameters: Mapping[str, object] = field(default_factory=dict)
    address: str = ""
    user: str = ""
    port: int | None = None
    identity_files: tuple[str, ...] = ()
    jump: tuple[str, ...] = ()
    known_hosts: tuple[str, ...] = ()
    config_files: tuple[str, ...] | None = None

    def command(self, parameters: Mapping[str, object]) -> list[str]:
        """Return the argv that runs the probe from its standard input.

        Python is told to trust neither the environment nor the current folder (``-I``) and to
        write no byte code (``-B``).
        """
        limit = {"total_seconds": max(1, int(self.seconds))}
        wish = json.dumps({**limit, **self.parameters, **parameters}, separators=(",", ":"))
        return [*self.interpreter(), wish]

    def interpreter(self) -> list[str]:
        """Return the argv that runs a script from its standard input, without arguments."""
        sudo = ["sudo", "-n", "--"] if self.sudo else []
        return [*self.prefix, *sudo, self.python, "-I", "-B", "-"]

    def acting_script(self, request: Mapping[str, object]) -> bytes:
        """Return the probe that acts, with its request in front: a command line is no secret.

        Of this host's parameters it is given those that say where its tools are.
        """
        parameters = {k: v for k, v in self.parameters.items() if k in ACT_PARAMETERS}
        limit = {"total_seconds": max(1, int(self.seconds))}
        wish = json.dumps({"parameters": {**limit, **parameters}, **request})
        script = resources.files("stackfsck.probe").joinpath("act.py").read_bytes()
        return f"REQUEST = {wish!a}\n".encode() + script


class Host(Protocol):
    """A host that can be looked at, and acted on."""

    @property
    def name(self) -> str:
        """What the operator calls it."""

    def look(self, parameters: Mapping[str, object]) -> AsyncGenerator[bytes, None]:
        """Run the probe there and yield its lines, without their ends.

        Raises Unreadable when the host cannot be reached, is silent for too long, or the probe
        does not end well; lines that were yielded before are good.
        """

    async def act(self, request: Mapping[str, object]) -> Mapping[str, Any]:
        """Do one guarded thing there and return the answer of `stackfsck.probe.act`.

        Raises Unreadable when there is none: then nobody knows what was done.
        """


def answer_of(lines: Sequence[bytes]) -> Mapping[str, Any]:
    """Return the answer to an act: the last line (a login shell may print before it)."""
    try:
        answer = json.loads(lines[-1])
    except (IndexError, ValueError, RecursionError) as error:
        raise Unreadable("it gave no answer to what it was asked to do") from error
    if not isinstance(answer, dict):
        raise Unreadable("it gave no answer to what it was asked to do")
    return answer


def probe_script() -> bytes:
    """Return the probe as it is sent to a host."""
    return resources.files("stackfsck.probe").joinpath("look.py").read_bytes()


async def lines_of(chunks: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """Cut a stream into lines; raises Unreadable when a line, or the whole, is too long."""
    pending, total = b"", 0
    async for chunk in chunks:
        total += len(chunk)
        if total > LONGEST_ANSWER:
            raise Unreadable(f"it answered with more than {LONGEST_ANSWER >> 20} MiB")
        *whole, pending = (pending + chunk).split(b"\n")
        if len(pending) > LONGEST_LINE:
            raise Unreadable("it answered with a line that has no end")
        for line in whole:
            yield line
    if pending:
        yield pending


def complaint(command: list[str], status: int | None, errors: bytes) -> Unreadable:
    """Return what to raise for a probe that did not end well."""
    words = " ".join(errors.decode("utf-8", "replace").split())[-LONGEST_COMPLAINT:]
    said = f": {words}" if words else ""
    hints = {
        127: "Name the host's Python 3 with `python`.",
        1: "Let the user run Python through `sudo -n`, or log in as root.",
    }
    hint = hints.get(status or 0, "") if status == 127 or "sudo" in words else ""  # noqa: PLR2004
    return Unreadable(f"`{command[0]} …` ended with {status}{said}", next_step=hint)
