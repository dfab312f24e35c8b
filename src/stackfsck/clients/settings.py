"""What an operator may set in stackfsck.toml.

Everything has a default: where the services' own files can be read, no settings are needed to read
the databases. The file is strict, because a misspelt key would silently read less.

```toml
[databases]                     # URLs as in the services' files; without them, those files count
nova_api = "mysql+pymysql://fsck@db1/nova_api?ssl_ca=/etc/ssl/db-ca.pem"
cinder = {url = "mysql+pymysql://fsck@db2/cinder", password_env = "CINDER_PASSWORD"}
password_file = "/etc/stackfsck/password"    # for every URL that has none
user = "fsck"                   # with that password, in place of the services' own accounts
replicas = true                 # prefer slave_connection; only if it never lags by `grace`
[databases.nova]                # cells whose URL in nova_api.cell_mappings is not for this machine
cell0 = "mysql+pymysql://fsck@db1/nova_cell0"
[files]
roots = ["/etc"]                # where the services' files are looked for
[ssh]                           # for all hosts
user = "stackfsck"
sudo = true
[[hosts]]
name = "compute-[001-200]"      # as nova calls them
address = "{name}.example.org"
[memcached]
servers = ["10.0.0.1:11211"]
[ceph]
host = "controller-1"
pools = ["vms", "volumes"]
[limits]
grace = "2m"
```
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import platformdirs

from stackfsck.clients import dsn as urls
from stackfsck.clients.dsn import Dsn, Product
from stackfsck.clients.host_settings import HostSetting, read_hosts
from stackfsck.clients.memcached import SIM
from stackfsck.clients.section import Section
from stackfsck.model.errors import Misused
from stackfsck.model.inquiry import Limits

VARIABLE = "STACKFSCK_CONFIG"
STORES = ("nova_api", "placement", "cinder", "neutron", "glance", "keystone")
_SECRETS = ("password_file", "password_env")


@dataclass(frozen=True, kw_only=True)
class Databases:
    """The databases that the settings name: by store, and nova's by cell.

    With a `user`, that account (which may do nothing but read) takes the place of the services'
    own in every URL from their files and from cell_mappings.
    """

    stores: Mapping[str, Dsn] = field(default_factory=dict)
    cells: Mapping[str, Dsn] = field(default_factory=dict)
    replicas: bool = False
    user: str = ""
    password: str = field(default="", repr=False)

    def own_account(self, place: Dsn) -> Dsn:
        """Return a URL of a service with the operator's account, if there is one."""
        return replace(place, user=self.user, password=self.password) if self.user else place


@dataclass(frozen=True, kw_only=True)
class Ceph:
    """Which host asks Ceph, about which pools; `arguments` go to rbd (`--id fsck`)."""

    host: str = ""
    pools: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    prefix: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings; `path` is None when no file was found and all are defaults."""

    path: Path | None = None
    databases: Databases = field(default_factory=Databases)
    file_roots: tuple[Path, ...] = (Path("/etc"),)
    hosts: tuple[HostSetting, ...] = ()
    memcached: tuple[str, ...] = ()
    ceph: Ceph = field(default_factory=Ceph)
    limits: Limits = field(default_factory=Limits)
    database_timeout: timedelta = timedelta(seconds=60)
    parallel: int = 50


def load(path: Path | None = None, environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings file.

    `path` comes first, then what STACKFSCK_CONFIG names, then the default places. Raises Misused
    when a named file is missing or when anything in it is wrong.
    """
    named = path or (Path(environment[VARIABLE]) if environment.get(VARIABLE) else None)
    found = named or next((place for place in default_places() if place.is_file()), None)
    return _read(found.expanduser().absolute(), environment) if found else Settings()


def default_places() -> tuple[Path, ...]:
    """Return where a settings file is looked for, best first.

    The current folder is none of them: a file there could name commands to run.
    """
    own = platformdirs.user_config_path("stackfsck") / "stackfsck.toml"
    return (own, Path("/etc/stackfsck/stackfsck.toml"))


def _read(path: Path, environment: Mapping[str, str]) -> Settings:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise Misused(f"there is no settings file {path}") from error
    except OSError as error:
        raise Misused(f"{path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misused(f"{path} is not TOML: {error}") from error
    top = Section("", values, path)
    top.allow("databases", "files", "ssh", "hosts", "memcached", "ceph", "limits")
    limits = top.sub("limits")
    hosts = read_hosts(top, limits.span("host_timeout", timedelta(minutes=5)))
    return Settings(
        path=path,
        databases=_databases(top.sub("databases"), environment),
        file_roots=_roots(top.sub("files")),
        hosts=hosts,
        memcached=_memcached(top.sub("memcached")),
        ceph=_ceph(top.sub("ceph")),
        limits=_limits(limits),
        database_timeout=limits.span("database_timeout", timedelta(seconds=60)),
        parallel=limits.number("parallel", 50, 1, 1000),
    )


def _databases(section: Section, environment: Mapping[str, str]) -> Databases:
    section.allow("nova", *STORES, "replicas", "user", *_SECRETS)
    common = section.secret(environment)
    if "user" in section and not common:
        raise Misused(f"{section.place('user')} needs password_file or password_env beside it")
    cells = section.sub("nova")
    return Databases(
        stores={s: _dsn(section, s, common, environment) for s in STORES if s in section},
        cells={cell: _dsn(cells, cell, common, environment) for cell in cells.keys()},  # noqa: SIM118
        replicas=section.flag("replicas"),
        user=section.text("user"),
        password=common,
    )


def _dsn(section: Section, key: str, common: str, environment: Mapping[str, str]) -> Dsn:
    """Read one URL, or a table of a URL and where its password is."""
    place, url, secret = section.place(key), "", common
    if section.is_table(key):
        own = section.sub(key)
        own.allow("url", *_SECRETS)
        url, secret = own.text("url"), own.secret(environment) or common
    else:
        url = section.text(key)
    found = urls.parse(url, where=place)
    if found.product is Product.SQLITE:
        return replace(found, database=str(section.path.parent / found.database))
    return replace(found, password=found.password or secret)


def _roots(section: Section) -> tuple[Path, ...]:
    section.allow("roots")
    return tuple(section.path.parent / root for root in section.texts("roots", ["/etc"]))


def _memcached(section: Section) -> tuple[str, ...]:
    section.allow("servers")
    return tuple(_played(server, section.path.parent) for server in section.texts("servers"))


def _played(server: str, folder: Path) -> str:
    """A file that plays a server stands relative to the settings."""
    return f"{SIM}{folder / server.removeprefix(SIM)}" if server.startswith(SIM) else server


def _ceph(section: Section) -> Ceph:
    section.allow("host", "pools", "arguments", "prefix")
    ceph = Ceph(
        host=section.text("host"),
        pools=section.texts("pools"),
        arguments=section.texts("arguments"),
        prefix=section.texts("prefix"),
    )
    if bool(ceph.host) != bool(ceph.pools):
        raise Misused(f"[ceph] in {section.path} needs both `host` and `pools`")
    return ceph


def _limits(section: Section) -> Limits:
    section.allow("grace", "pause", "stuck_after", "host_timeout", "database_timeout", "parallel")
    usual = Limits()
    return Limits(
        grace=section.span("grace", usual.grace),
        pause=section.span("pause", usual.pause),
        stuck_after=section.span("stuck_after", usual.stuck_after),
    )
