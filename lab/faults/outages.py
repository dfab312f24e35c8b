"""Incidents of whole services: what stays when one is down, killed, cut off or restored.

Each runs alone: while one service is away, no other fault could be told from its effects.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

from lab.faults import Wound, fault
from lab.faults.rows import change
from lab.labcloud.cloud import Cloud, wait
from lab.labcloud.database import execute, query
from lab.labcloud.places import ADDRESS_2, HOME, HOST_2
from lab.labcloud.services import cut, kill, pid, start, stopped
from lab.labcloud.shell import lab, nova_manage, run

RABBIT = str(HOME / "etc/rabbit")


def lose(queue: str) -> None:
    """Throw away the messages of a queue, as a broker that loses its disk does."""
    run(RABBIT, "rabbitmqctl", "-q", "purge_queue", queue, check=False)


def force_down(cloud: Cloud, host: str, *, down: bool) -> None:
    """Tell nova that a host is down, as an operator or a watchdog does."""
    path = f"/os-services?binary=nova-compute&host={host}"
    service = cloud.get("compute", path)["services"][0]["id"]
    cloud.put("compute", f"/os-services/{service}", {"forced_down": down})


@fault("LIB002", alone=True, seed="003")
def archived_before_host_is_back(cloud: Cloud) -> Iterator[Wound]:
    """A VM is deleted while its host is down, `archive_deleted_rows` runs before it is back."""
    vm = cloud.boot("archived", HOST_2)
    port = cloud.ports(vm)[0]["id"]
    with stopped("vm2-nova-compute"):
        force_down(cloud, HOST_2, down=True)
        cloud.delete_vm(vm)
        nova_manage("db", "archive_deleted_rows", "--all-cells", "--until-complete", check=False)
        force_down(cloud, HOST_2, down=False)
    yield Wound(expects={"LIB002": f"{HOST_2}/{vm}"}, touches=(vm, port, port[:11]))


@fault("NOV005", alone=True, seed="003")
def compute_killed_during_delete(cloud: Cloud) -> Iterator[Wound]:
    """A nova-compute froze and was killed in the middle of a delete; nobody started it again."""
    vm = cloud.boot("killed", HOST_2)
    os.kill(pid("vm2-nova-compute"), signal.SIGSTOP)
    try:
        cloud.delete("compute", f"/servers/{vm}")
        wait(lambda: task(cloud, vm) == "deleting", "the delete to begin", 30)
    finally:
        kill("vm2-nova-compute")
    lose(f"compute.{HOST_2}")
    change(vm, "task_state = 'deleting'")
    yield Wound(expects={"NOV005": vm}, touches=(vm,))
    start()


@fault("NOV005", alone=True, seed="003")
def network_cut_during_delete(cloud: Cloud) -> Iterator[Wound]:
    """The network between compute and conductor broke, the message of a delete was lost."""
    vm = cloud.boot("cut", HOST_2)
    with cut(HOST_2):
        cloud.delete("compute", f"/servers/{vm}")
        wait(lambda: task(cloud, vm) == "deleting", "the delete to begin", 30)
        # what was sent into the dead wire comes back to the queue when the connection is given up
        give_up(ADDRESS_2)
        lose(f"compute.{HOST_2}")
    change(vm, "task_state = 'deleting'")
    yield Wound(expects={"NOV005": vm}, touches=(vm,))


def give_up(peer: str) -> None:
    """Let the broker end its connections to a peer, as it does when heartbeats stay out."""
    listed = run(RABBIT, "rabbitmqctl", "-q", "list_connections", "pid", "peer_host")
    for line in listed.splitlines():
        connection, _, address = line.partition("\t")
        if address == peer:
            run(RABBIT, "rabbitmqctl", "-q", "close_connection", connection, "cut", check=False)


def task(cloud: Cloud, vm: str) -> str | None:
    """The task state that nova shows."""
    state: str | None = cloud.server(vm)["OS-EXT-STS:task_state"]
    return state


@fault("CIN014", alone=True, seed="004")
def volume_service_down_during_detach(cloud: Cloud) -> Iterator[Wound]:
    """The volume service was down when a volume was detached: `detaching`, and nothing moves."""
    vm, volume = cloud.boot("detach"), cloud.volume("detach")
    attachment = cloud.attach(vm, volume)
    lab("stop", "cinder-volume")
    cloud.delete("compute", f"/servers/{vm}/os-volume_attachments/{volume}")
    cloud.volume_becomes(volume, "detaching")
    query_status = "update volumes set updated_at = utc_timestamp() - interval 2 day where id = %s"
    execute("cinder", query_status, volume)
    yield Wound(expects={"CIN014": volume}, touches=(vm, volume, attachment))
    start()


@fault("NTR001", alone=True, seed="001")
def neutron_killed_before_binding(cloud: Cloud) -> Iterator[Wound]:
    """Neutron died between making a VM's port and binding it; the failed VM was deleted by SQL."""
    vm = cloud.ask_for("no-binding", HOST_2)
    wait(lambda: bool(port_rows(vm)), "the port", 60)
    kill("neutron-api")
    port = str(port_rows(vm)[0]["id"])
    wait(lambda: cloud.server(vm)["status"] == "ERROR", "the build to fail", 240)
    date = "utc_timestamp() - interval 2 day"
    change(vm, f"deleted = id, vm_state = 'deleted', deleted_at = {date}, cleaned = 1")
    start()
    yield Wound(expects={"NTR001": port}, touches=(vm, port))


def port_rows(vm: str) -> list[dict[str, object]]:
    """The ports of a VM, from the database."""
    return query("neutron", "select id from ports where device_id = %s", vm)


@fault("NOV001", "LIB004", "API001", alone=True, seed="002")
def cell_restored_from_backup(cloud: Cloud) -> Iterator[Wound]:
    """The cell's database was restored from an hour ago: one VM was born since, one died since."""
    died = cloud.boot("died-since")
    died_port = cloud.ports(died)[0]["id"]
    socket = str(HOME / "var/mysql-cell1/mysqld.sock")
    backup = run("mysqldump", "-S", socket, "-uroot", "--single-transaction", "nova", timeout=120)
    cloud.delete_vm(died)
    born = cloud.boot("born-since", HOST_2)
    born_port = cloud.ports(born)[0]["id"]
    with stopped("nova-compute", "vm2-nova-compute", "nova-conductor"):
        run("mariadb", "-S", socket, "-uroot", "nova", text=backup, timeout=300)
    wait(lambda: cloud.exists("compute", f"/servers/{died}"), "the dead VM to be back", 60)
    ids = (died, born, died_port, born_port, died_port[:11], born_port[:11])
    yield Wound(expects={"NOV001": died, "LIB004": f"{HOST_2}/{born}", "API001": born}, touches=ids)
