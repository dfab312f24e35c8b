"""A dossier: every trace of one VM, who refers to whom, what happened when, and the verdict."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from stackfsck.model.coverage import Reading
    from stackfsck.model.finding import Certainty, Finding


class Layer(Enum):
    """Where a trace stands, from the cloud's own books down to the metal."""

    CELLS = "Nova, in its cells"
    API = "Nova API"
    PLACEMENT = "Placement"
    VOLUMES = "Cinder"
    NETWORK = "Neutron"
    IMAGES = "Glance"
    HYPERVISOR = "Hypervisors"
    SWITCH = "Virtual switches"
    HOST = "Host files and devices"
    STORAGE = "Ceph"
    CONSOLES = "Console tokens"
    OWNERS = "Keystone"
    OTHER = "Other records"

    @classmethod
    def of(cls, table: str) -> Layer:
        """Return the layer of a table of the catalogue, by its store."""
        return _LAYERS.get(table.partition(".")[0], cls.OTHER)


_LAYERS = {
    "nova": Layer.CELLS,
    "nova_api": Layer.API,
    "placement": Layer.PLACEMENT,
    "cinder": Layer.VOLUMES,
    "neutron": Layer.NETWORK,
    "glance": Layer.IMAGES,
    "libvirt": Layer.HYPERVISOR,
    "vswitch": Layer.SWITCH,
    "host": Layer.HOST,
    "ceph": Layer.STORAGE,
    "memcached": Layer.CONSOLES,
    "keystone": Layer.OWNERS,
}


class Relation(Enum):
    """Why a record is in the dossier."""

    TRACE = "trace"  # it names the VM
    BELONGS = "belongs"  # it names something that belongs to the VM: a port, a volume, a move
    CONTEXT = "context"  # a trace names it: the host, the network, the image


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """The name of one record in one cloud: its table, its cell or host, and its key."""

    table: str
    scope: str = ""
    key: str = ""

    def __str__(self) -> str:
        """`nova.instances 42 in cell1`."""
        return f"{self.table} {self.key}" + (f" in {self.scope}" if self.scope else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One row of the snapshot that has to do with the VM.

    `fields` holds the columns that have a value, as text, in the table's own order. `deleted`
    says that the service has marked the row as deleted.
    """

    name: Name
    relation: Relation
    fields: dict[str, str] = field(default_factory=dict)
    deleted: bool = False

    @property
    def layer(self) -> Layer:
        """Where the record stands."""
        return Layer.of(self.name.table)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One record names another: `how` is the column that does.

    `dangling` means that the record it names is in no reading; `sure` that the place where it
    should be was read to its end, so it is really not there.
    """

    source: Name
    target: Name
    how: str
    dangling: bool = False
    sure: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to the VM; `by` is the record that tells."""

    at: datetime
    what: str
    by: str
    detail: str = ""


class Speaks(Enum):
    """For what a witness speaks."""

    ALIVE = "it is there"
    DEAD = "it is gone"
    MOVING = "it is on its way"
    SILENT = "nobody could be asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """A record (or its absence after a complete reading) that speaks for or against the VM."""

    speaks: Speaks
    sentence: str
    record: Name | None = None


class Verdict(Enum):
    """What the witnesses come to, in operators' own words."""

    ALIVE = "alive"  # record and domain agree, or none has to be there
    TRANSIT = "in transit"  # being built, moved or deleted: wait
    ZOMBIE = "zombie"  # record alive, domain gone
    GHOST = "ghost"  # domain alive, record gone
    STRAY = "stray"  # domain on another host than nova thinks
    SPLIT = "split brain"  # domains running on two hosts
    REMAINS = "dead, with remains"  # both gone, other traces are left
    GONE = "dead"  # nothing but deleted rows
    OPEN = "open"  # what was read does not decide it

    @property
    def accuses(self) -> bool:
        """Whether it says that something is wrong; that has to be seen twice to be proved."""
        return self in {self.ZOMBIE, self.GHOST, self.STRAY, self.SPLIT, self.REMAINS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """All that is known of one VM.

    `certainty` is *suspected* as long as one of `gaps` (readings that would have had a word to
    say) is open, and as long as an accusing verdict was seen in one look only; `looks` counts
    them. `findings` are those of the checks, when they were run. `left_out` counts the rows per
    table beyond the most that a dossier shows.
    """

    vm: UUID
    display_name: str
    verdict: Verdict
    certainty: Certainty
    sentence: str
    witnesses: tuple[Witness, ...]
    records: tuple[Record, ...]
    references: tuple[Reference, ...]
    timeline: tuple[Event, ...]
    looks: int = 1
    gaps: tuple[Reading, ...] = ()
    findings: tuple[Finding, ...] = ()
    left_out: dict[str, int] = field(default_factory=dict)

    def by_layer(self) -> dict[Layer, tuple[Record, ...]]:
        """Return the records of each layer that has any, from the books down to the metal."""
        groups = {layer: tuple(r for r in self.records if r.layer is layer) for layer in Layer}
        return {layer: records for layer, records in groups.items() if records}


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A VM that a word may mean, and the record through which it was found."""

    vm: UUID
    how: str
    display_name: str = ""
    where: str = ""
