"""Ceph, glance, and console tokens."""

from __future__ import annotations

import hashlib
import json
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator

from lab.faults import Wound, fault, nobody
from lab.faults.rows import DAYS_AGO
from lab.labcloud.cloud import Cloud, wait
from lab.labcloud.database import CELL_1, execute
from lab.labcloud.places import HOST
from lab.labcloud.shell import run
from lab.labcloud.sweep import started


def rbd(cloud: Cloud, image: str) -> None:
    """A small RBD image `pool/name`."""
    cloud.note("rbd", image)
    run("rbd", "create", "--size", "1M", image)


@fault("CEP001")
def rbd_disk_of_dead_vm(cloud: Cloud) -> Iterator[Wound]:
    """The VM is gone, `vms/<uuid>_disk` takes its space for ever."""
    vm = nobody(cloud)
    rbd(cloud, f"vms/{vm}_disk")
    yield Wound(expects={"CEP001": f"{vm}_disk"}, touches=(vm,))


@fault("CEP002")
def rbd_disk_still_open(cloud: Cloud) -> Iterator[Wound]:
    """A deleted VM's disk is held open: somewhere its qemu still runs."""
    vm = nobody(cloud)
    rbd(cloud, f"vms/{vm}_disk")
    watcher = subprocess.Popen(
        ("rbd", "watch", f"vms/{vm}_disk"),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    cloud.note("process", f"{watcher.pid}/{started(watcher.pid)}")

    def watched() -> bool:
        status = json.loads(run("rbd", "status", "--format", "json", f"vms/{vm}_disk"))
        return bool(status["watchers"])

    wait(watched, "a watcher", 20)
    yield Wound(expects={"CEP002": f"{vm}_disk"}, touches=(vm,))
    watcher.communicate(b"\n")


@fault("CEP003")
def rbd_volume_without_row(cloud: Cloud) -> Iterator[Wound]:
    """Cinder's database was restored from an hour ago: a volume of that hour is only in Ceph."""
    volume = str(uuid.uuid4())
    rbd(cloud, f"volumes/volume-{volume}")
    yield Wound(expects={"CEP003": f"volume-{volume}"}, touches=(volume,))


def image(cloud: Cloud, name: str, vm: str, data: bytes | None) -> str:
    """An image that nova made of `vm`; its UUID."""
    body = {
        "name": name,
        "disk_format": "raw",
        "container_format": "bare",
        "instance_uuid": vm,
        "image_type": "snapshot",
    }
    made = cloud.note("image", str(cloud.post("image", "/images", body)["id"]))
    if data is not None:
        cloud.upload(made, data)
    execute(
        "glance",
        f"update images set created_at = {DAYS_AGO}, updated_at = {DAYS_AGO} where id = %s",
        made,
    )
    return made


@fault("GLA001", seed="001")
def shelved_image_of_dead_vm(cloud: Cloud) -> Iterator[Wound]:
    """A shelved VM was deleted by SQL, its image stayed."""
    vm = nobody(cloud)
    made = image(cloud, "fsck-gone-shelved", vm, b"disk")
    yield Wound(expects={"GLA001": made}, touches=(vm, made))


@fault("GLA002")
def shelved_image_of_live_vm(cloud: Cloud) -> Iterator[Wound]:
    """A VM was unshelved while glance was away: the image stayed."""
    vm = cloud.boot("unshelved")
    made = image(cloud, "fsck-unshelved-shelved", vm, b"disk")
    yield Wound(expects={"GLA002": made}, touches=(vm, made))


@fault("GLA003")
def snapshot_never_uploaded(cloud: Cloud) -> Iterator[Wound]:
    """The host died during a snapshot: the image is `queued` for ever."""
    vm = nobody(cloud)
    made = image(cloud, "fsck-snapshot", vm, None)
    yield Wound(expects={"GLA003": made}, touches=(vm, made))


@fault("GLA004")
def image_without_data(cloud: Cloud) -> Iterator[Wound]:
    """An active image whose location is gone."""
    made = image(cloud, "fsck-empty", str(uuid.uuid4()), b"disk")
    execute("glance", "delete from image_locations where image_id = %s", made)
    yield Wound(expects={"GLA004": made}, touches=(made,))


def token(vm: str, host: str, expires: int) -> None:
    """A console token."""
    execute(
        CELL_1,
        "insert into console_auth_tokens (created_at, token_hash, console_type, host, port,"
        f" instance_uuid, expires) values ({DAYS_AGO}, %s, 'novnc', %s, 5900, %s, %s)",
        hashlib.sha256(vm.encode()).hexdigest(),
        host,
        vm,
        expires,
    )


@fault("CON001", seed="001")
def console_token_of_dead_vm(cloud: Cloud) -> Iterator[Wound]:
    """The VM is gone, a token still opens its console."""
    vm = nobody(cloud)
    token(vm, HOST, int(time.time()) + 86400)
    yield Wound(expects={"CON001": vm}, touches=(vm,))


@fault("CON003", seed="001")
def memcached_token_of_dead_vm(cloud: Cloud) -> Iterator[Wound]:
    """An old release: the token of a dead VM is in memcached (`echo 'delete <uuid>' | nc …`)."""
    vm = nobody(cloud)
    key, value = str(uuid.uuid4()), json.dumps({"instance_uuid": vm, "console_type": "novnc"})
    memcached(f"set {key} 0 86400 {len(value)}\r\n{value}")
    memcached(f"set {vm} 0 86400 {len(key) + 4}\r\n" + json.dumps([key]))
    mangled = hashlib.sha1(vm.encode()).hexdigest()  # noqa: S324 – as oslo.cache names keys
    yield Wound(expects={"CON003": f"127.0.0.1:11211/{mangled}"}, touches=(vm, key))
    for gone in (key, vm):
        memcached(f"delete {gone}")


def memcached(command: str) -> str:
    """One command of memcached's text protocol; its answer."""
    with socket.create_connection(("127.0.0.1", 11211), timeout=10) as wire:
        wire.sendall(command.encode() + b"\r\n")
        return wire.recv(4096).decode().strip()
