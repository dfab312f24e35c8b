"""What neutron is asked for. Source: its API reference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stackfsck.clients.openstack.api import Api
from stackfsck.clients.openstack.call import Arguments, Call, Image, gone, thing

PORT = (
    "name",
    "network_id",
    "mac_address",
    "fixed_ips",
    "project_id",
    "security_groups",
    "device_id",
    "device_owner",
    "admin_state_up",
    "binding:host_id",
)
"""What a port is made anew with."""


def _port(api: Api, arguments: Arguments) -> Image | None:
    return thing(api.get("neutron", f"/ports/{arguments['port']}"), "port")


def _delete_port(api: Api, arguments: Arguments, _: Image) -> None:
    api.ask("neutron", "DELETE", f"/ports/{arguments['port']}")


def _port_again(api: Api, _: Arguments, image: Image) -> None:
    """Make a port with the same addresses; its id is another one."""
    api.ask("neutron", "POST", "/ports", {"port": {n: image[n] for n in PORT if n in image}})


def _port_values(api: Api, arguments: Arguments) -> Image | None:
    """Return what a port has of the values that shall change."""
    found = _port(api, arguments)
    return None if found is None else {name: found.get(name) for name in arguments["values"]}


def _has_values(arguments: Arguments, image: Image | None) -> bool:
    """Whether all values are as they shall be; empty is empty, however it is written."""
    wanted = arguments["values"]
    return image is None or all((image[n] or None) == (v or None) for n, v in wanted.items())


def _update_port(api: Api, arguments: Arguments, _: Image) -> None:
    _set_port(api, arguments, arguments["values"])


def _update_port_back(api: Api, arguments: Arguments, image: Image) -> None:
    _set_port(api, arguments, image)


def _set_port(api: Api, arguments: Arguments, values: Mapping[str, Any]) -> None:
    api.ask("neutron", "PUT", f"/ports/{arguments['port']}", {"port": dict(values)})


WIRE = ("binding:host_id", "binding:vif_type")


def _wire(api: Api, arguments: Arguments) -> Image | None:
    found = _port(api, arguments)
    return None if found is None else {name: found.get(name) for name in WIRE}


def _is_bound(arguments: Arguments, image: Image | None) -> bool:
    """Whether a port is really plugged on the host that it shall be on."""
    host = arguments["values"]["binding:host_id"]
    broken = {"binding_failed", "unbound"}
    return image is None or (image[WIRE[0]] == host and image[WIRE[1]] not in broken)


def _rebind(api: Api, arguments: Arguments, _: Image) -> None:
    """Let a port go and bind it again: neutron does not try twice for the same host."""
    _set_port(api, arguments, {"binding:host_id": ""})
    _set_port(api, arguments, arguments["values"])


def _rebind_back(api: Api, arguments: Arguments, image: Image) -> None:
    _set_port(api, arguments, {"binding:host_id": image["binding:host_id"]})


def _binding(api: Api, arguments: Arguments) -> Image | None:
    """Return the binding of a port on a host."""
    answer = api.get("neutron", f"/ports/{arguments['port']}/bindings")
    bindings = answer.body["bindings"] if answer.is_there else []
    return next((one for one in bindings if one["host"] == arguments["host"]), None)


def _delete_binding(api: Api, arguments: Arguments, _: Image) -> None:
    api.ask("neutron", "DELETE", f"/ports/{arguments['port']}/bindings/{arguments['host']}")


def _binding_again(api: Api, arguments: Arguments, image: Image) -> None:
    """Bind a port to the host again; neutron makes the binding inactive."""
    new = {name: image[name] for name in ("host", "vnic_type", "profile")}
    api.ask("neutron", "POST", f"/ports/{arguments['port']}/bindings", {"binding": new})


FLOATING = ("port_id", "fixed_ip_address")


def _floating(api: Api, arguments: Arguments) -> Image | None:
    path = f"/floatingips/{arguments['floating_ip']}"
    found = thing(api.get("neutron", path), "floatingip")
    return None if found is None else {name: found.get(name) for name in FLOATING}


def _update_floating(api: Api, arguments: Arguments, _: Image) -> None:
    _set_floating(api, arguments, arguments["values"])


def _floating_back(api: Api, arguments: Arguments, image: Image) -> None:
    _set_floating(api, arguments, image)


def _set_floating(api: Api, arguments: Arguments, values: Mapping[str, Any]) -> None:
    path = f"/floatingips/{arguments['floating_ip']}"
    api.ask("neutron", "PUT", path, {"floatingip": dict(values)})


CALLS: dict[str, Call] = {
    "neutron.delete_port": Call(look=_port, act=_delete_port, is_done=gone, back=_port_again),
    "neutron.update_port": Call(
        look=_port_values, act=_update_port, is_done=_has_values, back=_update_port_back
    ),
    "neutron.rebind_port": Call(
        look=_wire, act=_rebind, is_done=_is_bound, back=_rebind_back, is_slow=True
    ),
    "neutron.delete_binding": Call(
        look=_binding, act=_delete_binding, is_done=gone, back=_binding_again
    ),
    "neutron.update_floating_ip": Call(
        look=_floating, act=_update_floating, is_done=_has_values, back=_floating_back
    ),
}
