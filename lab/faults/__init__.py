"""Faults: each brings the running lab into the state that a real incident leaves, and mends it.

A fault is a generator: it wounds the cloud, yields the `Wound`, and after that takes back what it
changed for others (things that it made itself are swept by the list of `labcloud.made`).
"""

from __future__ import annotations

import importlib
import pkgutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from lab.labcloud.cloud import Cloud
from lab.labcloud.sweep import sweep

Wounding = Callable[[Cloud], Iterator["Wound"]]


@dataclass(frozen=True, kw_only=True)
class Wound:
    """What a fault did, and what a check has to say about it.

    Attributes:
        expects: code → the subject of its finding, for each finding that must be there and proved.
        touches: UUIDs and names of everything that the fault concerns: findings that show one of
            them are consequences, any other finding is a false alarm.
        also: codes of consequences that show none of them (sums, such as quota).
    """

    expects: dict[str, str]
    touches: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A fault as the catalogue of faults lists it.

    Attributes:
        codes: the codes that must find it.
        alone: it stops services or runs nova-manage on the whole cloud: no other beside it.
        seed: the number of the published procedure that repairs this state, or "".
    """

    name: str
    incident: str
    codes: tuple[str, ...]
    alone: bool
    seed: str
    wound: Wounding


FAULTS: dict[str, Fault] = {}


def fault(*codes: str, alone: bool = False, seed: str = "") -> Callable[[Wounding], Wounding]:
    """Enter a wounding function into `FAULTS`, under its own name."""

    def enter(function: Wounding) -> Wounding:
        name = function.__name__
        incident = " ".join((function.__doc__ or "").split())
        FAULTS[name] = Fault(
            name=name, incident=incident, codes=codes, alone=alone, seed=seed, wound=function
        )
        return function

    return enter


def all_faults() -> dict[str, Fault]:
    """Every fault of every module of this package, by name.

    Ordered by module, then as written, whichever module somebody else has imported first.
    """
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return dict(sorted(FAULTS.items(), key=lambda item: item[1].wound.__module__))


@contextmanager
def wounded(one: Fault) -> Iterator[Wound]:
    """The cloud has the fault inside the block; after it, everything is as before."""
    cloud = Cloud()
    story = one.wound(cloud)
    try:
        wound = next(story)
        missing = set(one.codes) ^ set(wound.expects)
        if missing:
            raise AssertionError(f"{one.name} declares other codes than it expects: {missing}")
        yield wound
    finally:
        for _ in story:
            pass
        sweep(cloud, list(cloud.made))


def nobody(cloud: Cloud) -> str:
    """The UUID of a VM that never was; its traces are swept."""
    return cloud.note("vm", str(uuid.uuid4()))
