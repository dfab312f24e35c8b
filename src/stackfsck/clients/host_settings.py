"""The hosts that an operator names in stackfsck.toml: `[ssh]` for all, `[[hosts]]` for each."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from stackfsck.clients.hosts.base import HostAddress
from stackfsck.clients.section import Section
from stackfsck.model.errors import Misused

_SSH = ("user", "port", "sudo", "jump", "known_hosts", "identity", "config", "python", "prefix")
_OWN = ("name", "transport", "address", "folder")
# Parameters of the probe that differ from site to site; the others are stackfsck's own business.
_PROBE_TEXTS = ("instances_path", "libvirt_uri", "libvirt_state", "vswitch_db")
_PROBE_LISTS = ("nova_conf", "libvirt_prefix", "vswitch_prefix")
_RANGE = re.compile(r"\[(\d+)-(\d+)\]")
_MOST = 100_000


class Transport(StrEnum):
    """The way to a host: a process here, ssh, or a folder that plays it."""

    LOCAL = "local"
    SSH = "ssh"
    SIM = "sim"


@dataclass(frozen=True, kw_only=True)
class HostSetting:
    """One host as the settings name it.

    `folder` is where a played host's file is; with it and no name, the folder's hosts are meant.
    """

    transport: Transport
    at: HostAddress
    folder: Path | None = None


def read_hosts(top: Section, seconds: timedelta) -> tuple[HostSetting, ...]:
    """Return all hosts of a settings file; raises Misused for a name that stands there twice."""
    common = top.sub("ssh")
    common.allow(*_SSH, *_PROBE_TEXTS, *_PROBE_LISTS)
    hosts = [one for host in top.subs("hosts") for one in _hosts(host, common, seconds)]
    names: set[str] = set()
    for name in (host.at.name for host in hosts if host.at.name):
        if name in names:
            raise Misused(f"the host {name} stands twice in {top.path}")
        names.add(name)
    return tuple(hosts)


def expand(pattern: str) -> Iterator[str]:
    """Yield every name that "compute-[001-200]" stands for, with leading zeros as written."""
    match = _RANGE.search(pattern)
    if not match:
        yield pattern
        return
    first, last = int(match[1]), int(match[2])
    if not first <= last < first + _MOST:
        raise Misused(f"{match[0]} in the name of a host is no range of numbers")
    for number in range(first, last + 1):
        start = pattern[: match.start()] + str(number).zfill(len(match[1]))
        yield from (start + rest for rest in expand(pattern[match.end() :]))


def _hosts(host: Section, common: Section, seconds: timedelta) -> Iterator[HostSetting]:
    host.allow(*_OWN, *_SSH, *_PROBE_TEXTS, *_PROBE_LISTS)
    transport = _transport(host)
    folder = host.file("folder")
    if (transport is Transport.SIM) != (folder is not None):
        raise Misused(f"{host.place('folder')}: sim needs it, the other transports have none")
    if "name" not in host and transport is not Transport.SIM:
        raise Misused(f"{host.place('name')} is missing")
    for name in expand(host.text("name")):
        at = _address(name, host, common, seconds)
        yield HostSetting(transport=transport, at=at, folder=folder)


def _transport(host: Section) -> Transport:
    word = host.text("transport", Transport.SSH.value)
    if word not in set(Transport):
        raise Misused(f"{host.place('transport')} must be one of {', '.join(Transport)}")
    return Transport(word)


def _address(name: str, host: Section, common: Section, seconds: timedelta) -> HostAddress:
    def of(key: str) -> Section:
        return host if key in host else common

    port = of("port").number("port", 0, 0, 65535)
    return HostAddress(
        name=name,
        seconds=seconds.total_seconds(),
        python=of("python").text("python", "python3"),
        sudo=of("sudo").flag("sudo"),
        prefix=_prefix(of("prefix").texts("prefix"), name),
        parameters=_parameters(host, common),
        address=host.text("address").replace("{name}", name),
        user=of("user").text("user"),
        port=port or None,
        identity_files=_paths(of("identity").texts("identity")),
        jump=of("jump").texts("jump"),
        known_hosts=_paths(of("known_hosts").texts("known_hosts")),
        config_files=_paths(of("config").texts("config")) if "config" in of("config") else None,
    )


def _prefix(words: tuple[str, ...], name: str) -> tuple[str, ...]:
    """One entry may stand for many hosts: a pod or container is named after its host."""
    return tuple(word.replace("{name}", name) for word in words)


def _parameters(host: Section, common: Section) -> dict[str, object]:
    found: dict[str, object] = {}
    for section in (common, host):
        found |= {key: section.text(key) for key in _PROBE_TEXTS if key in section}
        found |= {key: list(section.texts(key)) for key in _PROBE_LISTS if key in section}
    return found


def _paths(paths: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(str(Path(path).expanduser()) for path in paths)
