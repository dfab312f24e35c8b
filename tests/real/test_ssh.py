"""Hosts over a real sshd: who is trusted, who is let in, and what a lost connection leaves."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.real.sshd import Sshd, make_key, running, user

from stackfsck.clients.hosts.ssh import Jumps, SshHost
from stackfsck.collect.hosts import Answer, listen, read_hosts
from stackfsck.model.coverage import Outcome
from stackfsck.model.watch import Silent
from stackfsck.store.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stackfsck.clients.hosts.base import HostAddress

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("sshd", path="/usr/sbin"), reason="needs root and sshd"
)
FACTS = ["host.facts"]


@pytest.fixture(scope="module")
def sshd() -> Iterator[Sshd]:
    with tempfile.TemporaryDirectory(prefix="stackfsck-sshd-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # sshd reads a user's keys as that user
        with running(folder / "sshd", make_key(folder / "key")) as one:
            yield one


@pytest.fixture(scope="module")
def other(sshd: Sshd) -> Iterator[Sshd]:
    """A second sshd, with another host key, for whoever jumps."""
    with running(sshd.folder.parent / "other", sshd.key) as one:
        yield one


def ask(at: HostAddress, tables: list[str] | None = None) -> Answer:
    return asyncio.run(listen(SshHost(at=at, jumps=Jumps()), Silent(), tables or FACTS))


def silence(at: HostAddress) -> str:
    """Ask a host that must not answer; return why not."""
    answer = ask(at)
    assert answer.reading.outcome is Outcome.FAILED
    assert not any(told.rows for told in answer.tables.values())
    return answer.reading.reason


def script(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def test_a_host_that_is_known_is_read_whole(sshd: Sshd) -> None:
    answer = ask(sshd.at(python=sys.executable))
    assert answer.finished
    assert answer.reading.outcome is Outcome.COMPLETE
    assert answer.tables["host.facts"].rows[0]["hostname"]


def test_a_host_acts_and_no_command_line_shows_what_on(sshd: Sshd, tmp_path: Path) -> None:
    shown = tmp_path / "shown"
    shown.touch(mode=0o666)
    shown.chmod(0o666)
    spy = f'tr "\\0" " " < /proc/$$/cmdline > {shown}; exec {sys.executable} "$@"'
    at = sshd.at(python=script(sshd.folder, "spying-python", spy))
    subject = {"name": "tap72fb4c4d-ee"}
    request = {"kind": "link", "verb": "delete", "want": "look", "run": "r", "subject": subject}
    answer = asyncio.run(SshHost(at=at, jumps=Jumps()).act({**request, "seen": {"xml": "it's"}}))
    assert answer == {"image": None, "is_after": True}
    assert "-I -B -" in shown.read_text()
    assert "tap" not in shown.read_text()


def test_an_unknown_host_key_is_refused_with_what_to_type(sshd: Sshd, tmp_path: Path) -> None:
    (tmp_path / "known_hosts").touch()
    why = silence(sshd.at(known_hosts=(str(tmp_path / "known_hosts"),)))
    assert "host key of 127.0.0.1 is not known or has changed; nothing was sent" in why
    assert f"ssh -p {sshd.port} -i {sshd.key} root@127.0.0.1" in why


def test_a_changed_host_key_is_refused(sshd: Sshd, tmp_path: Path) -> None:
    key = make_key(tmp_path / "impostor").with_suffix(".pub").read_text()
    known = tmp_path / "known_hosts"
    known.write_text(f"[127.0.0.1]:{sshd.port} {key}")
    assert "not known or has changed" in silence(sshd.at(known_hosts=(str(known),)))


@pytest.mark.parametrize("word", ["none", "/dev/null"])
def test_a_configuration_that_trusts_everybody_is_not_followed(
    sshd: Sshd, tmp_path: Path, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    config = tmp_path / "config"
    config.write_text(f"Host *\n  UserKnownHostsFile {word}\n  StrictHostKeyChecking no\n")
    at = sshd.at(known_hosts=(), config_files=(str(config),))
    assert "not known or has changed" in silence(at)


def test_the_users_own_ssh_configuration_is_followed(sshd: Sshd, tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text(
        f"Host compute-7\n  HostName 127.0.0.1\n  Port {sshd.port}\n  User root\n"
        f"  IdentityFile {sshd.key}\n  UserKnownHostsFile {sshd.known_hosts}\n"
    )
    at = sshd.at(
        "compute-7",
        address="",
        port=None,
        user="",
        identity_files=(),
        known_hosts=(),
        config_files=(str(config),),
        python=sys.executable,
    )
    assert ask(at).reading.outcome is Outcome.COMPLETE


def test_a_user_without_the_key_is_refused(sshd: Sshd) -> None:
    why = silence(sshd.at(user="nobody"))
    assert "127.0.0.1 refused the login of nobody" in why
    assert "nobody@127.0.0.1" in why


def test_a_port_where_nobody_listens(sshd: Sshd) -> None:
    assert "cannot be reached" in silence(sshd.at(port=1))


def test_a_silent_host_costs_no_more_than_its_time(sshd: Sshd, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    slow = script(tmp_path, "slow", "sleep 30")
    began = time.monotonic()
    assert silence(sshd.at(python=slow, seconds=1.5)) == "no answer within 1.5 s"
    assert time.monotonic() - began < 10


def test_a_host_without_python_says_so(sshd: Sshd) -> None:
    why = silence(sshd.at(python="python9.99"))
    assert "ended with 127" in why
    assert "Name the host's Python 3" in why


def test_a_connection_that_is_cut_leaves_what_came_before(sshd: Sshd, tmp_path: Path) -> None:
    line = '{"t":"vswitch.bridges","r":{"name":"br-int"}}'
    done = '{"t":"vswitch.ports","done":true,"rows":0}'
    cut = script(tmp_path, "cut", f"echo '{line}'\necho '{done}'\nsleep 0.5\nkill -9 $PPID")
    answer = ask(sshd.at(python=cut), ["vswitch.bridges", "vswitch.ports", "host.links"])
    outcomes = {reading.source: reading.outcome for reading in answer.readings}
    assert not answer.finished
    assert outcomes == {
        "vswitch.bridges": Outcome.PARTIAL,
        "vswitch.ports": Outcome.COMPLETE,
        "host.links": Outcome.FAILED,
    }


def test_what_a_login_shell_prints_is_no_record(sshd: Sshd, tmp_path: Path) -> None:
    noisy = script(tmp_path, "noisy", f'echo "Welcome!"; exec {sys.executable} "$@"')
    assert ask(sshd.at(python=noisy)).reading.outcome is Outcome.COMPLETE


def test_parameters_are_never_a_shells_words(sshd: Sshd, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    wish = {"instances_path": f"'; touch {trap}; $(touch {trap}) `touch {trap}`"}
    answer = ask(sshd.at(python=sys.executable, parameters=wish), ["host.instance_dirs"])
    assert answer.finished
    assert not trap.exists()


def test_a_user_with_sudo_reads_as_root(sshd: Sshd) -> None:
    with user(sshd, may_sudo=True) as name:
        answer = ask(sshd.at(user=name, sudo=True, python="python3"), ["host.iscsi_nodes"])
        assert answer.reading.outcome is Outcome.COMPLETE


def test_a_user_without_sudo_is_told_what_to_allow(sshd: Sshd) -> None:
    with user(sshd, may_sudo=False) as name:
        why = silence(sshd.at(user=name, sudo=True, python="python3"))
    assert "sudo: " in why
    assert "sudo -n" in why


def test_behind_a_jump_host(sshd: Sshd, other: Sshd, tmp_path: Path) -> None:
    known = tmp_path / "known_hosts"
    known.write_text(sshd.known_hosts.read_text() + other.known_hosts.read_text())
    jump = (f"root@127.0.0.1:{other.port}",)
    at = sshd.at(jump=jump, known_hosts=(str(known),), python=sys.executable)
    assert ask(at).reading.outcome is Outcome.COMPLETE


def test_a_jump_host_is_trusted_no_more_than_others(sshd: Sshd, other: Sshd) -> None:
    why = silence(sshd.at(jump=(f"root@127.0.0.1:{other.port}",)))
    assert "ssh host key of 127.0.0.1 is not known" in why
    assert f"-p {other.port}" in why


def test_a_jump_host_of_the_configuration_is_checked_too(
    sshd: Sshd, other: Sshd, tmp_path: Path
) -> None:
    config = tmp_path / "config"
    config.write_text(
        f"Host 127.0.0.1\n  ProxyJump root@gate\n"
        f"Host gate\n  HostName 127.0.0.1\n  Port {other.port}\n  UserKnownHostsFile none\n"
    )
    at = sshd.at(config_files=(str(config),), python=sys.executable)
    assert "ssh host key of gate is not known" in silence(at)
    known = tmp_path / "known_hosts"
    known.write_text(sshd.known_hosts.read_text() + other.known_hosts.read_text())
    at = sshd.at(config_files=(str(config),), known_hosts=(str(known),), python=sys.executable)
    assert ask(at).reading.outcome is Outcome.COMPLETE


def test_a_jump_host_that_is_none_is_told(sshd: Sshd) -> None:
    assert "'-oProxyCommand=x y' is no jump host" in silence(sshd.at(jump=("-oProxyCommand=x y",)))


def test_many_hosts_behind_one_jump_host(sshd: Sshd, other: Sshd, tmp_path: Path) -> None:
    known = tmp_path / "known_hosts"
    known.write_text(sshd.known_hosts.read_text() + other.known_hosts.read_text())
    jumps = Jumps()
    hosts = [
        SshHost(
            at=sshd.at(
                f"host-{number}",
                jump=(f"root@127.0.0.1:{other.port}",),
                known_hosts=(str(known),),
                python=sys.executable,
            ),
            jumps=jumps,
        )
        for number in range(8)
    ]
    for attempt in ("first", "second"):  # a suspect is looked at twice, with the same settings
        with Snapshot.create(tmp_path / attempt) as snapshot:
            read_hosts(hosts, snapshot, Silent(), FACTS, at_once=5)
            assert {r.outcome for r in snapshot.coverage()} == {Outcome.COMPLETE}
            assert len(snapshot.query("from host.facts")) == 8
    log = (other.folder / "log").read_text()
    assert log.count("Accepted publickey") <= 6, "hosts share the connection to the jump host"
