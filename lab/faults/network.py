"""Neutron and nova disagree, and what is left of ports in Open vSwitch and the kernel."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterator

from lab.faults import Wound, fault, nobody
from lab.labcloud.cloud import Cloud
from lab.labcloud.database import execute, query
from lab.labcloud.places import HOST, HOST_2
from lab.labcloud.shell import on, unplug, vsctl


def mac() -> str:
    """A MAC address in neutron's range."""
    return "fa:16:3e:" + ":".join(f"{byte:02x}" for byte in secrets.token_bytes(3))


@fault("NTR001", seed="001")
def port_of_dead_vm(cloud: Cloud) -> Iterator[Wound]:
    """The VM is gone, neutron keeps its port and address."""
    vm = nobody(cloud)
    port = cloud.port("dead-device", device_id=vm, device_owner="compute:nova")
    yield Wound(expects={"NTR001": port}, touches=(vm, port))


@fault("NTR006")
def floating_ip_of_dead_vm(cloud: Cloud) -> Iterator[Wound]:
    """A floating IP still leads to the port of a VM that is gone."""
    vm = nobody(cloud)
    port = cloud.port("dead-floating", device_id=vm, device_owner="compute:nova")
    address = cloud.floating_ip(port)
    yield Wound(expects={"NTR006": address}, touches=(vm, port, address))


def bind(port: str, assignments: str) -> None:
    """Change the active binding of a port."""
    execute(
        "neutron",
        f"update ml2_port_bindings set {assignments} where port_id = %s and status = 'ACTIVE'",
        port,
    )


@fault("NTR002", seed="004")
def port_bound_elsewhere(cloud: Cloud) -> Iterator[Wound]:
    """A failed migration left the port bound to the other host."""
    vm = cloud.boot("bound-elsewhere")
    port = cloud.ports(vm)[0]["id"]
    bind(port, f"host = '{HOST_2}'")
    yield Wound(expects={"NTR002": port}, touches=(vm, port))
    bind(port, f"host = '{HOST}'")


@fault("NTR005")
def port_binding_failed(cloud: Cloud) -> Iterator[Wound]:
    """The agent was dead when the port was bound: `binding_failed`."""
    vm = cloud.boot("binding-failed")
    port = cloud.ports(vm)[0]["id"]
    bind(port, "vif_type = 'binding_failed'")
    yield Wound(expects={"NTR005": port}, touches=(vm, port))
    bind(port, "vif_type = 'ovs'")


def second_binding(port: str, status: str) -> None:
    """A binding on the other host, as a live migration makes it (the API gives it to nova only)."""
    execute(
        "neutron",
        "insert into ml2_port_bindings (port_id, host, vif_type, vnic_type, profile, vif_details,"
        " status) select port_id, %s, vif_type, vnic_type, profile, vif_details, %s from"
        " ml2_port_bindings where port_id = %s and host <> %s",
        HOST_2,
        status,
        port,
        HOST_2,
    )


@fault("NTR003")
def inactive_binding_left(cloud: Cloud) -> Iterator[Wound]:
    """A live migration was aborted, its binding on the other host stayed."""
    vm = cloud.boot("inactive-binding")
    port = cloud.ports(vm)[0]["id"]
    second_binding(port, "INACTIVE")
    yield Wound(expects={"NTR003": port}, touches=(vm, port))


@fault("NTR004")
def port_bound_twice(cloud: Cloud) -> Iterator[Wound]:
    """A port is active on two hosts."""
    vm = cloud.boot("bound-twice")
    port = cloud.ports(vm)[0]["id"]
    second_binding(port, "ACTIVE")
    yield Wound(expects={"NTR004": port}, touches=(vm, port))
    execute(
        "neutron", "delete from ml2_port_bindings where port_id = %s and host = %s", port, HOST_2
    )


@fault("NTR007")
def nic_pulled(cloud: Cloud) -> Iterator[Wound]:
    """`virsh detach-interface` behind nova's back."""
    vm = cloud.boot("nic-pulled")
    port = cloud.ports(vm)[0]
    mac_address = port["mac_address"]
    words = ("detach-interface", vm, "bridge", "--mac", mac_address, "--live", "--config")
    unplug(HOST, vm, mac_address, *words)
    yield Wound(expects={"NTR007": port["id"]}, touches=(vm, port["id"]))


