"""A compute host in namespaces of its own: libvirtd, Open vSwitch's database, devices, folders."""

from __future__ import annotations

import json
import subprocess
import textwrap
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tests.real.test_libvirt import SETUP

from stackfsck.apply.host import HostHand
from stackfsck.clients.hosts.base import HostAddress
from stackfsck.clients.hosts.local import LocalHost
from stackfsck.model.step import Means, Stage, Step, Way

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

VIRSH = ("virsh", "-q", "-c", "qemu:///system")
RUN = "20261121-163000-0123abcd"


@dataclass
class Compute:
    """The host, and the hand that acts on it; `notes` are the images that it wrote down."""

    prefix: list[str]
    folder: Path
    notes: list[dict[str, Any]] = field(default_factory=list)

    @property
    def instances(self) -> Path:
        return self.folder / "instances"

    @property
    def switch(self) -> str:
        return f"unix:{self.folder}/db.sock"

    @property
    def hand(self) -> HostHand:
        at = HostAddress(
            name="cmp-1", prefix=tuple(self.prefix), parameters={"vswitch_db": self.switch}
        )
        return HostHand([LocalHost(at=at)], RUN)

    def run(self, *argv: str, given: str = "") -> str:
        """Run a command on the host."""
        words = [*self.prefix, *argv]
        done = subprocess.run(
            words, input=given, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def virsh(self, *words: str, given: str = "") -> str:
        return self.run(*VIRSH, *words, given=given)

    def vsctl(self, *words: str) -> str:
        return self.run("ovs-vsctl", "--no-wait", f"--db={self.switch}", *words)

    def change(self, step: Step) -> bool:
        """Let the hand make a change; the image comes behind the others."""
        return self.hand.change(step, step.ways[0], lambda image: self.notes.append(through(image)))

    def put_back(self, step: Step) -> None:
        self.hand.put_back(step, step.ways[0], self.notes[-1])

    def state(self, step: Step) -> str:
        return self.hand.state(step, step.ways[0], self.notes[-1]).value


def through(image: Mapping[str, Any]) -> dict[str, Any]:
    """Send an image through JSON, with its keys sorted: a journal does."""
    read: dict[str, Any] = json.loads(json.dumps(dict(image), sort_keys=True))
    return read


def step(call: str, subject: Mapping[str, Any], **more: object) -> Step:
    """Return a step with one way: an act on the host."""
    way = Way(means=Means.HOST, call=call, arguments={"subject": dict(subject), **more})
    return Step(
        id=f"{call}:test",
        title=call,
        remedy="test",
        stage=Stage.DOMAIN,
        store="host",
        scope="cmp-1",
        ways=(way,),
        vm=UUID(int=1),
    )


@contextmanager
def compute(folder: Path) -> Iterator[Compute]:
    """Start a host; its folders lie below `folder`."""
    setup = folder / "setup.sh"
    setup.write_text("mount -t sysfs none /sys\n" + textwrap.dedent(SETUP))
    (folder / "instances").mkdir()
    with subprocess.Popen(
        ["unshare", "--mount", "--net", "--propagation", "private", "bash", str(setup)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "ready\n"
            prefix = ["nsenter", "--target", str(process.pid), "--mount", "--net", "--"]
            yield Compute(prefix, folder)
        finally:
            process.stdin.write("end\n")
            process.stdin.close()
            process.stdout.read()


@contextmanager
def switch_of(host: Compute) -> Iterator[None]:
    """Give a host the database of Open vSwitch."""
    conf, socket = host.folder / "conf.db", host.folder / "db.sock"
    schema = "/usr/share/openvswitch/vswitch.ovsschema"
    subprocess.run(["ovsdb-tool", "create", str(conf), schema], check=True, timeout=30)
    server = ["ovsdb-server", str(conf), f"--remote=punix:{socket}", "--no-chdir"]
    server += [f"--unixctl={host.folder}/ovsdb.ctl", f"--log-file={host.folder}/ovsdb.log"]
    with subprocess.Popen(server, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            words = ["--retry", "--timeout=20", f"--db=unix:{socket}", "--no-wait", "init"]
            subprocess.run(["ovs-vsctl", *words], check=True, timeout=30)
            yield
        finally:
            process.terminate()
