"""MariaDB and PostgreSQL started for tests: own folder, own port, no systemd, gone at the end.

The programs come from Debian's packages (tools/parts.sh). A test takes the fixture `mariadb` or
`postgresql` (one server for all tests of a run) and makes a database of its own in it:

    def test_something(mariadb: MariaServer) -> None:
        database = mariadb.database("create table t (id int)")
        url = mariadb.url(database)

A test that stops, breaks or configures its server starts its own with `start_mariadb(folder, ...)`.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg
import pymysql
import pytest
from pymysql.constants import CLIENT

_START_SECONDS = 60.0
_AS_ROOT = os.geteuid() == 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(kw_only=True)
class MariaServer:
    """One mariadbd; root has no password on the socket."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]
    made: list[str] = field(default_factory=list)

    @property
    def socket(self) -> Path:
        return self.folder / "socket"

    def run(self, sql: str, database: str = "") -> list[tuple[object, ...]]:
        """Run statements as root; return the rows of the last one."""
        connection = pymysql.connect(
            unix_socket=str(self.socket),
            user="root",
            database=database or None,
            autocommit=True,
            charset="utf8mb4",
            client_flag=CLIENT.MULTI_STATEMENTS,
            local_infile=True,
        )
        with connection, connection.cursor() as cursor:
            cursor.execute(sql)
            rows = list(cursor.fetchall())
            while cursor.nextset():
                rows = list(cursor.fetchall())
            return rows

    def database(self, sql: str = "", name: str = "") -> str:
        """Make a new database and run `sql` in it; return its name."""
        name = name or f"test_{len(self.made)}"
        self.made.append(name)
        self.run(f"create database `{name}` character set utf8mb4")
        if sql:
            self.run(sql, name)
        return name

    def user(self, name: str, password: str, *grants: str) -> None:
        """Make an account; a grant is like "select on `test_1`.*"."""
        self.run(f"create or replace user '{name}'@'%' identified by '{password}'")
        for grant in grants:
            self.run(f"grant {grant} to '{name}'@'%'")

    def url(
        self,
        database: str,
        user: str = "fsck",
        password: str = "fsck",  # noqa: S107
        query: str = "",
    ) -> str:
        """Return a connection URL over TCP for an account; fsck may read everything."""
        who = f"{quote(user, safe='')}:{quote(password, safe='')}"
        return f"mysql+pymysql://{who}@127.0.0.1:{self.port}/{database}{query and '?' + query}"

    def stop(self, *, hard: bool = False) -> None:
        self.process.send_signal(signal.SIGKILL if hard else signal.SIGTERM)
        self.process.wait(30)


def start_mariadb(folder: Path, *options: str) -> MariaServer:
    """Start a mariadbd with its data in `folder` (a short path: a socket is in it)."""
    data = folder / "data"
    as_user = ["--user=root"] if _AS_ROOT else []
    if not data.exists():
        subprocess.run(
            [
                "mariadb-install-db",
                "--no-defaults",
                f"--datadir={data}",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
                *as_user,
            ],
            check=True,
            capture_output=True,
        )
    port = free_port()
    command = [
        _program("mariadbd"),
        "--no-defaults",
        f"--datadir={data}",
        f"--socket={folder / 'socket'}",
        f"--pid-file={folder / 'pid'}",
        f"--port={port}",
        "--bind-address=127.0.0.1",
        "--skip-name-resolve",
        "--skip-log-bin",
        "--innodb-flush-log-at-trx-commit=0",
        "--innodb-buffer-pool-size=64M",
        "--max-allowed-packet=64M",
        *as_user,
        *options,
    ]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    server = MariaServer(folder=folder, port=port, process=process)
    _wait_for(lambda: (server.socket.stat(), server.run("select 1")), server)
    server.user("fsck", "fsck", "select on *.*")
    return server


