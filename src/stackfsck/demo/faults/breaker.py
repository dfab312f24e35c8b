"""The hands with which faults are put into the embedded cloud."""

import hashlib
import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from stackfsck.demo.folder import CEPH_HOST, Folder, Records, Row, empty_host
from stackfsck.demo.world import insert_statement, isotime, stamp
from stackfsck.model.errors import NotFound

CELLS = ("cell0", "cell1", "cell2")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One way in which a cloud breaks.

    `tells` is the incident in a sentence; `also` names further checks that rightly see it.
    """

    code: str
    tells: str
    do: Callable[["Breaker"], None]
    also: frozenset[str] = frozenset()

    @classmethod
    def of(cls, code: str, do: Callable[["Breaker"], None], *also: str) -> "Fault":
        """Make a fault of a function; its docstring is the incident."""
        tells = (do.__doc__ or "").strip().partition("\n")[0]
        return cls(code=code, tells=tells, do=do, also=frozenset(also))


@dataclass(frozen=True, slots=True)
class Vm:
    """A VM that a fault happens to: nova's row of her."""

    cell: str
    row: Row

    @property
    def uuid(self) -> str:
        """The VM."""
        return str(self.row["uuid"])

    @property
    def host(self) -> str:
        """Where nova has her."""
        return str(self.row["host"])

    @property
    def database(self) -> str:
        """The database of her cell."""
        return f"nova_{self.cell}"

    @property
    def domain(self) -> str:
        """Libvirt's name of her domain."""
        return f"instance-{self.row['id']:08x}"


