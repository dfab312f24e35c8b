"""A plan: ordered steps, what they were made from, and what was refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from graphlib import TopologicalSorter

from stackfsck.model.step import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Something that was asked for and is not in the plan, why, and what would lift that."""

    what: str
    why: str
    lift: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What shall be changed in one cloud.

    `cloud` is the fingerprint of the cloud it was made for; `read_at` the moment (UTC) of the
    reading it rests on; `findings` the identities (code, subject, cell, host) that it puts right.
    """

    cloud: str
    read_at: datetime
    steps: tuple[Step, ...]
    findings: tuple[tuple[str, str, str, str], ...] = ()
    refused: tuple[Refusal, ...] = ()

    def waves(self) -> Iterator[tuple[Step, ...]]:
        """Yield the steps in order; those of one wave may run side by side.

        Raises graphlib.CycleError when steps wait for each other.
        """
        by_id = {step.id: step for step in self.steps}
        sorter = TopologicalSorter({s.id: s.after & by_id.keys() for s in self.steps})
        sorter.prepare()
        while sorter.is_active():
            ready = sorted(sorter.get_ready())
            yield tuple(by_id[name] for name in ready)
            sorter.done(*ready)

    @property
    def vms(self) -> frozenset[str]:
        """The VMs that are touched."""
        return frozenset(str(step.vm) for step in self.steps if step.vm)
