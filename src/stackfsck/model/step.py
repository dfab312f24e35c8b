"""A step: one guarded change in one place, with every way to make it and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any
from uuid import UUID

from stackfsck.model.change import Change, Premise


class Means(StrEnum):
    """By what a change is made, gentlest first."""

    API = "api"  # the service does it
    FORCED = "forced"  # the service is told to skip its own checks
    SQL = "sql"  # rows are changed as the service would
    HOST = "host"  # one guarded act on a host
    CACHE = "cache"  # an entry of memcached is deleted


class Undo(StrEnum):
    """What the way back is worth."""

    EXACT = "exact"  # the same record, the same ids
    EQUIVALENT = "equivalent"  # the same purpose, another id
    IMPOSSIBLE = "impossible"  # gone for good: needs its own consent


class Stage(IntEnum):
    """The one order of removal: who refers goes before what it refers to.

    Consumers before providers, host before back end, references before referents, evidence last
    (and, for undo, the other way round).
    """

    CONSOLE = 10
    GUEST = 20  # a running guest uses its disks and its taps
    DEVICE = 30  # while cinder unmaps, no device may be open (CVE-2023-2088)
    DOMAIN = 40
    SWITCH = 50
    FILE = 60
    BLOCK_DEVICE = 70  # cinder refuses to detach what nova still claims
    ATTACHMENT = 80
    VOLUME = 90
    PORT = 100
    ALLOCATION = 110
    PROVIDER = 115
    INSTANCE = 120
    IMAGE = 130
    REQUEST = 140
    MAPPING = 150  # the pointer to the cell goes last
    COUNT = 160  # quotas are counted when nothing moves any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to make a step's change.

    `call` names what is called (``placement.replace_allocations``, ``undefine``), `arguments`
    are plain JSON. The SQL way has neither: the step's effects are what is executed.
    """

    means: Means
    call: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One change in one place.

    `store` and `scope` name the place (``nova`` in ``cell1``, ``libvirt`` on a host). `effects`
    are what becomes of records, whichever way is taken: they are rehearsed, executed by the SQL
    way, and verified. `premises` are looked at again right before. `because` holds the codes of
    the checks that asked for it; `consent` names what the operator has to allow besides
    (``volumes``), "" for nothing.
    """

    id: str
    title: str
    remedy: str
    stage: Stage
    store: str
    scope: str = ""
    vm: UUID | None = None
    because: tuple[str, ...] = ()
    effects: tuple[Change, ...] = ()
    premises: tuple[Premise, ...] = ()
    ways: tuple[Way, ...] = ()
    undo: Undo = Undo.EXACT
    consent: str = ""
    after: frozenset[str] = frozenset()
