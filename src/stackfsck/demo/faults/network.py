"""Faults in neutron and in the plumbing of hosts."""

from stackfsck.demo.faults.breaker import Breaker, Fault, Vm
from stackfsck.demo.faults.hosts import add_link, made_up_mac
from stackfsck.demo.folder import Row

SET = (("tap", "tap"), ("qbr", "bridge"), ("qvb", "veth"), ("qvo", "veth"))
"""The devices of a port with the hybrid firewall."""


def _standard(b: Breaker, kind: str) -> int:
    return b.insert(
        "neutron",
        "standardattributes",
        resource_type=kind,
        created_at=b.ago(days=60),
        updated_at=b.ago(days=50),
        revision_number=4,
    )


def _port(b: Breaker, device: str, owner: str = "compute:nova") -> str:
    """Write a port and return its id."""
    port = b.uuid()
    network = b.query("neutron", "select * from networks where name <> 'public' order by id")[0]
    b.insert(
        "neutron",
        "ports",
        id=port,
        name="",
        project_id=network["project_id"],
        network_id=network["id"],
        mac_address=made_up_mac(b),
        admin_state_up=1,
        status="DOWN",
        device_id=device,
        device_owner=owner,
        standard_attr_id=_standard(b, "ports"),
    )
    return port


def _bind(b: Breaker, port: str, host: str, status: str) -> None:
    b.insert(
        "neutron",
        "ml2_port_bindings",
        port_id=port,
        host=host,
        vif_type="ovs",
        vnic_type="normal",
        profile="",
        vif_details="{}",
        status=status,
    )


def _left_behind(b: Breaker, vm: Vm) -> str:
    """Write a port with address and binding that a dead VM has left, and return its id."""
    port = _port(b, vm.uuid)
    _bind(b, port, vm.host, "ACTIVE")
    subnet = b.query(
        "neutron", "select * from subnets where name <> 'public-subnet' order by network_id"
    )[0]
    b.insert(
        "neutron",
        "ipallocations",
        port_id=port,
        ip_address=f"{subnet['cidr'].rpartition('.')[0].rpartition('.')[0]}.200.{b.dice.randrange(250)}",
        subnet_id=subnet["id"],
        network_id=subnet["network_id"],
    )
    return port


def port_of_dead_vm(b: Breaker) -> None:
    """A VM was deleted while neutron was away, its port stayed."""
    _left_behind(b, b.vm("deleted"))


def port_on_wrong_host(b: Breaker) -> None:
    """An evacuation did not move the binding of a port."""
    vm = b.vm(ports=True)
    b.run(
        "neutron",
        "update ml2_port_bindings set host = ? where port_id = ?",
        b.other_host(vm),
        b.port(vm)["id"],
    )


def inactive_binding_left(b: Breaker) -> None:
    """A live migration failed and left the binding that it had prepared."""
    vm = b.vm(ports=True)
    _bind(b, b.port(vm)["id"], b.other_host(vm), "INACTIVE")


def port_bound_twice(b: Breaker) -> None:
    """Switching the binding of a port during a move was cut in two."""
    vm = b.vm("resized", ports=True)
    move = b.query(vm.database, "select * from migrations where instance_uuid = ?", vm.uuid)[0]
    _bind(b, b.port(vm)["id"], move["source_compute"], "ACTIVE")


def port_binding_failed(b: Breaker) -> None:
    """The agent of a host was down when a VM was plugged."""
    b.run(
        "neutron",
        "update ml2_port_bindings set vif_type = 'binding_failed' where port_id = ?",
        b.port(b.vm(ports=True))["id"],
    )


def floating_ip_of_dead_vm(b: Breaker) -> None:
    """A VM was deleted by SQL, its port and its floating address still lead to it."""
    port = _left_behind(b, b.vm("deleted"))
    floating = b.uuid()
    network = b.query("neutron", "select * from networks where name = 'public'")[0]
    b.insert(
        "neutron",
        "floatingips",
        id=floating,
        project_id=network["project_id"],
        floating_ip_address="198.51.100.77",
        floating_network_id=network["id"],
        floating_port_id=_port(b, floating, "network:floatingip"),
        fixed_port_id=port,
        fixed_ip_address="10.20.200.7",
        status="ACTIVE",
        standard_attr_id=_standard(b, "floatingips"),
    )


