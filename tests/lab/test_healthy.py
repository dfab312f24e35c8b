"""A healthy cloud with a VM in every ordinary state: nothing may be found."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from lab.labcloud import fsck
from lab.labcloud.cloud import BIGGER, Cloud
from lab.labcloud.places import HOST, HOST_2
from lab.labcloud.shell import nova_manage_code
from lab.labcloud.sweep import sweep
from tests.lab.telling import age, told

pytestmark = [pytest.mark.timeout(1800), pytest.mark.usefixtures("ordinary")]
CONSOLE = {"remote_console": {"protocol": "vnc", "type": "novnc"}}


def active(cloud: Cloud) -> None:
    vm = cloud.boot("active")
    cloud.post("compute", f"/servers/{vm}/remote-consoles", CONSOLE)


def stopped(cloud: Cloud) -> None:
    cloud.stop(cloud.boot("stopped"))


def paused(cloud: Cloud) -> None:
    vm = cloud.boot("paused", HOST_2)
    cloud.act(vm, {"pause": None})
    cloud.becomes(vm, "PAUSED")


def suspended(cloud: Cloud) -> None:
    vm = cloud.boot("suspended")
    cloud.act(vm, {"suspend": None})
    cloud.becomes(vm, "SUSPENDED")


def shelved(cloud: Cloud) -> None:
    cloud.shelve(cloud.boot("shelved"), offload=False)


def offloaded(cloud: Cloud) -> None:
    cloud.shelve(cloud.boot("offloaded"))


def unshelved(cloud: Cloud) -> None:
    vm = cloud.boot("unshelved")
    cloud.shelve(vm)
    cloud.act(vm, {"unshelve": None})
    cloud.becomes(vm, "ACTIVE")


def moved_and_unconfirmed(cloud: Cloud) -> None:
    cloud.migrate(cloud.boot("unconfirmed"), HOST_2)


def resized_and_unconfirmed(cloud: Cloud) -> None:
    vm = cloud.boot("resized")
    cloud.act(vm, {"resize": {"flavorRef": cloud.flavor(BIGGER)}})
    cloud.becomes(vm, "VERIFY_RESIZE", within=300)


def moved_and_confirmed(cloud: Cloud) -> None:
    vm = cloud.boot("confirmed")
    cloud.migrate(vm, HOST_2)
    cloud.confirm(vm)


def moved_and_reverted(cloud: Cloud) -> None:
    vm = cloud.boot("reverted")
    cloud.migrate(vm, HOST_2)
    cloud.act(vm, {"revertResize": None})
    cloud.becomes(vm, "ACTIVE", within=300)


def live_migrated(cloud: Cloud) -> None:
    cloud.live_migrate(cloud.boot("live"), HOST_2)


def from_volume_with_data(cloud: Cloud) -> None:
    vm = cloud.boot("from-volume", from_volume=True)
    cloud.attach(vm, cloud.volume("data"))


def volume_moved(cloud: Cloud) -> None:
    vm = cloud.boot("volume-moved")
    cloud.attach(vm, cloud.volume("moved"))
    cloud.migrate(vm, HOST_2)


def soft_deleted(cloud: Cloud) -> None:
    vm = cloud.boot("soft-deleted")
    cloud.delete("compute-soft", f"/servers/{vm}")
    cloud.becomes(vm, "SOFT_DELETED")


def deleted(cloud: Cloud) -> None:
    vm = cloud.boot("deleted", HOST_2, from_volume=True)
    cloud.delete_vm(vm)


def failed_to_build(cloud: Cloud) -> None:
    cloud.becomes(cloud.ask_for("too-big", "", flavor="m1.huge"), "ERROR")


def with_floating_ip(cloud: Cloud) -> None:
    cloud.floating_ip(cloud.ports(cloud.boot("floating"))[0]["id"])


def in_a_group(cloud: Cloud) -> None:
    body = {"server_group": {"name": "fsck-group", "policy": "soft-affinity"}}
    group = cloud.post("compute", "/os-server-groups", body)["server_group"]["id"]
    cloud.note("row", f"nova_api.instance_groups uuid {group}")
    cloud.boot("member", group=group)


ORDINARY = (
    active,
    stopped,
    paused,
    suspended,
    shelved,
    offloaded,
    unshelved,
    moved_and_unconfirmed,
    resized_and_unconfirmed,
    moved_and_confirmed,
    moved_and_reverted,
    live_migrated,
    from_volume_with_data,
    volume_moved,
    soft_deleted,
    deleted,
    failed_to_build,
    with_floating_ip,
    in_a_group,
)


@pytest.fixture(scope="module")
def ordinary() -> Iterator[None]:
    """A VM in every state of `ORDINARY`."""
    clouds = [Cloud() for _ in ORDINARY]
    try:
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(lambda pair: pair[0](pair[1]), zip(ORDINARY, clouds, strict=True)))
        yield
    finally:
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(lambda one: sweep(one, list(one.made)), clouds))


def test_nothing_is_found_in_a_healthy_cloud(cloud: Cloud, config: Path) -> None:
    age(time.monotonic())
    building = [cloud.ask_for("building", host) for host in (HOST, HOST_2)]
    answer = fsck.check(config)
    assert not answer.findings, told(answer.findings)
    assert not answer.unread(), answer.unread()
    assert answer.code == 0
    assert building


def test_doctor_is_green(config: Path) -> None:
    done = fsck.stackfsck("doctor", "--config", str(config))
    assert done.returncode == 0, done.stdout + done.stderr


def test_nova_sees_nothing_either() -> None:
    assert nova_manage_code("placement", "audit", "--verbose") == 0
    assert nova_manage_code("placement", "heal_allocations", "--dry-run") == 4