@fault("NTR008", seed="001")
def port_deleted_by_hand(cloud: Cloud) -> Iterator[Wound]:
    """The port was deleted from neutron's database, the VM still has its network card."""
    vm = cloud.boot("port-row")
    port = cloud.ports(vm)[0]
    attribute = query(
        "neutron", "select standard_attr_id as id from ports where id = %s", port["id"]
    )
    execute("neutron", "delete from standardattributes where id = %s", attribute[0]["id"])
    for device in ("qvo", "qbr"):
        cloud.note("link", f"{HOST}:{device}{port['id'][:11]}")
    yield Wound(expects={"NTR008": port["mac_address"]}, touches=(vm, port["id"]))


def hybrid(cloud: Cloud, host: str, port: str, ids: dict[str, str]) -> str:
    """The devices that nova makes for a port (qbr, qvb, qvo) and the port on br-int; its name."""
    short = port[:11]
    for device in ("qvo", "qbr"):
        cloud.note("link", f"{host}:{device}{short}")
    on(host, "ip", "link", "add", f"qvo{short}", "type", "veth", "peer", "name", f"qvb{short}")
    on(host, "ip", "link", "add", f"qbr{short}", "type", "bridge")
    on(host, "ip", "link", "set", f"qvb{short}", "master", f"qbr{short}")
    plug(host, f"qvo{short}", ids)
    return f"qvo{short}"


def plug(host: str, name: str, ids: dict[str, str]) -> None:
    """Put a device on br-int with what nova writes beside it."""
    words = [f"external_ids:{key}={value}" for key, value in ids.items()]
    write = ("--", "set", "Interface", name, *words) if words else ()
    vsctl(host, "--no-wait", "add-port", "br-int", name, *write)


@fault("OVS001", "OVS005", seed="001")
def switch_port_of_dead_vm(cloud: Cloud) -> Iterator[Wound]:
    """The host was down during the delete: `qvo`, `qvb`, `qbr` and the port on br-int are left."""
    vm, port = nobody(cloud), str(uuid.uuid4())
    ids = {"iface-id": port, "vm-uuid": vm, "attached-mac": mac(), "iface-status": "active"}
    name = hybrid(cloud, HOST, port, ids)
    yield Wound(expects={"OVS001": name, "OVS005": port[:11]}, touches=(vm, port, port[:11]))


@fault("OVS002", "OVS006")
def switch_port_left_by_move(cloud: Cloud) -> Iterator[Wound]:
    """A VM moved away, its devices stayed on the source."""
    vm = cloud.boot("left-devices")
    port = cloud.ports(vm)[0]
    ids = {"iface-id": port["id"], "vm-uuid": vm, "attached-mac": port["mac_address"]}
    name = hybrid(cloud, HOST_2, port["id"], ids)
    expects = {"OVS002": name, "OVS006": port["id"][:11]}
    yield Wound(expects=expects, touches=(vm, port["id"]))


@fault("OVS003")
def switch_port_without_port(cloud: Cloud) -> Iterator[Wound]:
    """A port on br-int with an `iface-id` that neutron does not have, and no VM beside it."""
    port = str(uuid.uuid4())
    name = f"fsck{port[:8]}"
    cloud.note("link", f"{HOST}:{name}")
    on(HOST, "ip", "link", "add", name, "type", "bridge")
    plug(HOST, name, {"iface-id": port, "attached-mac": mac()})
    yield Wound(expects={"OVS003": name}, touches=(port, name))


@fault("OVS004")
def switch_port_without_device(cloud: Cloud) -> Iterator[Wound]:
    """After a power cut br-int remembers a device that the kernel no longer has."""
    name = f"tap{secrets.token_hex(4)}-fs"
    cloud.note("link", f"{HOST}:{name}")
    plug(HOST, name, {})
    yield Wound(expects={"OVS004": name}, touches=(name,))