@dataclass(kw_only=True)
class PostgresServer:
    """One postgres; the account `admin` may do everything, `fsck` may read."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]
    made: list[str] = field(default_factory=list)

    def run(self, sql: str, database: str = "postgres") -> None:
        """Run statements as the administrator."""
        where = f"host=127.0.0.1 port={self.port} user=admin password=admin dbname={database}"
        with psycopg.connect(where, autocommit=True) as connection:
            connection.execute(sql.encode())

    def database(self, sql: str = "", name: str = "") -> str:
        """Make a new database, run `sql` in it, let fsck read it; return its name."""
        name = name or f"test_{len(self.made)}"
        self.made.append(name)
        self.run(f'create database "{name}"')
        if sql:
            self.run(sql, name)
        self.run("grant select on all tables in schema public to fsck", name)
        return name

    def url(
        self,
        database: str,
        user: str = "fsck",
        password: str = "fsck",  # noqa: S107
        query: str = "",
    ) -> str:
        """Return a connection URL over TCP."""
        who = f"{quote(user, safe='')}:{quote(password, safe='')}"
        return f"postgresql://{who}@127.0.0.1:{self.port}/{database}{query and '?' + query}"

    def stop(self, *, hard: bool = False) -> None:
        # SIGINT is "fast": sessions are ended, unlike SIGTERM, which waits for them.
        self.process.send_signal(signal.SIGQUIT if hard else signal.SIGINT)
        self.process.wait(30)


def start_postgresql(folder: Path, *options: str) -> PostgresServer:
    """Start a postgres with its data in `folder`; as another user when we are root."""
    data, port = folder / "data", free_port()
    if _AS_ROOT:
        shutil.chown(folder, "postgres")
    secret = folder / "password"
    secret.write_text("admin")
    if _AS_ROOT:
        shutil.chown(secret, "postgres")
    initdb = [_program("initdb"), "-D", str(data), "-U", "admin", "-A", "scram-sha-256"]
    _as_postgres([*initdb, f"--pwfile={secret}", "-E", "UTF8", "--locale=C.UTF-8", "-N"])
    command = [
        _program("postgres"),
        "-D",
        str(data),
        "-p",
        str(port),
        "-k",
        str(folder),
        *("-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"),
        *options,
    ]
    with (folder / "log").open("ab") as log:
        user = "postgres" if _AS_ROOT else None
        process = subprocess.Popen(command, stdout=log, stderr=log, user=user, cwd=folder)
    server = PostgresServer(folder=folder, port=port, process=process)
    _wait_for(lambda: server.run("select 1"), server)
    server.run("create role fsck login password 'fsck'")
    return server


def _as_postgres(command: list[str]) -> None:
    user = "postgres" if _AS_ROOT else None
    subprocess.run(command, check=True, capture_output=True, user=user, cwd="/")


def _program(name: str) -> str:
    """Find a server's program where Debian puts it, also off PATH."""
    places = [Path("/usr/sbin") / name, *sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))]
    found = next((str(place) for place in reversed(places) if place.exists()), shutil.which(name))
    if not found:
        pytest.fail(f"{name} is not installed: run tools/parts.sh")
    return found


def _wait_for(ask: Callable[[], object], server: MariaServer | PostgresServer) -> None:
    end = time.monotonic() + _START_SECONDS
    while True:
        try:
            ask()
        except (OSError, pymysql.Error, psycopg.Error):
            if server.process.poll() is not None or time.monotonic() > end:
                pytest.fail(f"no server: {(server.folder / 'log').read_text()[-2000:]}")
            time.sleep(0.1)
        else:
            return


@contextmanager
def folder_for_server() -> Iterator[Path]:
    """Give a folder whose path is short enough for a socket in it."""
    folder = Path(tempfile.mkdtemp(prefix="fsck-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaServer]:
    """One MariaDB for the whole run."""
    with folder_for_server() as folder:
        server = start_mariadb(folder)
        yield server
        server.stop()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresServer]:
    """One PostgreSQL for the whole run."""
    with folder_for_server() as folder:
        server = start_postgresql(folder)
        yield server
        server.stop()
