"""Remove every trace of what tests made, by force: it is the lab's, and it may be wounded."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from pathlib import Path

from lab.labcloud import made
from lab.labcloud.cloud import Cloud
from lab.labcloud.database import CELL_1, execute, query, session
from lab.labcloud.places import HOST, HOST_2, INSTANCES
from lab.labcloud.rest import Refused
from lab.labcloud.shell import CommandFailed, on, run, virsh, vsctl

NOVA = (CELL_1, "nova_cell0", "nova_api")


def sweep(cloud: Cloud, things: Iterable[made.Thing]) -> None:
    """Remove things, VMs first, and strike them off the list."""
    listed = list(dict.fromkeys(things))
    with ThreadPoolExecutor(4) as pool:
        for kind, remove in SWEEPERS.items():
            names = [thing.name for thing in listed if thing.kind == kind]
            list(pool.map(partial(remove, cloud), names))
    made.forget(listed)


def sweep_everything(cloud: Cloud) -> None:
    """What any earlier run left, by the list and by the names that tests give."""
    named = [made.Thing("vm", server["id"]) for server in cloud.vms()]
    named += [made.Thing("volume", volume["id"]) for volume in cloud.volumes()]
    sweep(cloud, [*made.everything(), *named])


def purge_vm(cloud: Cloud, uuid: str) -> None:
    """Take a VM away from every store, whatever state it is in."""
    ports = [str(port["id"]) for port in cloud.ports(uuid)]
    with contextlib.suppress(Refused, AssertionError):
        if healthy(cloud, uuid):
            cloud.delete_vm(uuid)
    for host in (HOST, HOST_2):
        purge_host(host, uuid, ports)
    for port in ports:
        purge_port(cloud, port)
    purge_placement(uuid)
    for database in NOVA:
        purge_rows(database, uuid)
    purge_attachments(uuid)
    for image in snapshots(cloud, uuid):
        cloud.delete("image", f"/images/{image}", missing_ok=True)


def healthy(cloud: Cloud, uuid: str) -> bool:
    """Whether nova can be trusted to delete a VM itself."""
    if not cloud.exists("compute", f"/servers/{uuid}"):
        return False
    shown = cloud.server(uuid)
    return shown["OS-EXT-STS:task_state"] is None and shown["status"] in ("ACTIVE", "SHUTOFF")


def purge_host(host: str, uuid: str, ports: list[str]) -> None:
    """Domain, directories and network devices of a VM on one host."""
    virsh(host, "destroy", uuid, check=False)
    virsh(host, "undefine", "--managed-save", "--nvram", "--snapshots-metadata", uuid, check=False)
    on(host, "bash", "-c", f"rm -rf {INSTANCES}/{uuid} {INSTANCES}/{uuid}_*")
    found = vsctl(
        host, "--columns=name", "--bare", "find", "Interface", f"external_ids:vm-uuid={uuid}"
    )
    names = {f"qvo{port[:11]}" for port in ports} | set(found.split())
    for name in names:
        vsctl(host, "--if-exists", "del-port", "br-int", name)
        for device in ("qvo", "qbr", "tap"):
            on(host, "ip", "link", "del", device + name[3:], check=False)


def purge_port(cloud: Cloud, port: str) -> None:
    """A port, by neutron; by hand when it does not want to."""
    try:
        cloud.delete("network", f"/ports/{port}", missing_ok=True)
    except Refused:
        execute("neutron", "delete from ports where id = %s", port)


def purge_placement(uuid: str) -> None:
    """Allocations and consumers of a VM and of its migrations."""
    moves = query(CELL_1, "select uuid from migrations where instance_uuid = %s", uuid)
    for consumer in (uuid, *(str(move["uuid"]) for move in moves)):
        session(
            "placement",
            ("delete from allocations where consumer_id = %s", [consumer]),
            ("delete from consumers where uuid = %s", [consumer]),
        )


def purge_consumer(_cloud: Cloud, uuid: str) -> None:
    """Whatever holds resources under this UUID."""
    purge_placement(uuid)


def purge_rows(database: str, uuid: str) -> None:
    """Every row of a VM, its archived ones too."""
    actions = "select id from instance_actions where instance_uuid = %s"
    statements: list[str | tuple[str, list[str]]] = ["set foreign_key_checks = 0"]
    if database != "nova_api":
        events = f"delete from instance_actions_events where action_id in ({actions})"
        statements.append((events, [uuid]))
    statements += [
        (f"delete from {table} where {column} = %s", [uuid])
        for table, column in tables_of_vms(database)
    ]
    session(database, *statements)


@cache
def tables_of_vms(database: str) -> tuple[tuple[str, str], ...]:
    """Each table with the column that holds the UUID of a VM."""
    found = query(
        "information_schema" if database != CELL_1 else CELL_1,
        "select table_name, column_name from information_schema.columns where table_schema = %s"
        " and column_name = 'instance_uuid'",
        database,
    )
    whole = [(str(row["table_name"]), "instance_uuid") for row in found]
    if database != "nova_api":
        own = ("instances", "instance_id_mappings", "shadow_instances")
        whole += [(table, "uuid") for table in (*own, "shadow_instance_id_mappings")]
        whole += [("tags", "resource_id")]
    return tuple(whole)


def purge_attachments(uuid: str) -> None:
    """Attachments of a VM; their volumes become available."""
    rows = query("cinder", "select volume_id from volume_attachment where instance_uuid = %s", uuid)
    session(
        "cinder",
        "set foreign_key_checks = 0",
        (
            (
                "delete from attachment_specs where attachment_id in"
                " (select id from volume_attachment where instance_uuid = %s)"
            ),
            [uuid],
        ),
        ("delete from volume_attachment where instance_uuid = %s", [uuid]),
    )
    for row in rows:
        execute(
            "cinder",
            "update volumes set status = 'available', attach_status = 'detached'"
            " where id = %s and deleted = 0",
            row["volume_id"],
        )


def snapshots(cloud: Cloud, uuid: str) -> list[str]:
    """The images that were made of a VM."""
    found = cloud.get("image", f"/images?instance_uuid={uuid}")["images"]
    return [str(image["id"]) for image in found]


def purge_volume(cloud: Cloud, uuid: str) -> None:
    """A volume in cinder and in Ceph."""
    rows = query("cinder", "select deleted, status from volumes where id = %s", uuid)
    if rows:
        session(
            "cinder",
            ("delete from volume_attachment where volume_id = %s", [uuid]),
            (
                (
                    "update volumes set deleted = 0, deleted_at = null, status = 'available',"
                    " attach_status = 'detached', migration_status = null where id = %s"
                    " and (deleted = 0 or status <> 'deleted' or deleted_at is null)"
                ),
                [uuid],
            ),
        )
        cloud.delete_volume(uuid)
    purge_rbd(cloud, f"volumes/volume-{uuid}")


def purge_floating(cloud: Cloud, uuid: str) -> None:
    """A floating IP."""
    cloud.delete("network", f"/floatingips/{uuid}", missing_ok=True)


def purge_image(cloud: Cloud, uuid: str) -> None:
    """An image."""
    cloud.delete("image", f"/images/{uuid}", missing_ok=True)


def purge_provider(cloud: Cloud, uuid: str) -> None:
    """A resource provider and what hangs on it."""
    execute(
        "placement",
        "delete from allocations where resource_provider_id in"
        " (select id from resource_providers where uuid = %s)",
        uuid,
    )
    cloud.delete("placement", f"/resource_providers/{uuid}", missing_ok=True)


def purge_rbd(_cloud: Cloud, image: str) -> None:
    """An RBD image `pool/name`."""
    run("rbd", "rm", "--no-progress", image, check=False)


def purge_process(_cloud: Cloud, known: str) -> None:
    """A process, written as `pid/start time`."""
    pid, _, born = known.partition("/")
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        if started(pid) == born:
            os.kill(int(pid), signal.SIGKILL)


def started(pid: str | int) -> str:
    """The start time of a process, in clock ticks since boot (proc(5), field 22)."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]


