"""Commands on the two hosts, and the lab's own dispatcher."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping

from lab.labcloud.places import HOME, HOST_2, RUN, SCRIPTS


class CommandFailed(Exception):
    """A command ended with another code than 0; the message has its output."""


def run(
    *argv: str,
    check: bool = True,
    timeout: float = 180,
    text: str | None = None,
    env: Mapping[str, str] | None = None,
) -> str:
    """Run a command here and return what it printed."""
    done = subprocess.run(
        argv,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        input=text,
        env={**os.environ, **(env or {})},
    )
    if check and done.returncode != 0:
        said = (done.stderr or done.stdout).strip()[-2000:]
        raise CommandFailed(f"{' '.join(argv)} ended with {done.returncode}: {said}")
    return done.stdout


def on(host: str, *argv: str, check: bool = True, text: str | None = None) -> str:
    """Run a command on one of the lab's compute hosts."""
    return run(*_enter(host), *argv, check=check, text=text)


def _enter(host: str) -> tuple[str, ...]:
    """The words that put a command into `host`: none for this machine."""
    if host != HOST_2:
        return ()
    outer = (RUN / "vm2-init.pid").read_text().split()[0]
    inner = run("pgrep", "-P", outer).split()[0]
    return ("nsenter", "-t", inner, "-m", "-n", "-p", "-u", "-i", "--")


def virsh(host: str, *words: str, check: bool = True) -> str:
    """Ask libvirt of `host`."""
    return on(host, "virsh", "-q", "-c", "qemu:///system", *words, check=check)


def unplug(host: str, vm: str, word: str, *command: str) -> None:
    """Pull a device out of a running guest: `word` is in the domain's XML as long as it is there.

    A guest that has not booted yet does not answer, so the guest is asked until it does.

    Raises:
        CommandFailed: it never did.
    """
    for _ in range(30):
        if word not in virsh(host, "dumpxml", vm):
            return
        virsh(host, *command, check=False)
        time.sleep(5)
    raise CommandFailed(f"the guest {vm} does not let go of {word}")


def vsctl(host: str, *words: str, check: bool = True) -> str:
    """Ask Open vSwitch of `host`."""
    return on(host, "ovs-vsctl", *words, check=check)


def lab(*words: str, timeout: float = 600, check: bool = True) -> str:
    """Run `lab/lab WORDS`."""
    return run(str(SCRIPTS / "lab"), *words, timeout=timeout, check=check)


def nova_manage(*words: str, check: bool = True) -> str:
    """Run nova's own administration command."""
    return run(str(HOME / "venv/bin/nova-manage"), *words, check=check)


def nova_manage_code(*words: str) -> int:
    """The exit code of nova-manage: `placement audit` and `heal_allocations` speak by it."""
    argv = (str(HOME / "venv/bin/nova-manage"), *words)
    return subprocess.run(argv, capture_output=True, timeout=180, check=False).returncode
