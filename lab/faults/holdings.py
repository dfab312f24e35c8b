"""Placement: allocations that nobody holds, that are elsewhere, that are missing."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from lab.faults import Wound, fault, nobody
from lab.faults.rows import DAYS_AGO, move
from lab.labcloud.cloud import Cloud
from lab.labcloud.database import CELL_1, execute, put, query, session, take
from lab.labcloud.places import HOST, HOST_2


def age(consumer: str) -> None:
    """Date a consumer's allocations back a day."""
    for table, column in (("allocations", "consumer_id"), ("consumers", "uuid")):
        execute(
            "placement",
            f"update {table} set created_at = {DAYS_AGO}, updated_at = {DAYS_AGO}"
            f" where {column} = %s",
            consumer,
        )


@fault("PLC001", seed="003")
def allocation_of_nobody(cloud: Cloud) -> Iterator[Wound]:
    """nova-compute was stopped during a delete: the allocation stayed behind."""
    vm = nobody(cloud)
    cloud.allocate(vm, HOST)
    age(vm)
    yield Wound(expects={"PLC001": vm}, touches=(vm,))


@fault("PLC002", seed="003")
def allocation_elsewhere(cloud: Cloud) -> Iterator[Wound]:
    """A failed migration left the VM on its host and its allocation on the other."""
    vm = cloud.boot("elsewhere")
    cloud.allocate(vm, HOST_2)
    age(vm)
    yield Wound(expects={"PLC002": f"{vm}/{HOST_2}"}, touches=(vm,))


@fault("PLC003", seed="003")
def allocation_doubled(cloud: Cloud) -> Iterator[Wound]:
    """After a migration the VM holds resources of both hosts."""
    vm = cloud.boot("doubled")
    cloud.allocate(vm, HOST, HOST_2)
    age(vm)
    yield Wound(expects={"PLC003": f"{vm}/{HOST_2}"}, touches=(vm,))


@fault("PLC004", seed="003")
def allocation_deleted(cloud: Cloud) -> Iterator[Wound]:
    """`placement audit --delete` while a cell did not answer: a live VM has no allocation."""
    vm = cloud.boot("no-allocation")
    cloud.delete("placement", f"/allocations/{vm}")
    yield Wound(expects={"PLC004": vm}, touches=(vm,))


@fault("PLC005", seed="003")
def allocation_of_ended_migration(cloud: Cloud) -> Iterator[Wound]:
    """A confirmed migration still holds the source host."""
    vm = cloud.boot("confirmed")
    migration = move(cloud, vm, "confirmed", "migration")
    cloud.allocate(migration, HOST_2)
    age(migration)
    yield Wound(expects={"PLC005": migration}, touches=(vm, migration))


@fault("PLC006", seed="003")
def provider_of_gone_host(cloud: Cloud) -> Iterator[Wound]:
    """A compute host is gone, its provider offers cores for ever."""
    provider = cloud.note("provider", str(uuid.uuid4()))
    body = {"uuid": provider, "name": "fsck-gone-provider"}
    cloud.post("placement", "/resource_providers", body)
    traits = {"resource_provider_generation": 0, "traits": ["COMPUTE_NODE"]}
    cloud.put("placement", f"/resource_providers/{provider}/traits", traits)
    execute(
        "placement",
        f"update resource_providers set created_at = {DAYS_AGO}, updated_at = {DAYS_AGO}"
        " where uuid = %s",
        provider,
    )
    yield Wound(expects={"PLC006": provider}, touches=(provider,))


@fault("PLC009")
def offloaded_vm_holds_host(cloud: Cloud) -> Iterator[Wound]:
    """A shelved and offloaded VM whose allocation was never given back."""
    vm = cloud.boot("offloaded")
    cloud.shelve(vm)
    cloud.allocate(vm, HOST)
    age(vm)
    yield Wound(expects={"PLC009": vm}, touches=(vm,))


@fault("PLC010")
def allocation_without_provider(cloud: Cloud) -> Iterator[Wound]:
    """A provider was deleted with foreign key checks off."""
    vm = nobody(cloud)
    cloud.allocate(vm, HOST)
    number = int(query("placement", "select max(id) + 1000 as id from resource_providers")[0]["id"])
    session(
        "placement",
        "SET FOREIGN_KEY_CHECKS=0",
        (
            "update allocations set resource_provider_id = %s where consumer_id = %s",
            [number, vm],
        ),
    )
    age(vm)
    yield Wound(expects={"PLC010": f"{vm}/{number}"}, touches=(vm,))


@fault("PLC007")
def provider_with_other_uuid(cloud: Cloud) -> Iterator[Wound]:
    """A host was set up anew: its compute node has a new UUID, its provider the old one."""
    name, node = "fsck-set-up-anew", str(uuid.uuid4())
    provider = cloud.note("provider", str(uuid.uuid4()))
    cloud.note("row", f"{CELL_1}.compute_nodes uuid {node}")
    row = take(CELL_1, "compute_nodes", "host = %s and deleted = 0", HOST)[0]
    row.update(uuid=node, host=name, hypervisor_hostname=name, service_id=None, mapped=1)
    del row["id"]
    put(CELL_1, "compute_nodes", [row])
    cloud.post("placement", "/resource_providers", {"uuid": provider, "name": name})
    execute(
        "placement",
        f"update resource_providers set created_at = {DAYS_AGO} where uuid = %s",
        provider,
    )
    yield Wound(expects={"PLC007": provider}, touches=(name, node, provider))
