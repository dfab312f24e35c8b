"""Faults in placement."""

from stackfsck.demo.faults.breaker import Breaker, Fault, Vm
from stackfsck.demo.faults.hosts import add_compute


def _provider_of(b: Breaker, host: str) -> int:
    """Return the number of a host's resource provider."""
    rows = b.query(
        "placement", "select id from resource_providers where name = ?", f"{host}.example.net"
    )
    return int(rows[0]["id"])


def _hold(b: Breaker, consumer: str, provider: int, *, known: bool = False) -> None:
    """Let a consumer hold something of a provider."""
    project = b.project()["id"]
    if not known:
        b.insert(
            "placement",
            "consumers",
            created_at=b.ago(),
            updated_at=b.ago(),
            uuid=consumer,
            project_id=project,
            user_id=project,
            generation=1,
        )
    for resource, amount in ((1, 2), (2, 4096), (3, 40)):
        b.insert(
            "placement",
            "allocations",
            created_at=b.ago(),
            resource_provider_id=provider,
            consumer_id=consumer,
            resource_class_id=resource,
            used=amount,
        )


def _let_go(b: Breaker, vm: Vm) -> None:
    """Take away all that a VM holds."""
    b.run("placement", "delete from allocations where consumer_id = ?", vm.uuid)
    b.run("placement", "delete from consumers where uuid = ?", vm.uuid)


def allocation_without_vm(b: Breaker) -> None:
    """A VM was archived while its host was down, so its allocation stayed."""
    _hold(b, b.uuid(), _provider_of(b, b.host_of("cell1")))


def allocation_on_wrong_provider(b: Breaker) -> None:
    """An evacuation moved the VM and left the allocation behind."""
    vm = b.vm()
    b.run(
        "placement",
        "update allocations set resource_provider_id = ? where consumer_id = ?",
        _provider_of(b, b.other_host(vm)),
        vm.uuid,
    )


def doubled_allocation(b: Breaker) -> None:
    """A live migration failed and kept what it had claimed on the destination."""
    vm = b.vm()
    _hold(b, vm.uuid, _provider_of(b, b.other_host(vm)), known=True)


def vm_without_allocation(b: Breaker) -> None:
    """`placement audit --delete` ran while a cell was silent."""
    _let_go(b, b.vm())


def allocation_of_ended_migration(b: Breaker) -> None:
    """A resize was confirmed while placement was down."""
    vm = b.vm()
    source, migration = b.other_host(vm), b.uuid()
    b.insert(
        vm.database,
        "migrations",
        created_at=b.ago(days=4),
        updated_at=b.ago(),
        deleted=0,
        uuid=migration,
        instance_uuid=vm.uuid,
        source_compute=source,
        source_node=f"{source}.example.net",
        dest_compute=vm.host,
        dest_node=vm.row["node"],
        status="confirmed",
        migration_type="resize",
        hidden=0,
    )
    _hold(b, migration, _provider_of(b, source))


def provider_without_compute_node(b: Breaker) -> None:
    """A compute host was removed and its provider was not."""
    provider = b.insert(
        "placement",
        "resource_providers",
        created_at=b.ago(days=300),
        uuid=(uuid := b.uuid()),
        name="compute-92.example.net",
        generation=3,
    )
    b.run("placement", "update resource_providers set root_provider_id = id where id = ?", provider)
    node = b.insert(
        "nova_cell1",
        "compute_nodes",
        created_at=b.ago(days=300),
        deleted_at=b.ago(),
        uuid=uuid,
        host="compute-92",
        hypervisor_hostname="compute-92.example.net",
        hypervisor_type="QEMU",
        hypervisor_version=7002022,
        cpu_info="{}",
        vcpus=96,
        vcpus_used=0,
        memory_mb=524288,
        memory_mb_used=0,
        local_gb=20000,
        local_gb_used=0,
    )
    b.run("nova_cell1", "update compute_nodes set deleted = id where id = ?", node)


def provider_with_wrong_uuid(b: Breaker) -> None:
    """A host was installed anew and lost its compute_id file."""
    host = b.own_host("cell1")
    b.run(
        "placement",
        "update resource_providers set uuid = ? where id = ?",
        b.uuid(),
        _provider_of(b, host),
    )


def compute_node_without_provider(b: Breaker) -> None:
    """A new compute host could not reach placement when it started."""
    add_compute(b, "compute-93", "cell1")


def allocation_of_offloaded_vm(b: Breaker) -> None:
    """A VM was offloaded while placement was down."""
    vm = b.vm("shelved_offloaded", cell="cell1")
    _hold(b, vm.uuid, _provider_of(b, b.host_of("cell1")))


def allocation_without_provider(b: Breaker) -> None:
    """A provider was removed by SQL, its allocations were not."""
    _hold(b, b.vm().uuid, 991, known=True)


FAULTS = (
    Fault.of("PLC001", allocation_without_vm),
    Fault.of("PLC002", allocation_on_wrong_provider),
    Fault.of("PLC003", doubled_allocation),
    Fault.of("PLC004", vm_without_allocation),
    Fault.of("PLC005", allocation_of_ended_migration),
    Fault.of("PLC006", provider_without_compute_node),
    Fault.of("PLC007", provider_with_wrong_uuid),
    Fault.of("PLC008", compute_node_without_provider),
    Fault.of("PLC009", allocation_of_offloaded_vm),
    Fault.of("PLC010", allocation_without_provider),
)
