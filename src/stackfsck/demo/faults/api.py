"""Faults in nova's API database."""

from stackfsck.demo.faults.breaker import Breaker, Fault


def _mapping(b: Breaker, vm: str, cell_id: int | None) -> None:
    b.insert(
        "nova_api",
        "instance_mappings",
        created_at=b.ago(days=90),
        updated_at=b.ago(),
        instance_uuid=vm,
        cell_id=cell_id,
        project_id=b.project()["external_id"],
        queued_for_delete=0,
    )


def _build_request(b: Breaker, vm: str) -> None:
    b.insert(
        "nova_api",
        "build_requests",
        created_at=b.ago(),
        project_id=b.project()["external_id"],
        instance_uuid=vm,
        instance="{}",
        block_device_mappings="{}",
    )


def mapping_without_vm(b: Breaker) -> None:
    """The archiving of a VM was cut off before its mapping went."""
    _mapping(b, b.uuid(), 2)


def vm_without_mapping(b: Breaker) -> None:
    """A mapping was removed by hand while its VM ran on."""
    b.run("nova_api", "delete from instance_mappings where instance_uuid = ?", b.vm().uuid)


def mapping_to_wrong_cell(b: Breaker) -> None:
    """A mapping was repaired by hand and now names the wrong cell."""
    vm = b.vm(cell="cell1")
    b.run("nova_api", "update instance_mappings set cell_id = 3 where instance_uuid = ?", vm.uuid)


def mapping_without_cell(b: Breaker) -> None:
    """The scheduler died before it had chosen a cell, and the request is gone."""
    _mapping(b, b.uuid(), None)


def request_spec_without_vm(b: Breaker) -> None:
    """The archiving of a VM was cut off before its request went."""
    b.insert("nova_api", "request_specs", created_at=b.ago(), instance_uuid=b.uuid(), spec="{}")


def build_request_of_built_vm(b: Breaker) -> None:
    """The conductor died after it had built a VM and before it removed the request."""
    _build_request(b, b.vm().uuid)


def build_request_never_scheduled(b: Breaker) -> None:
    """A request was accepted while the message queue was down."""
    vm = b.uuid()
    _build_request(b, vm)
    _mapping(b, vm, None)


def group_member_of_dead_vm(b: Breaker) -> None:
    """A server group still counts a VM that was archived."""
    group = b.insert(
        "nova_api",
        "instance_groups",
        created_at=b.ago(days=90),
        uuid=b.uuid(),
        name="keep-apart",
        project_id=b.project()["external_id"],
    )
    b.insert(
        "nova_api",
        "instance_group_member",
        created_at=b.ago(days=90),
        instance_uuid=b.uuid(),
        group_id=group,
    )


def alive_but_queued_for_delete(b: Breaker) -> None:
    """A deletion was asked for, failed, and was undone in the cell only."""
    vm = b.vm()
    b.run(
        "nova_api",
        "update instance_mappings set queued_for_delete = 1, updated_at = ?"
        " where instance_uuid = ?",
        b.ago(),
        vm.uuid,
    )


def host_mapping_without_host(b: Breaker) -> None:
    """A compute host was taken away without `cell_v2 delete_host`."""
    b.insert("nova_api", "host_mappings", created_at=b.ago(days=90), cell_id=2, host="compute-91")


def host_without_mapping(b: Breaker) -> None:
    """A compute host was added without `cell_v2 discover_hosts`."""
    b.run("nova_api", "delete from host_mappings where host = ?", b.own_host("cell1"))


FAULTS = (
    Fault.of("API001", mapping_without_vm),
    Fault.of("API002", vm_without_mapping),
    Fault.of("API003", mapping_to_wrong_cell),
    Fault.of("API004", mapping_without_cell),
    Fault.of("API005", request_spec_without_vm),
    Fault.of("API006", build_request_of_built_vm),
    Fault.of("API007", build_request_never_scheduled),
    Fault.of("API008", group_member_of_dead_vm),
    Fault.of("API009", alive_but_queued_for_delete),
    Fault.of("API010", host_mapping_without_host),
    Fault.of("API011", host_without_mapping),
)
