"""The VMs of the embedded cloud: how many in which state, and what each of them has."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from stackfsck.demo.estate import Backend, Estate, Flavor, Host, Image, Project
from stackfsck.demo.world import World

SHARES = (
    # state, how many of a thousand, at least
    ("active", 700, 24),
    ("stopped", 90, 6),
    ("deleted", 90, 8),
    ("archived", 40, 4),
    ("shelved_offloaded", 25, 4),
    ("resized", 12, 3),
    ("paused", 10, 2),
    ("suspended", 10, 2),
    ("shelved", 6, 2),
    ("soft-delete", 6, 2),
    ("rescued", 3, 1),
    ("buried", 5, 2),
    ("migrating", 2, 1),
    ("building", 1, 1),
)
"""States of VMs. `buried`: no host took it, it is in cell0. `archived`: only a shadow is left."""

NAMES = ("web", "db", "cache", "worker", "mail", "build", "queue", "proxy")
POWER = {
    "active": 1,
    "rescued": 1,
    "paused": 3,
    "suspended": 4,
    "stopped": 4,
    "shelved": 4,
    "soft-delete": 4,
    "resized": 1,
    "building": 0,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """A network port of a VM."""

    id: str
    mac: str
    address: str
    bound: bool

    @property
    def short(self) -> str:
        """The part of the id that names devices on the host."""
        return self.id[:11]


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """A volume of a VM."""

    id: str
    attachment: str
    device: str
    size: int
    boot: bool
    backend: Backend


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A VM with all that is hers.

    `host` is where nova says she is, `source` the other end of her move.
    """

    number: int
    uuid: str
    name: str
    cell: str
    kind: str
    host: Host | None
    source: Host | None
    migration: str
    project: Project
    flavor: Flavor
    image: Image
    created: datetime
    changed: datetime
    ports: tuple[Port, ...] = ()
    volumes: tuple[Volume, ...] = ()

    @property
    def database(self) -> str:
        """The database of her cell."""
        return f"nova_{self.cell}"

    @property
    def alive(self) -> bool:
        """Whether nova has a live row of her."""
        return self.kind not in {"deleted", "archived"}

    @property
    def vm_state(self) -> str:
        """What nova writes as her settled state."""
        special = {"buried": "error", "migrating": "active", "archived": "deleted"}
        return special.get(self.kind, self.kind)

    @property
    def from_volume(self) -> bool:
        """Whether she starts from a volume."""
        return any(volume.boot for volume in self.volumes)

    @property
    def domain(self) -> str:
        """Libvirt's name of her domain."""
        return f"instance-{self.number:08x}"

    @property
    def placed(self) -> bool:
        """Whether she is on a host, running or not."""
        return self.host is not None and self.alive


@dataclass(slots=True)
class Draw:
    """Draws the VMs one after the other."""

    world: World
    estate: Estate
    addresses: dict[str, int] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=dict)

    def all(self, vms: int) -> Iterator[Server]:
        """Draw so many VMs, in a mix of all states."""
        kinds = [
            kind for kind, share, least in SHARES for _ in range(max(least, vms * share // 1000))
        ]
        kinds += ["active"] * max(0, vms - len(kinds))
        self.world.dice.shuffle(kinds)
        for kind in kinds:
            yield self.one(kind)

    def one(self, kind: str) -> Server:
        """Draw one VM of a state."""
        world, dice = self.world, self.world.dice
        cell = "cell0" if kind == "buried" else dice.choice(("cell1", "cell1", "cell2"))
        hosts = self.estate.of_cell(cell)
        host, source = dice.sample(hosts, 2) if hosts else (None, None)
        created = world.ago(days=dice.uniform(20, 500), seconds=dice.uniform(0, 86400))
        lifetime = (world.ago(days=2) - created) * dice.random()
        project = dice.choice(self.estate.projects)
        shell = Server(
            number=world.number(f"nova_{cell}", "instances"),
            uuid=dice.uuid(),
            name=self._name(),
            cell=cell,
            kind=kind,
            host=None if kind in {"shelved_offloaded", "buried"} else host,
            source=source if kind in {"resized", "migrating"} else None,
            migration=dice.uuid(),
            project=project,
            flavor=dice.choice(self.estate.flavors),
            image=dice.choice(self.estate.images),
            created=created,
            changed=created + max(lifetime, timedelta(hours=1)),
        )
        return self._furnished(shell)

    def _furnished(self, server: Server) -> Server:
        """Give a VM her ports and volumes; a dead one has none left."""
        from dataclasses import replace

        if not server.alive or server.kind == "buried":
            return server
        dice = self.world.dice
        ports = tuple(self._port(server) for _ in range(1 if dice.random() < 0.85 else 2))  # noqa: PLR2004 -- one VM in seven has two
        return replace(server, ports=ports, volumes=tuple(self._volumes(server)))

    def _port(self, server: Server) -> Port:
        used = self.addresses.get(server.project.id, 9) + 1
        self.addresses[server.project.id] = used
        return Port(
            id=self.world.dice.uuid(),
            mac=self.world.dice.mac(),
            address=f"{server.project.prefix}.{used // 250}.{used % 250 + 2}",
            bound=server.host is not None,
        )

    def _volumes(self, server: Server) -> Iterator[Volume]:
        dice = self.world.dice
        boot = dice.random() < 0.25  # noqa: PLR2004 -- one VM in four starts from a volume
        data = dice.choice((0, 0, 0, 1, 1, 2))
        letters = iter("abcd" if boot else "bcde")
        backend = self.estate.backends[server.cell]
        for number in range(boot + data):
            yield Volume(
                id=dice.uuid(),
                attachment=dice.uuid(),
                device=f"vd{next(letters)}",
                size=dice.choice((10, 20, 50, 100)),
                boot=boot and number == 0,
                backend=backend,
            )

    def _name(self) -> str:
        name = self.world.dice.choice(NAMES)
        self.names[name] = self.names.get(name, 0) + 1
        return f"{name}-{self.names[name]:02d}"