def port_without_nic(b: Breaker) -> None:
    """An interface was taken out of a running domain with virsh."""
    vm = b.vm(ports=True)
    b.forget(vm.host, "libvirt.interfaces", "mac", b.port(vm)["mac_address"])


def nic_without_port(b: Breaker) -> None:
    """A port was deleted while its VM used it."""
    vm = b.vm()
    b.see(
        vm.host,
        "libvirt.interfaces",
        domain=vm.uuid,
        mac=made_up_mac(b),
        target=f"tap{b.uuid()[:11]}",
        type="bridge",
        bridge="br-int",
        interface_id=None,
        virtualport=None,
    )


def _switch(b: Breaker, host: str, name: str, **columns: object) -> None:
    """Let Open vSwitch of a host have an interface."""
    b.see(host, "vswitch.ports", bridge="br-int", name=name, tag=7)
    usual = {"iface_id": None, "vm_uuid": None, "attached_mac": None, "error": None, "ofport": 9}
    b.see(
        host,
        "vswitch.interfaces",
        **{"bridge": "br-int", "port": name, "name": name, "type": "", **usual, **columns},
    )


def _device_of(port: Row, prefix: str = "qvo") -> str:
    return f"{prefix}{port['id'][:11]}"


def interface_of_dead_vm(b: Breaker) -> None:
    """A host was rebooted while a VM was deleted, Open vSwitch remembers her."""
    vm: Vm = b.vm("deleted", cell="cell1")
    port = b.uuid()
    _switch(b, vm.host, f"qvo{port[:11]}", iface_id=port, vm_uuid=vm.uuid)


def interface_on_wrong_host(b: Breaker) -> None:
    """A cold migration did not unplug the VM from the host that it left."""
    vm = b.vm(cell="cell1", ports=True)
    port = b.port(vm)
    ids = {"iface_id": port["id"], "vm_uuid": vm.uuid, "attached_mac": port["mac_address"]}
    _switch(b, b.other_host(vm), _device_of(port), **ids)


def interface_without_port(b: Breaker) -> None:
    """A port that was not a VM's was deleted while the agent was down."""
    port = b.uuid()
    _switch(b, b.host_of("cell1"), f"qvo{port[:11]}", iface_id=port)


def interface_without_device(b: Breaker) -> None:
    """A tap went away and Open vSwitch looks for it in vain."""
    name = f"tap{b.uuid()[:11]}"
    error = f"could not open network device {name} (No such device)"
    _switch(b, b.host_of("cell2"), name, error=error, ofport=-1)


def devices_without_port(b: Breaker) -> None:
    """The devices of a port outlived it."""
    host, short = b.host_of("cell1"), b.uuid()[:11]
    for prefix, kind in SET:
        add_link(b, host, f"{prefix}{short}", kind)


def devices_on_wrong_host(b: Breaker) -> None:
    """The devices of a port stayed on the host that its VM left."""
    vm = b.vm(cell="cell1", ports=True)
    host, port = b.other_host(vm), b.port(vm)
    for prefix, kind in SET[1:3]:
        add_link(b, host, _device_of(port, prefix), kind)


FAULTS = (
    Fault.of("NTR001", port_of_dead_vm),
    Fault.of("NTR002", port_on_wrong_host),
    Fault.of("NTR003", inactive_binding_left),
    Fault.of("NTR004", port_bound_twice),
    Fault.of("NTR005", port_binding_failed),
    Fault.of("NTR006", floating_ip_of_dead_vm, "NTR001"),
    Fault.of("NTR007", port_without_nic),
    Fault.of("NTR008", nic_without_port),
    Fault.of("OVS001", interface_of_dead_vm),
    Fault.of("OVS002", interface_on_wrong_host),
    Fault.of("OVS003", interface_without_port),
    Fault.of("OVS004", interface_without_device),
    Fault.of("OVS005", devices_without_port),
    Fault.of("OVS006", devices_on_wrong_host),
)
