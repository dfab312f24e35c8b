"""Who goes before whom: the stages of one VM, and whatever two steps have in common."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from stackfsck.model.step import Step


def in_order(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Give every step its predecessors: all steps of the same VM that stand in an earlier stage.

    Steps of different VMs, and those of one VM in one stage, may run side by side, unless a
    remedy has said otherwise in `after`.
    """
    steps = tuple(steps)
    by_vm: dict[object, list[Step]] = defaultdict(list)
    for step in steps:
        if step.vm is not None:
            by_vm[step.vm].append(step)
    return tuple(_placed(step, by_vm[step.vm]) for step in steps)


def _placed(step: Step, same_vm: Iterable[Step]) -> Step:
    """Put a step behind the earlier stages of its VM."""
    earlier = {other.id for other in same_vm if other.stage < step.stage}
    return replace(step, after=step.after | earlier)
