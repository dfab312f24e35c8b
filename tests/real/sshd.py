"""A real sshd on a loopback port, with keys and users that live as long as a test."""

from __future__ import annotations

import contextlib
import secrets
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from stackfsck.clients.hosts.base import HostAddress

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class Sshd:
    """A running sshd: where it listens, who may log in with which key."""

    folder: Path
    port: int
    key: Path
    known_hosts: Path
    users: list[str] = field(default_factory=list)

    def at(self, name: str = "host-a", **changes: object) -> HostAddress:
        """Return how this sshd is reached by root with everything right."""
        usual: dict[str, object] = {
            "name": name,
            "address": "127.0.0.1",
            "port": self.port,
            "user": "root",
            "identity_files": (str(self.key),),
            "known_hosts": (str(self.known_hosts),),
            "config_files": (),
            "seconds": 60.0,
        }
        return HostAddress(**{**usual, **changes})  # type: ignore[arg-type]


def make_key(path: Path) -> Path:
    """Make a key pair without a passphrase."""
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)]
    subprocess.run(command, check=True, timeout=30)
    return path


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(folder: Path, key: Path) -> Iterator[Sshd]:
    """Run an sshd in which root, and every user of `authorize`, may use this key."""
    folder.mkdir()
    Path("/run/sshd").mkdir(exist_ok=True)  # where sshd puts the processes that talk to strangers
    port, host_key = free_port(), make_key(folder / "host_key")
    authorized = folder / "authorized"
    authorized.mkdir()
    (authorized / "root").write_text(key.with_suffix(".pub").read_text())
    config = folder / "sshd_config"
    config.write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {host_key}\nUsePAM no\nStrictModes no\n"
        f"AuthorizedKeysFile {authorized}/%u\nPasswordAuthentication no\n"
        f"PermitRootLogin prohibit-password\nPidFile {folder}/sshd.pid\nMaxStartups 100\n"
    )
    known = folder / "known_hosts"
    known.write_text(f"[127.0.0.1]:{port} {host_key.with_suffix('.pub').read_text()}")
    command = ["/usr/sbin/sshd", "-D", "-f", str(config), "-E", str(folder / "log")]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            _wait(port)
            yield Sshd(folder, port, key, known)
        finally:
            process.terminate()


def _wait(port: int) -> None:
    for _ in range(100):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise AssertionError("sshd does not listen")


@contextlib.contextmanager
def user(sshd: Sshd, *, may_sudo: bool) -> Iterator[str]:
    """Make a user of this machine for the length of a test, with a name that nobody has."""
    name = f"sfck{secrets.token_hex(5)}"
    subprocess.run(
        ["useradd", "--no-create-home", "--shell", "/bin/sh", "--password", "*", name], check=True
    )
    sudoers = Path(f"/etc/sudoers.d/{name}")
    authorized = sshd.folder / "authorized" / name
    try:
        authorized.write_text(sshd.key.with_suffix(".pub").read_text())
        if may_sudo:
            sudoers.write_text(f"{name} ALL=(root) NOPASSWD: ALL\n")
            sudoers.chmod(0o440)
        yield name
    finally:
        sudoers.unlink(missing_ok=True)
        authorized.unlink(missing_ok=True)
        subprocess.run(["userdel", name], check=True, capture_output=True)
