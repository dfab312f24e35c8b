"""How long it takes to judge a whole cloud, read already.

    python -m bench.judge [--vms 1000000] [--slowest 10]

A snapshot of a healthy cloud (2,000 hosts; every VM with its mapping, request spec, allocations,
port, domain, tap, directory; every second one with a volume) is made by DuckDB itself; one VM in
ten thousand is then broken in each of three ways. Times are those of laying the shared views and of
asking every check; what the checks find is counted to show that they did their work.
"""

import argparse
import json
import resource
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from stackfsck import checks, join
from stackfsck.catalogue import TABLES
from stackfsck.catalogue.table import Scope, SoftDelete
from stackfsck.judge.look import Rules, look
from stackfsck.judge.tables import TableFinder
from stackfsck.model.check import Check
from stackfsck.model.coverage import Outcome, Reading
from stackfsck.store.ddl import quoted
from stackfsck.store.snapshot import Snapshot

HOSTS = 2_000
NOW = datetime(2026, 6, 1)  # noqa: DTZ001 - snapshots hold UTC without zone
OLD = "timestamp '2026-03-01'"

Columns = dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Fill:
    """The rows of one table: how many, and the SQL of each column of row `i`."""

    table: str
    rows: int
    columns: Columns
    where: str = "true"


def main() -> None:
    """Measure and print one line of JSON."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--vms", type=int, default=1_000_000)
    options.add_argument("--slowest", type=int, default=10)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "snapshot.duckdb"
        make(path, chosen.vms)
        print(json.dumps(judge(path, chosen.slowest) | {"vms": chosen.vms}, indent=1))


def judge(path: Path, slowest: int) -> dict[str, object]:
    """Judge a snapshot once; return seconds, the slowest checks, and what was found."""
    transit = TableFinder(join.definitions()).transit
    began = time.monotonic()
    snapshot = Snapshot.open(path)
    join.join(snapshot, now=NOW, stuck_after=timedelta(hours=24))
    joined = time.monotonic()
    # Processor time of all threads: on a busy machine it says more than the clock.
    starts: list[tuple[str, float]] = []

    def note(check: Check) -> None:
        starts.append((check.code, time.process_time()))

    rules = Rules(now=NOW, grace=timedelta(seconds=120), transit=transit)
    sighting = look(snapshot, checks.builtin(), rules, note)
    ended = time.monotonic()
    ends = [moment for _, moment in starts[1:]] + [time.process_time()]
    took = {code: end - start for (code, start), end in zip(starts, ends, strict=True)}
    worst = sorted(took, key=lambda code: -took[code])[:slowest]
    snapshot.close()
    return {
        "join_seconds": round(joined - began, 2),
        "checks": len(took),
        "checks_seconds": round(ended - joined, 2),
        "checks_cpu_seconds": round(sum(took.values()), 2),
        "slowest_cpu": {code: round(took[code], 2) for code in worst},
        "found": dict(sorted(Counter(finding.code for finding in sighting.suspects).items())),
        "held": len(sighting.held),
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def make(path: Path, vms: int) -> None:
    """Make a snapshot of a cloud with this many VMs, completely read."""
    with Snapshot.create(path) as snapshot:
        for fill in fills(vms):
            snapshot.connection.execute(_insert(fill))
        for table in TABLES.values():
            snapshot.cover(
                Reading(source=table.name, scope=_scope(table.scope), outcome=Outcome.COMPLETE)
            )
        _cover_hosts(snapshot)


def _scope(scope: Scope) -> str:
    return {Scope.GLOBAL: "", Scope.CELL: "cell1", Scope.HOST: "compute-0"}[scope]


def _cover_hosts(snapshot: Snapshot) -> None:
    snapshot.connection.execute(
        "insert into run.coverage "
        "select source, 'compute-' || i, outcome, reason, 0 "
        f"from run.coverage, range(1, {HOSTS}) as r (i) where scope = 'compute-0'"
    )


def _insert(fill: Fill) -> str:
    table = TABLES[fill.table]
    columns = dict(fill.columns)
    if table.scope is Scope.CELL:
        columns.setdefault("cell", "'cell1'")
    names = {column.name for column in table.copied_columns}
    for moment in {"created_at", "updated_at"} & names:
        columns.setdefault(moment, OLD)
    if table.soft_delete in {SoftDelete.ID, SoftDelete.FLAG}:
        columns.setdefault("deleted", "0")
    if "id" in names and "id" not in columns:
        columns["id"] = "i + 1"
    targets = ", ".join(f'"{name}"' for name in columns)
    return (
        f"insert into {quoted(table)} ({targets}) "
        f"select {', '.join(columns.values())} from range({fill.rows}) as r (i) where {fill.where}"
    )


def _uuid(kind: str, number: str = "i") -> str:
    return f"md5('{kind}' || {number})::uuid"


def fills(vms: int) -> list[Fill]:
    """Return the rows of the whole cloud."""
    return [*_hosts(), *_nova(vms), *_others(vms), *_on_hosts(vms)]


HOST = f"'compute-' || (i % {HOSTS})"
_NODE_CLASSES = 3


def _hosts() -> list[Fill]:
    mapping = {"cell_id": "2", "host": HOST}
    service = {"uuid": _uuid("service"), "host": HOST, "binary": "'nova-compute'"}
    service |= {"version": "70", "last_seen_up": "timestamp '2026-05-31 23:59:50'"}
    node = {"uuid": _uuid("node"), "host": HOST, "hypervisor_hostname": HOST}
    provider = {"uuid": _uuid("node"), "name": HOST, "root_provider_id": "i + 1"}
    inventory = {"resource_provider_id": f"i // {_NODE_CLASSES} + 1", "total": "1000000"}
    inventory |= {"resource_class_id": f"i % {_NODE_CLASSES}", "reserved": "0"}
    facts = {"host": HOST, "hostname": HOST, "nova_host": HOST, "machine_id": HOST}
    facts |= {"libvirt": "true", "vswitch": "true", "clock": "timestamp '2026-06-01'"}
    facts |= {"instances_path": "'/var/lib/nova/instances'"}
    cell = {"id": "1", "name": "'cell0'", "uuid": "'00000000-0000-0000-0000-000000000000'"}
    return [
        Fill(table="nova_api.cell_mappings", rows=1, columns=cell),
        Fill(
            table="nova_api.cell_mappings",
            rows=1,
            columns={"id": "2", "name": "'cell1'", "uuid": _uuid("cell")},
        ),
        Fill(table="nova_api.host_mappings", rows=HOSTS, columns=mapping),
        Fill(table="nova.services", rows=HOSTS, columns=service),
        Fill(table="nova.compute_nodes", rows=HOSTS, columns=node),
        Fill(table="placement.resource_providers", rows=HOSTS, columns=provider),
        Fill(table="placement.inventories", rows=HOSTS * _NODE_CLASSES, columns=inventory),
        Fill(table="host.facts", rows=HOSTS, columns=facts),
    ]


# One in ten thousand each: a VM without row, without domain, on the wrong host.
_NO_ROW, _NO_DOMAIN, _WRONG_HOST = "i % 10000 <> 17", "i % 10000 <> 23", "i % 10000 = 29"


def _nova(vms: int) -> list[Fill]:
    vm = _uuid("vm")
    instance = {"uuid": vm, "host": HOST, "node": HOST, "project_id": "md5('p' || i % 5000)"}
    instance |= {"display_name": "'vm-' || i", "vm_state": "'active'", "power_state": "1"}
    instance |= {"vcpus": "1", "memory_mb": "512", "launched_at": OLD, "compute_id": "i % 2000 + 1"}
    mapping = {"instance_uuid": vm, "cell_id": "2", "queued_for_delete": "false"}
    disk = {"instance_uuid": vm, "volume_id": _uuid("volume"), "device_name": "'/dev/vdb'"}
    disk |= {"attachment_id": _uuid("attachment"), "source_type": "'volume'"}
    disk |= {"destination_type": "'volume'", "uuid": _uuid("bdm")}
    nic = {"uuid": _uuid("port"), "instance_uuid": vm, "address": "'fa:16:3e/' || i"}
    cache = {"instance_uuid": vm, "empty": "false"}
    return [
        Fill(table="nova.instances", rows=vms, columns=instance, where=_NO_ROW),
        Fill(table="nova_api.instance_mappings", rows=vms, columns=mapping),
        Fill(table="nova_api.request_specs", rows=vms, columns={"instance_uuid": vm}),
        Fill(table="nova.block_device_mapping", rows=vms, columns=disk, where="i % 2 = 0"),
        Fill(table="nova.virtual_interfaces", rows=vms, columns=nic),
        Fill(table="nova.info_caches", rows=vms, columns=cache),
    ]


def _others(vms: int) -> list[Fill]:
    vm = _uuid("vm")
    allocation = {"consumer_id": _uuid("vm", f"(i // {_NODE_CLASSES})"), "used": "1"}
    allocation |= {"resource_provider_id": f"(i // {_NODE_CLASSES}) % {HOSTS} + 1"}
    allocation |= {"resource_class_id": f"i % {_NODE_CLASSES}"}
    port = {"id": _uuid("port"), "device_id": f"({vm})::varchar", "status": "'ACTIVE'"}
    port |= {"device_owner": "'compute:nova'", "mac_address": "'fa:16:3e/' || i"}
    binding = {"port_id": _uuid("port"), "host": HOST, "vif_type": "'ovs'", "status": "'ACTIVE'"}
    binding |= {"vnic_type": "'normal'"}
    volume = {"id": _uuid("volume"), "status": "'in-use'", "attach_status": "'attached'"}
    volume |= {"size": "10", "project_id": "md5('p' || i % 5000)"}
    attachment = {"id": _uuid("attachment"), "volume_id": _uuid("volume"), "instance_uuid": vm}
    attachment |= {"attached_host": HOST, "attach_status": "'attached'"}
    address = {"port_id": _uuid("port"), "ip_address": "'10.0.0.' || i"}
    half = "i % 2 = 0"
    return [
        Fill(table="placement.consumers", rows=vms, columns={"uuid": vm}),
        Fill(table="placement.allocations", rows=vms * _NODE_CLASSES, columns=allocation),
        Fill(table="neutron.ports", rows=vms, columns=port),
        Fill(table="neutron.ml2_port_bindings", rows=vms, columns=binding),
        Fill(table="neutron.ipallocations", rows=vms, columns=address),
        Fill(table="cinder.volumes", rows=vms, columns=volume, where=half),
        Fill(table="cinder.volume_attachment", rows=vms, columns=attachment, where=half),
    ]


def _on_hosts(vms: int) -> list[Fill]:
    vm, port = _uuid("vm"), f"left(({_uuid('port')})::varchar, 11)"
    host = f"'compute-' || (if({_WRONG_HOST}, i + 1, i) % {HOSTS})"
    domain = {"host": host, "uuid": vm, "name": "printf('instance-%08x', i + 1)"}
    domain |= {"state": "'running'", "persistent": "true", "nova_name": "'vm-' || i"}
    domain |= {"is_nova": "true"}
    process = {"host": host, "pid": "i", "uuid": vm, "name": "printf('instance-%08x', i + 1)"}
    path = f"'/var/lib/nova/instances/' || ({vm})::varchar"
    folder = {"host": HOST, "name": f"({vm})::varchar", "uuid": vm, "suffix": "''", "path": path}
    folder |= {"changed_at": OLD, "files": "3", "shared": "false", "store": HOST}
    disk = {"host": host, "domain": vm, "target": "'vdb'", "type": "'network'"}
    disk |= {"protocol": "'rbd'", "serial": _uuid("volume"), "device": "'disk'"}
    disk |= {"source": f"'volumes/volume-' || ({_uuid('volume')})::varchar"}
    nic = {"host": host, "domain": vm, "mac": "'fa:16:3e/' || i", "target": f"'tap' || {port}"}
    nic |= {"type": "'bridge'", "bridge": "'br-int'", "interface_id": _uuid("port")}
    plug = {"host": HOST, "bridge": "'br-int'", "port": f"'tap' || {port}", "ofport": "i"}
    plug |= {"name": f"'tap' || {port}", "iface_id": _uuid("port"), "vm_uuid": vm}
    link = {"host": HOST, "name": f"'tap' || {port}", "kind": "'tap'", "prefix": "'tap'"}
    link |= {"port_prefix": port}
    return [
        Fill(table="libvirt.domains", rows=vms, columns=domain, where=_NO_DOMAIN),
        Fill(table="libvirt.processes", rows=vms, columns=process, where=_NO_DOMAIN),
        Fill(table="libvirt.disks", rows=vms, columns=disk, where=f"i % 2 = 0 and {_NO_DOMAIN}"),
        Fill(table="libvirt.interfaces", rows=vms, columns=nic, where=_NO_DOMAIN),
        Fill(table="host.instance_dirs", rows=vms, columns=folder),
        Fill(table="vswitch.interfaces", rows=vms, columns=plug),
        Fill(table="host.links", rows=vms, columns=link),
    ]


if __name__ == "__main__":
    main()