def purge_path(_cloud: Cloud, where: str) -> None:
    """A file or directory, written as `host:path`."""
    host, _, path = where.partition(":")
    on(host, "rm", "-rf", path)


def purge_link(_cloud: Cloud, where: str) -> None:
    """A network device, with its port on br-int, written as `host:name`."""
    host, _, name = where.partition(":")
    vsctl(host, "--if-exists", "del-port", "br-int", name)
    on(host, "ip", "link", "del", name, check=False)


def purge_domain(_cloud: Cloud, where: str) -> None:
    """A domain that no VM of nova has, written as `host:uuid`."""
    host, _, uuid = where.partition(":")
    with contextlib.suppress(CommandFailed):
        purge_host(host, uuid, [])


def purge_row(_cloud: Cloud, where: str) -> None:
    """Rows that a fault added, written as `database.table column value`."""
    table, column, value = where.split(" ", 2)
    database, _, name = table.partition(".")
    session(
        database,
        "set foreign_key_checks = 0",
        (f"delete from {name} where {column} = %s", [value]),
    )


# Keys in the order of removal.
SWEEPERS: dict[str, Callable[[Cloud, str], None]] = {
    "process": purge_process,
    "domain": purge_domain,
    "consumer": purge_consumer,
    "row": purge_row,
    "floating": purge_floating,
    "vm": purge_vm,
    "link": purge_link,
    "port": purge_port,
    "volume": purge_volume,
    "image": purge_image,
    "provider": purge_provider,
    "rbd": purge_rbd,
    "path": purge_path,
}