@dataclass(slots=True)
class Breaker:
    """A folder opened for breaking. Each VM, host or volume is broken only once."""

    folder: Folder
    code: str
    dice: random.Random
    now: datetime
    used: list[str] = field(default_factory=list)
    hosts: dict[str, Records] = field(default_factory=dict)

    # ── what is there ────────────────────────────────────────────────────────────────────────

    def query(self, database: str, sql: str, *values: object) -> list[Row]:
        """Return the rows that a select answers."""
        with self.folder.open(database) as connection:
            return [dict(row) for row in connection.execute(sql, values)]

    def pick(self, candidates: list[Row], key: str, what: str) -> Row:
        """Choose one that no fault has touched yet; raises NotFound when none is left."""
        free = [row for row in candidates if row[key] not in self.used]
        if not free:
            raise NotFound(
                f"the demo cloud has no {what} left to break", next_step="Build it anew."
            )
        chosen = self.dice.choice(free)
        self.used.append(str(chosen[key]))
        return chosen

    def vm(
        self,
        state: str = "active",
        *,
        cell: str = "",
        volumes: bool | None = None,
        ports: bool = False,
    ) -> Vm:
        """Choose a VM by her state (``deleted`` has a dead row, ``archived`` only a shadow)."""
        table = "shadow_instances" if state == "archived" else "instances"
        wanted = "deleted" if state == "archived" else state
        found = [
            {**row, "cell": name}
            for name in ((cell,) if cell else CELLS)
            for row in self.query(
                f"nova_{name}",
                f"select * from {table} where vm_state = ? and task_state is null order by id",
                wanted,
            )
        ]
        if volumes is not None:
            having = {row["instance_uuid"] for row in self.attachments()}
            found = [row for row in found if (row["uuid"] in having) is volumes]
        if ports:
            ported = {r["device_id"] for r in self.query("neutron", "select device_id from ports")}
            found = [row for row in found if row["uuid"] in ported]
        row = self.pick(found, "uuid", f"VM that is {state}")
        return Vm(str(row.pop("cell")), row)

    def attachments(self, vm: Vm | None = None) -> list[Row]:
        """Return the live attachments, of one VM or of all."""
        rows = self.query("cinder", "select * from volume_attachment where deleted = 0 order by id")
        return [row for row in rows if vm is None or row["instance_uuid"] == vm.uuid]

    def port(self, vm: Vm) -> Row:
        """Return the first port of a VM."""
        return self.query(
            "neutron", "select * from ports where device_id = ? order by id", vm.uuid
        )[0]

    def spare_volume(self, backend: str = "") -> Row:
        """Choose a volume that nobody uses (``lvm`` or ``rbd``)."""
        rows = self.query(
            "cinder",
            "select * from volumes where status = 'available' and host like ?"
            " and id not in (select volume_id from snapshots) order by id",
            f"%{backend}%",
        )
        return self.pick(rows, "id", "unused volume")

    def other_host(self, vm: Vm) -> str:
        """Return a host of the VM's cell on which she is not."""
        rows = self.query(
            vm.database,
            "select host from compute_nodes where deleted = 0 and host <> ? order by host",
            vm.host,
        )
        return str(self.dice.choice(rows)["host"])

    def host_of(self, cell: str) -> str:
        """Return a host of a cell."""
        rows = self.query(f"nova_{cell}", "select host from compute_nodes order by host")
        return str(self.dice.choice(rows)["host"])

    def own_host(self, cell: str) -> str:
        """Choose a host of a cell that no other fault is about."""
        rows = self.query(f"nova_{cell}", "select host from compute_nodes order by host")
        return str(self.pick(rows, "host", f"host in {cell}")["host"])

    # ── what is made up ──────────────────────────────────────────────────────────────────────

    def uuid(self) -> str:
        """Return a UUID that nobody knows."""
        return str(UUID(int=self.dice.getrandbits(128), version=4))

    def project(self) -> Row:
        """Return one of the projects, with its number in placement."""
        return self.dice.choice(self.query("placement", "select * from projects order by id"))

    def ago(self, **span: float) -> str:
        """Return the moment so long ago, as databases write it; three days when nothing is said."""
        return stamp(self.now - timedelta(**(span or {"days": 3})))

    def seen(self, **span: float) -> str:
        """Return the moment so long ago, as the probe writes it."""
        return isotime(self.now - timedelta(**(span or {"days": 3})))

    # ── what is done ─────────────────────────────────────────────────────────────────────────

    def run(self, database: str, sql: str, *values: object) -> None:
        """Run a statement."""
        with self.folder.open(database) as connection:
            connection.execute(sql, values)

    def insert(self, database: str, table: str, **columns: Any) -> int:  # noqa: ANN401 -- any value that a column may have
        """Insert a row and return its number."""
        with self.folder.open(database) as connection:
            return connection.execute(*insert_statement(table, columns)).lastrowid or 0

    def change(self, vm: Vm, **columns: object) -> None:
        """Change nova's row of a VM."""
        names = ", ".join(f'"{name}" = ?' for name in columns)
        self.run(
            vm.database, f"update instances set {names} where uuid = ?", *columns.values(), vm.uuid
        )

    def records(self, host: str) -> Records:
        """Return what a host holds; changes to it are written at the end."""
        if host not in self.hosts:
            exists = self.folder.host(host).exists()
            self.hosts[host] = self.folder.read_host(host) if exists else empty_host(host)
        return self.hosts[host]

    def see(self, host: str, table: str, **columns: Any) -> None:  # noqa: ANN401 -- as above
        """Add a record to a host."""
        self.records(host)[table].append(columns)

    def forget(self, host: str, table: str, column: str, value: str) -> list[Row]:
        """Take records away from a host, and return them."""
        rows = self.records(host)[table]
        taken = [row for row in rows if row[column] == value]
        self.records(host)[table] = [row for row in rows if row not in taken]
        return taken

    def see_ceph(self, pool: str, name: str, uuid: str, suffix: str, watchers: int | None) -> None:
        """Add an image to Ceph."""
        self.see(
            CEPH_HOST,
            "ceph.images",
            pool=pool,
            name=name,
            uuid=uuid,
            suffix=suffix,
            in_trash=False,
            bytes=None,
            watchers=watchers,
        )


@contextmanager
def breaking(folder: Folder, code: str) -> Iterator[Breaker]:
    """Open a folder for one fault, and write down at the end what it did."""
    state = json.loads(folder.state.read_text("utf-8"))
    seed = int.from_bytes(hashlib.sha256(code.encode()).digest()[:8], "big")
    breaker = Breaker(
        folder=folder,
        code=code,
        dice=random.Random(seed),  # noqa: S311 -- the same fault every time, no secret
        now=datetime.now(UTC).replace(tzinfo=None),
        used=state["used"],
    )
    yield breaker
    for host, records in breaker.hosts.items():
        folder.write_host(host, records)
    state["injected"].append(code)
    folder.state.write_text(json.dumps(state) + "\n", "utf-8")
