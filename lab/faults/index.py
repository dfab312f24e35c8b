"""Nova's API database: mappings, request specs, build requests, groups, host mappings."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from lab.faults import Wound, fault, nobody
from lab.faults.rows import DAYS_AGO
from lab.labcloud.cloud import Cloud
from lab.labcloud.database import CELL_1, execute, put, query, take
from lab.labcloud.places import HOST

API = "nova_api"


@fault("API002")
def mapping_removed(cloud: Cloud) -> Iterator[Wound]:
    """The VM's mapping was purged: it runs, and the API says 404."""
    vm = cloud.boot("no-mapping")
    execute(API, "delete from instance_mappings where instance_uuid = %s", vm)
    yield Wound(expects={"API002": vm}, touches=(vm,))


@fault("API003")
def mapping_to_wrong_cell(cloud: Cloud) -> Iterator[Wound]:
    """The mapping of a VM in cell1 says cell0."""
    vm = cloud.boot("wrong-cell")
    cell_0 = query(API, "select id from cell_mappings where name = 'cell0'")[0]["id"]
    set_mapping(vm, "cell_id = %s", cell_0)
    yield Wound(expects={"API003": vm}, touches=(vm,))


@fault("API004")
def mapping_without_cell(cloud: Cloud) -> Iterator[Wound]:
    """A conductor died between building the VM and writing its cell down."""
    vm = cloud.boot("no-cell")
    set_mapping(vm, "cell_id = null")
    yield Wound(expects={"API004": vm}, touches=(vm,))


@fault("API009")
def queued_for_delete(cloud: Cloud) -> Iterator[Wound]:
    """A delete that was taken back left `queued_for_delete` set: quota forgets the VM."""
    vm = cloud.boot("queued")
    set_mapping(vm, "queued_for_delete = 1")
    yield Wound(expects={"API009": vm}, touches=(vm,))


def set_mapping(vm: str, assignment: str, *values: object) -> None:
    """Change a mapping, dated back a day."""
    execute(
        API,
        f"update instance_mappings set {assignment}, updated_at = {DAYS_AGO}"
        " where instance_uuid = %s",
        *values,
        vm,
    )


@fault("API006")
def build_request_left(cloud: Cloud) -> Iterator[Wound]:
    """A VM is built, its build request is still there: lists show it twice."""
    vm = cloud.boot("build-request")
    put(API, "build_requests", [request_of(cloud, vm)])
    yield Wound(expects={"API006": vm}, touches=(vm,))


@fault("API007")
def build_request_forgotten(cloud: Cloud) -> Iterator[Wound]:
    """The message to the scheduler was lost: a VM that was asked for yesterday is in no cell."""
    vm = nobody(cloud)
    put(API, "build_requests", [request_of(cloud, vm)])
    yield Wound(expects={"API007": vm}, touches=(vm,))


def request_of(cloud: Cloud, vm: str) -> dict[str, object]:
    """A build request of yesterday for `vm`, made from one that nova wrote.

    Raises:
        AssertionError: nova was always quicker than we.
    """
    for _ in range(20):
        other = cloud.ask_for("for-its-build-request")
        rows = take(API, "build_requests", "instance_uuid = %s", other)
        cloud.becomes(other, "ACTIVE")
        cloud.delete_vm(other)
        if rows:
            row = {key: value for key, value in rows[0].items() if key != "id"}
            for column in ("instance", "block_device_mappings", "request_spec"):
                if isinstance(row.get(column), str):
                    row[column] = row[column].replace(other, vm)
            yesterday = query(API, f"select {DAYS_AGO} as moment")[0]["moment"]
            row.update(instance_uuid=vm, created_at=yesterday, updated_at=None)
            return row
    raise AssertionError("no build request could be caught")


@fault("API008")
def group_member_left(cloud: Cloud) -> Iterator[Wound]:
    """A server group still counts a VM that is gone: anti-affinity keeps its place free."""
    vm = nobody(cloud)
    body = {"server_group": {"name": "fsck-group", "policy": "anti-affinity"}}
    group = cloud.post("compute", "/os-server-groups", body)["server_group"]["id"]
    cloud.note("row", f"{API}.instance_groups uuid {group}")
    execute(
        API,
        "insert into instance_group_member (created_at, group_id, instance_uuid) select"
        f" {DAYS_AGO}, id, %s from instance_groups where uuid = %s",
        vm,
        group,
    )
    yield Wound(expects={"API008": vm}, touches=(vm,))


@fault("API010")
def host_mapping_left(cloud: Cloud) -> Iterator[Wound]:
    """A host was removed by SQL, `host_mappings` still has it."""
    cloud.note("row", f"{API}.host_mappings host fsck-gone-host")
    execute(
        API,
        "insert into host_mappings (created_at, cell_id, host) select"
        f" {DAYS_AGO}, id, 'fsck-gone-host' from cell_mappings where name = 'cell1'",
    )
    yield Wound(expects={"API010": "fsck-gone-host"}, touches=("fsck-gone-host",))


# Alone: a host that stackfsck cannot reach leaves what rests on all hosts unproved.
@fault("API011", "PLC008", alone=True)
def host_never_discovered(cloud: Cloud) -> Iterator[Wound]:
    """A new compute host that nobody ran `discover_hosts` for, and that placement does not know."""
    name, node = "fsck-new-host", str(uuid.uuid4())
    cloud.note("row", f"{CELL_1}.services host {name}")
    cloud.note("row", f"{CELL_1}.compute_nodes host {name}")
    service = take(CELL_1, "services", "host = %s and `binary` = 'nova-compute'", HOST)[0]
    compute = take(CELL_1, "compute_nodes", "host = %s and deleted = 0", HOST)[0]
    yesterday = query(CELL_1, f"select {DAYS_AGO} as moment")[0]["moment"]
    new = {"host": name, "created_at": yesterday, "updated_at": yesterday}
    put(CELL_1, "services", [without_id({**service, **new, "uuid": str(uuid.uuid4())})])
    # mapped = 1: the scheduler's own discovery, every minute, looks for 0
    fields = {"uuid": node, "hypervisor_hostname": name, "service_id": None, "mapped": 1}
    put(CELL_1, "compute_nodes", [without_id({**compute, **new, **fields})])
    yield Wound(expects={"API011": name, "PLC008": node}, touches=(name, node))


def without_id(row: dict[str, object]) -> dict[str, object]:
    """The row as a new one."""
    return {key: value for key, value in row.items() if key != "id"}
