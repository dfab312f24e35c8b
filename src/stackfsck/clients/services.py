"""Where the services of a cloud keep their configuration, and what it says about databases.

Packages put it into /etc/nova, Kolla into /etc/kolla/nova-api and its likes, on one machine side by
side with others. Files of the same service in different places are different views of the same
cloud: the first place that answers a question counts, in the order of `PLACES`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from stackfsck.clients import dsn, oslo_config
from stackfsck.clients.dsn import Dsn
from stackfsck.clients.oslo_config import ServiceConfig
from stackfsck.model.errors import Misused, Unreadable


@dataclass(frozen=True, kw_only=True)
class Place:
    """One way to lay files out below a root: first the folders to look in, then the files there."""

    folders: tuple[str, ...]
    files: tuple[str, ...]


def _place(service: str, *kolla: str, file: str = "") -> Place:
    """Describe where packages, Kolla, and pods of openstack-helm have the files of a service."""
    name = file or f"{service}.conf"
    folders = (service, *(f"kolla/{container}" for container in kolla), f"{service}/conf")
    return Place(folders=folders, files=(name, f"{name}.d", f"{service}.conf.d"))


PLACES = {
    "nova": _place("nova", "nova-api", "nova-conductor", "nova-scheduler", "nova-super-conductor"),
    "cinder": _place("cinder", "cinder-api", "cinder-scheduler", "cinder-volume"),
    "neutron": _place("neutron", "neutron-server", "neutron-rpc-server"),
    "placement": _place("placement", "placement-api"),
    "glance": _place("glance", "glance-api", file="glance-api.conf"),
    "keystone": _place("keystone", "keystone"),
}
"""By service, where its files may lie below a root such as /etc."""

# Per store: service and section that hold its connection, best first.
_CONNECTIONS = {
    "nova": (("nova", "database"),),
    "nova_api": (("nova", "api_database"),),
    # Before Stein placement was part of nova. Its tables may be in the API's database, but they
    # stayed there, empty or stale, long after it moved out: that is for the operator to say.
    "placement": (("placement", "placement_database"), ("nova", "placement_database")),
    "cinder": (("cinder", "database"),),
    "neutron": (("neutron", "database"),),
    "glance": (("glance", "database"),),
    "keystone": (("keystone", "database"),),
}


@dataclass(frozen=True, kw_only=True)
class Connection:
    """A connection URL found in a file, with the replica to prefer and where it stands.

    `written` is the URL as it stands in the file: nova fills templates of its cells from it.
    """

    dsn: Dsn
    where: str
    written: str
    replica: Dsn | None = None


class Services:
    """The configuration of all services below some roots, read when it is first asked for."""

    def __init__(self, roots: Sequence[Path] = (Path("/etc"),)) -> None:
        """Look below these roots, in this order."""
        self._roots = tuple(roots)
        self._read: dict[str, tuple[ServiceConfig, ...]] = {}

    def configs(self, service: str) -> tuple[ServiceConfig, ...]:
        """Return one configuration per place that has files, best first. Raises Unreadable."""
        if service not in self._read:
            self._read[service] = tuple(self._configs(PLACES[service]))
        return self._read[service]

    def connection(self, store: str) -> Connection | None:
        """Return how a store's database is reached, None when no file says it.

        Raises Misused for a URL that is none, Unreadable for a file that may not be read.
        """
        for service, group in _CONNECTIONS[store]:
            for config in self.configs(service):
                if url := config.get(group, "connection"):
                    return _connection(config, group, url)
        return None

    def option(self, service: str, group: str, name: str) -> str:
        """Return what the first place that sets an option says; empty when none does."""
        values = (config.get(group, name) for config in self.configs(service))
        return next((value for value in values if value), "")

    @cached_property
    def instances_path(self) -> str:
        """Return the folder of instance directories, "" when nova.conf leaves it to the default."""
        return self.option("nova", oslo_config.DEFAULT, "instances_path")

    @cached_property
    def memcached_servers(self) -> tuple[str, ...]:
        """Return the servers ("host:port") that nova's console tokens were kept in before Train."""
        for group, name in (("cache", "memcache_servers"), ("DEFAULT", "memcached_servers")):
            if value := self.option("nova", group, name):
                return tuple(server.strip() for server in value.split(",") if server.strip())
        return ()

    def paths(self) -> tuple[Path, ...]:
        """Return every file that was read so far, for `doctor`."""
        return tuple(path for found in self._read.values() for one in found for path in one.paths)

    def _configs(self, place: Place) -> Iterator[ServiceConfig]:
        for root in self._roots:
            for folder in place.folders:
                config = oslo_config.read(root / folder / file for file in place.files)
                if config.paths:
                    yield config


def _connection(config: ServiceConfig, group: str, url: str) -> Connection:
    where = config.where(group, "connection")
    replica = config.get(group, "slave_connection")
    return Connection(
        dsn=dsn.parse(url, where=where),
        where=where,
        written=url,
        replica=_replica(replica, config.where(group, "slave_connection")),
    )


def _replica(url: str, where: str) -> Dsn | None:
    """A replica is only a preference: one that is miswritten must not hide the database itself."""
    try:
        return dsn.parse(url, where=where) if url else None
    except Misused as error:
        raise Unreadable(str(error), next_step=error.next_step) from error
