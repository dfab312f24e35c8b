"""Stop, kill and start single services of the lab; cut wires; take whole hosts down."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

from lab.labcloud.places import HOST_2, RUN, SCRIPTS
from lab.labcloud.shell import lab, on, run


def pid(name: str) -> int:
    """The process number of a service that runs."""
    return int((RUN / f"{name}.pid").read_text().split()[0])


def kill(name: str) -> None:
    """End a service and its workers without giving them a chance to tidy up."""
    number = pid(name)
    os.kill(number, signal.SIGKILL)
    run("pkill", "-KILL", "-s", str(number), check=False)
    (RUN / f"{name}.pid").unlink(missing_ok=True)


def start() -> None:
    """Start whatever does not run, and wait until the cloud says that it is well."""
    lab("up")


@contextmanager
def stopped(*names: str) -> Iterator[None]:
    """The services are down inside the block and back after it."""
    for name in names:
        lab("stop", name)
    try:
        yield
    finally:
        start()


@contextmanager
def cut(host: str = HOST_2) -> Iterator[None]:
    """The wire between the cloud and host 2 is cut inside the block; nobody is told."""
    on(host, "ip", "link", "set", "lab1", "down")
    try:
        yield
    finally:
        on(host, "ip", "link", "set", "lab1", "up")


def crash_host_2() -> None:
    """The second host loses its power: every process of it ends, its files stay."""
    run("bash", str(SCRIPTS / "lib/vm2.sh"), "crash")
    time.sleep(1)
