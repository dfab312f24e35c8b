"""From the settings to the hosts themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from stackfsck.clients.host_settings import HostSetting, Transport
from stackfsck.clients.hosts.base import Host, HostAddress
from stackfsck.clients.hosts.local import LocalHost
from stackfsck.clients.hosts.sim import SimulatedHost, simulated_hosts
from stackfsck.clients.hosts.ssh import Jumps, SshHost
from stackfsck.clients.settings import Settings
from stackfsck.model.errors import Misused


def hosts_of(settings: Settings) -> tuple[Host, ...]:
    """Return every host that the settings name, each with its way.

    The host that asks Ceph is told so. Raises Misused when it is not among the hosts, and
    Unreadable when a folder of played hosts is not there.
    """
    jumps = Jumps()
    hosts = [host for one in settings.hosts for host in _reach(_asking(one, settings), jumps)]
    asker = settings.ceph.host
    if asker and asker not in {host.name for host in hosts}:
        raise Misused(
            f"[ceph] host is {asker!r}, which is none of the hosts",
            next_step="Name one of [[hosts]] there.",
        )
    return tuple(hosts)


def _asking(setting: HostSetting, settings: Settings) -> HostSetting:
    """Tell the one host that asks Ceph which pools to list."""
    ceph = settings.ceph
    if not ceph.host or setting.at.name != ceph.host:
        return setting
    parameters = {
        **setting.at.parameters,
        "ceph_pools": list(ceph.pools),
        "ceph_arguments": list(ceph.arguments),
        "ceph_prefix": list(ceph.prefix),
    }
    return replace(setting, at=replace(setting.at, parameters=parameters))


def _reach(setting: HostSetting, jumps: Jumps) -> Iterator[Host]:
    """Yield the host of one setting, or all hosts of a folder."""
    at: HostAddress = setting.at
    if setting.transport is Transport.LOCAL:
        yield LocalHost(at=at)
    elif setting.transport is Transport.SSH:
        yield SshHost(at=at, jumps=jumps)
    elif setting.folder is not None and at.name:
        yield SimulatedHost(name=at.name, folder=setting.folder)
    elif setting.folder is not None:
        yield from simulated_hosts(setting.folder)
