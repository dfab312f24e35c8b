"""What a cloud has before its first VM: cells, hosts, projects, networks, sizes, images."""

from dataclasses import dataclass

from stackfsck.demo.world import World, stamp

CELL0 = "00000000-0000-0000-0000-000000000000"
HOSTS_OF_CELL = {"cell1": range(1, 13), "cell2": range(13, 21)}
PROJECTS = ("shop", "search", "billing", "science", "website", "testing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A compute host. Cell1 has its VMs' disks on itself, cell2 in Ceph."""

    name: str
    cell: str
    node: str
    compute_id: int
    provider: str
    provider_id: int
    machine_id: str

    @property
    def database(self) -> str:
        """The cell's database."""
        return f"nova_{self.cell}"

    @property
    def hybrid(self) -> bool:
        """Whether VMs are plugged through a Linux bridge (iptables firewall)."""
        return self.cell == "cell1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project with its one user and one network."""

    id: str
    name: str
    user: str
    network: str
    subnet: str
    segment: str
    ipam_subnet: str
    prefix: str
    group: str
    router: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Flavor:
    """A size of VMs."""

    id: int
    name: str
    vcpus: int
    memory_mb: int
    root_gb: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A system that VMs start from."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """Where cinder keeps volumes: LVM behind iSCSI for cell1, Ceph for cell2."""

    host: str
    service: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Estate:
    """All of it together."""

    hosts: tuple[Host, ...]
    projects: tuple[Project, ...]
    flavors: tuple[Flavor, ...]
    images: tuple[Image, ...]
    backends: dict[str, Backend]
    volume_type: str
    public: str

    def of_cell(self, cell: str) -> list[Host]:
        """Return the hosts of a cell."""
        return [host for host in self.hosts if host.cell == cell]


def found(world: World) -> Estate:
    """Make up the estate."""
    flavors = _flavors(world)
    images = tuple(
        Image(id=world.dice.uuid(), name=n) for n in ("debian-12", "ubuntu-24.04", "rocky-9")
    )
    projects = tuple(_project(world, number) for number in range(len(PROJECTS)))
    hosts = tuple(
        _host(world, cell, number) for cell, numbers in HOSTS_OF_CELL.items() for number in numbers
    )
    backends = {
        "cell1": Backend(host="storage-1@lvm", service=world.dice.uuid(), kind="lvm"),
        "cell2": Backend(host="storage-2@rbd", service=world.dice.uuid(), kind="rbd"),
    }
    return Estate(
        hosts=hosts,
        projects=projects,
        flavors=flavors,
        images=images,
        backends=backends,
        volume_type=world.dice.uuid(),
        public=world.dice.uuid(),
    )


def _host(world: World, cell: str, number: int) -> Host:
    name = f"compute-{number:02d}"
    return Host(
        name=name,
        cell=cell,
        node=f"{name}.example.net",
        compute_id=world.number(f"nova_{cell}", "compute_nodes"),
        provider=world.dice.uuid(),
        provider_id=world.number("placement", "resource_providers"),
        machine_id=world.dice.hex(),
    )


def _project(world: World, number: int) -> Project:
    dice = world.dice
    return Project(
        id=dice.hex(),
        name=PROJECTS[number],
        user=dice.hex(),
        network=dice.uuid(),
        subnet=dice.uuid(),
        segment=dice.uuid(),
        ipam_subnet=dice.uuid(),
        prefix=f"10.{20 + number}",
        group=dice.uuid(),
        router=dice.uuid(),
    )


def _flavors(world: World) -> tuple[Flavor, ...]:
    sizes = (("m1.small", 1, 2048, 20), ("m1.medium", 2, 4096, 40), ("m1.large", 4, 8192, 80))
    made = []
    for name, vcpus, memory, root in sizes:
        number = world.insert(
            "nova_api",
            "flavors",
            created_at=stamp(world.ago(days=600)),
            name=name,
            flavorid=world.dice.uuid(),
            vcpus=vcpus,
            memory_mb=memory,
            root_gb=root,
            ephemeral_gb=0,
            swap=0,
            rxtx_factor=1.0,
            is_public=1,
            disabled=0,
        )
        made.append(Flavor(id=number, name=name, vcpus=vcpus, memory_mb=memory, root_gb=root))
    return tuple(made)
