"""The folder in which the embedded cloud lies: databases, hosts, settings.

```
stackfsck.toml             how stackfsck reaches all of it
databases/nova_cell1.db    one SQLite file per database, with the service's own schema
hosts/compute-01.jsonl     what the probe prints on that host
memcached.jsonl            console tickets in memcached
state.json                 which VMs a fault has used already
```
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from stackfsck.catalogue import TABLES, Scope
from stackfsck.model.errors import Misused, NotFound

Row = dict[str, Any]
Records = dict[str, list[Row]]

SCHEMAS = {
    "nova_api": "nova_api",
    "nova_cell0": "nova",
    "nova_cell1": "nova",
    "nova_cell2": "nova",
    "placement": "placement",
    "cinder": "cinder",
    "neutron": "neutron",
    "glance": "glance",
    "keystone": "keystone",
}
"""Each database of the cloud and the schema that it has."""

CEPH_HOST = "compute-13"
"""The host that may ask Ceph."""


@dataclass(frozen=True, slots=True)
class Folder:
    """Where the embedded cloud lies."""

    root: Path

    @property
    def settings(self) -> Path:
        """The settings file, to be given as --config."""
        return self.root / "stackfsck.toml"

    @property
    def state(self) -> Path:
        """What the faults remember."""
        return self.root / "state.json"

    @property
    def memcached(self) -> Path:
        """The tickets that memcached holds."""
        return self.root / "memcached.jsonl"

    def database(self, name: str) -> Path:
        """Return the file of a database, such as ``nova_cell1``."""
        return self.root / "databases" / f"{name}.db"

    def host(self, name: str) -> Path:
        """Return the file of a host."""
        return self.root / "hosts" / f"{name}.jsonl"

    def hosts(self) -> list[str]:
        """Return the names of all hosts."""
        return sorted(path.stem for path in (self.root / "hosts").glob("*.jsonl"))

    def make(self) -> None:
        """Make the folder, without the hosts of an earlier cloud.

        Raises Misused where something else lies already.
        """
        if self.root.exists() and any(self.root.iterdir()) and not self.settings.exists():
            raise Misused(
                f"{self.root} is neither empty nor a demo cloud",
                next_step="Name a folder that does not exist yet.",
            )
        for part in ("databases", "hosts"):
            (self.root / part).mkdir(parents=True, exist_ok=True)
        for name in self.hosts():
            self.host(name).unlink()

    def require(self) -> None:
        """Raise NotFound when no embedded cloud lies here."""
        if not self.settings.is_file():
            raise NotFound(f"there is no demo cloud in {self.root}", next_step="Build it first.")

    @contextmanager
    def open(self, name: str) -> Iterator[sqlite3.Connection]:
        """Open a database for writing; committed at the end, foreign keys are not enforced.

        (A fault often is what only `SET FOREIGN_KEY_CHECKS=0` makes possible.)
        """
        with closing(sqlite3.connect(self.database(name))) as connection:
            connection.row_factory = sqlite3.Row
            with connection:
                yield connection

    def create(self, name: str) -> None:
        """Make a database anew, empty, with its schema."""
        self.database(name).unlink(missing_ok=True)
        schema = resources.files(__package__) / "schema" / f"{SCHEMAS[name]}.ddl"
        with self.open(name) as connection:
            connection.executescript(schema.read_text("utf-8"))

    def read_host(self, name: str) -> Records:
        """Return what a host holds, by table."""
        records = empty_host(name)
        for line in self.host(name).read_text("utf-8").splitlines():
            entry = json.loads(line)
            if "r" in entry:
                records[entry["t"]].append(entry["r"])
        return records

    def write_host(self, name: str, records: Records) -> None:
        """Write what a host holds, in the lines that the probe prints."""
        lines: list[Row] = []
        for table, rows in records.items():
            lines += [{"t": table, "r": row} for row in rows]
            lines.append({"t": table, "done": True, "rows": len(rows)})
        lines.append({"end": True})
        text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
        self.host(name).write_text(text, "utf-8")


def empty_host(name: str) -> Records:
    """Return the tables of a host without any row; only one host sees Ceph."""
    return {
        table.name: []
        for table in TABLES.values()
        if table.scope is Scope.HOST or (table.store == "ceph" and name == CEPH_HOST)
    }
