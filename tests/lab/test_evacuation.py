"""A host dies, its VM is evacuated, the host comes back: legal all the way, nothing is proved."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from lab.faults.outages import force_down
from lab.labcloud import fsck
from lab.labcloud.cloud import Cloud, wait
from lab.labcloud.places import HOST, HOST_2
from lab.labcloud.services import crash_host_2, start
from tests.lab.telling import age, told


@pytest.mark.timeout(1800)
def test_an_evacuated_vm_is_legal(cloud: Cloud, config: Path) -> None:
    vm = cloud.boot("evacuated", HOST_2)
    cloud.attach(vm, cloud.volume("evacuated"))
    crash_host_2()
    try:
        force_down(cloud, HOST_2, down=True)
        cloud.act(vm, {"evacuate": {"host": HOST}})
        wait(lambda: cloud.host_of(vm) == HOST, f"VM {vm} to reach {HOST}", 240)
        cloud.becomes(vm, "ACTIVE", "SHUTOFF", within=240)
        age(time.monotonic())
        answer = fsck.check(config)
        assert answer.unread(), "host 2 was down"
        assert not answer.proved, told(answer.proved)
    finally:
        force_down(cloud, HOST_2, down=False)
        start()
    age(time.monotonic())
    answer = fsck.check(config)
    assert not answer.findings, told(answer.findings)
    assert not answer.unread()
