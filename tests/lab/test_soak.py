"""Ordinary traffic, several operations at once, while `check` runs on and on: nothing proved."""

from __future__ import annotations

import json
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from lab.labcloud import fsck
from lab.labcloud.cloud import Cloud
from lab.labcloud.places import HOME, HOST, HOST_2
from lab.labcloud.rest import Refused
from lab.labcloud.sweep import sweep
from tests.lab.telling import age, told

MINUTES = float(os.environ.get("STACKFSCK_SOAK_MINUTES", "3"))
WORKERS = int(os.environ.get("STACKFSCK_SOAK_WORKERS", "3"))
SEED = int(os.environ.get("STACKFSCK_SOAK_SEED", "1"))


class Worker(threading.Thread):
    """One user: makes VMs, does something with each, deletes them.

    Attributes:
        done: how often each operation succeeded.
        failed: how often one did not, with the last reason (a slow cloud is no error of stackfsck).
    """

    def __init__(self, number: int, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.cloud, self.stop = Cloud(), stop
        self.dice = random.Random(SEED * 1000 + number)  # noqa: S311 – a replayable order
        self.done: Counter[str] = Counter()
        self.failed: dict[str, str] = {}
        self.stage = "create"

    def run(self) -> None:
        """Live VMs one after the other until told to stop."""
        while not self.stop.is_set():
            try:
                self.one_life()
            except (Refused, AssertionError, OSError) as error:
                self.failed[repr(error)[:200]] = self.stage

    def one_life(self) -> None:
        """A VM from birth to death, with two operations between."""
        host = self.dice.choice((HOST, HOST_2))
        from_volume = self.dice.random() < 0.3
        self.stage = "create"
        vm = self.cloud.boot("soak", host, from_volume=from_volume)
        self.done["create"] += 1
        # a volume with snapshots outlives its VM, so VMs on volumes get none
        acts = [act for act in ACTS if not (from_volume and act is snapshot)]
        for act in self.dice.sample(acts, 2):
            if self.stop.is_set():
                break
            self.stage = act.__name__
            act(self.cloud, vm)
            self.done[act.__name__] += 1
        self.stage = "delete"
        self.cloud.delete_vm(vm)
        self.done["delete"] += 1


def other(cloud: Cloud, vm: str) -> str:
    return HOST_2 if cloud.host_of(vm) == HOST else HOST


def migrate(cloud: Cloud, vm: str) -> None:
    cloud.migrate(vm, other(cloud, vm))
    cloud.confirm(vm)


def revert(cloud: Cloud, vm: str) -> None:
    cloud.migrate(vm, other(cloud, vm))
    cloud.act(vm, {"revertResize": None})
    cloud.becomes(vm, "ACTIVE", within=300)


def live_migrate(cloud: Cloud, vm: str) -> None:
    cloud.live_migrate(vm, other(cloud, vm))


def attach_and_detach(cloud: Cloud, vm: str) -> None:
    volume = cloud.volume("soak")
    cloud.attach(vm, volume)
    cloud.detach(vm, volume)
    cloud.delete_volume(volume)


def shelve(cloud: Cloud, vm: str) -> None:
    cloud.shelve(vm)
    cloud.act(vm, {"unshelve": None})
    cloud.becomes(vm, "ACTIVE")


def stop_and_start(cloud: Cloud, vm: str) -> None:
    cloud.stop(vm)
    cloud.act(vm, {"os-start": None})
    cloud.becomes(vm, "ACTIVE")


def snapshot(cloud: Cloud, vm: str) -> None:
    cloud.act(vm, {"createImage": {"name": "fsck-soak"}})
    cloud.becomes(vm, "ACTIVE")


def reboot(cloud: Cloud, vm: str) -> None:
    cloud.act(vm, {"reboot": {"type": "HARD"}})
    cloud.becomes(vm, "ACTIVE")


ACTS: tuple[Callable[[Cloud, str], None], ...] = (
    migrate,
    revert,
    live_migrate,
    attach_and_detach,
    shelve,
    stop_and_start,
    snapshot,
    reboot,
)


@pytest.mark.timeout(MINUTES * 60 + 1500)
def test_nothing_is_proved_while_the_cloud_is_busy(config: Path) -> None:
    stop = threading.Event()
    workers = [Worker(number, stop) for number in range(WORKERS)]
    for worker in workers:
        worker.start()
    began, answers = time.monotonic(), []
    while time.monotonic() < began + MINUTES * 60:
        answers.append(fsck.check(config))
    stop.set()
    for worker in workers:
        worker.join(600)
    write_down(workers, answers)
    false_alarms = [one for answer in answers for one in answer.proved]
    assert not false_alarms, told(false_alarms)
    assert sum((worker.done for worker in workers), Counter()), "no operation succeeded"
    for worker in workers:
        sweep(worker.cloud, list(worker.cloud.made))
    age(time.monotonic())
    last = fsck.check(config)
    assert not last.findings, told(last.findings)


def write_down(workers: list[Worker], answers: list[fsck.Answer]) -> None:
    """Leave the figures of the soak where they can be looked up, and print them."""
    figures = {
        "minutes": MINUTES,
        "operations": dict(sum((worker.done for worker in workers), Counter())),
        "failed operations": [reason for worker in workers for reason in worker.failed.items()],
        "checks": len(answers),
        "suspected": sum(len(answer.findings) - len(answer.proved) for answer in answers),
        "proved": [one["title"] for answer in answers for one in answer.proved],
    }
    (HOME / "log/soak.json").write_text(json.dumps(figures, indent=1))
    print(json.dumps(figures))  # noqa: T201 – pytest shows it with -s or on failure
