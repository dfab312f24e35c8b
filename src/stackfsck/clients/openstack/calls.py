"""What the services are asked for: each call looks, acts, knows when it is done, and the way back.

An image is what was there before, as the service shows it. Sources: the API references of
placement, cinder, neutron, glance and nova.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from stackfsck.clients.openstack.api import Answer, Api

Arguments = Mapping[str, Any]
Image = Mapping[str, Any]
Act = Callable[[Api, Arguments, Image], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call.

    `look` returns what is there, None when there is nothing; `is_done` tells from that whether
    the call is (or need not be) made. `is_seen` is False where the service does not show all
    that the call changes: it is then made even if it looks done. `is_slow` calls are answered
    before they are done. Without `back` there is no way back by the API. `core` is what of an
    image tells two apart: generations count up even when everything is as it was.
    """

    look: Callable[[Api, Arguments], Image | None]
    act: Act
    is_done: Callable[[Arguments, Image | None], bool]
    back: Act | None = None
    is_seen: bool = True
    is_slow: bool = False
    has_failed: Callable[[Image], bool] = lambda _: False
    core: Callable[[Image], Any] = dict


def _gone(_: Arguments, image: Image | None) -> bool:
    """A thing that is deleted is done when it is not there."""
    return image is None


def _thing(answer: Answer, *path: str) -> Image | None:
    """Return the thing in an answer, None when there is none."""
    held = answer.body
    for name in path if answer.is_there else ():
        held = held[name]
    return held if answer.is_there else None


# ── placement ───────────────────────────────────────────────────────────────────────────────────


def _holdings(api: Api, arguments: Arguments) -> Image | None:
    """Return what a consumer holds: placement shows a consumer that it does not know as empty."""
    return _thing(api.get("placement", f"/allocations/{arguments['consumer']}"))


def _amounts(holdings: Image) -> dict[str, Any]:
    """Return holdings as they are written: without the providers' generations."""
    held = holdings.get("allocations") or {}
    return {provider: {"resources": one["resources"]} for provider, one in held.items()}


def _holds(arguments: Arguments, image: Image | None) -> bool:
    """Whether a consumer holds exactly what it shall."""
    return bool(_amounts(image or {}) == arguments["allocations"])


def _replace(api: Api, arguments: Arguments, image: Image) -> None:
    """Replace everything, guarded by the generation that the judgement rested on."""
    _put_allocations(api, arguments["consumer"], arguments["generation"], arguments, image)


def _replace_back(api: Api, arguments: Arguments, image: Image) -> None:
    """Write the old holdings under the consumer's present generation."""
    now = _holdings(api, arguments) or {}
    old = {"allocations": _amounts(image)}
    _put_allocations(api, arguments["consumer"], now.get("consumer_generation"), old, image)


def _put_allocations(
    api: Api, consumer: str, generation: int | None, wanted: Arguments, image: Image
) -> None:
    """Write all that a consumer holds."""
    body = {
        "allocations": wanted["allocations"],
        "project_id": image.get("project_id") or wanted.get("project_id"),
        "user_id": image.get("user_id") or wanted.get("user_id"),
        "consumer_generation": generation,
    }
    api.ask("placement", "PUT", f"/allocations/{consumer}", body)


DESCRIBED = ("inventories", "traits", "aggregates")


def _provider(api: Api, arguments: Arguments) -> Image | None:
    """Return a provider with all that describes it."""
    path = f"/resource_providers/{arguments['provider']}"
    found = _thing(api.get("placement", path))
    if found is None:
        return None
    return {**found, **{name: api.get("placement", f"{path}/{name}").body for name in DESCRIBED}}


def _description(image: Image) -> Any:  # noqa: ANN401 -- JSON
    """Return what a provider is and has, without its generation."""
    has = {name: (image.get(name) or {}).get(name) for name in DESCRIBED}
    return {**has, "uuid": image.get("uuid"), "name": image.get("name")}


def _delete_provider(api: Api, arguments: Arguments, _: Image) -> None:
    api.ask("placement", "DELETE", f"/resource_providers/{arguments['provider']}")


def _provider_back(api: Api, _: Arguments, image: Image) -> None:
    """Make a provider again, with the same UUID, and describe it as before."""
    new = {name: image[name] for name in ("uuid", "name")}
    parent = image.get("parent_provider_uuid")
    api.ask(
        "placement",
        "POST",
        "/resource_providers",
        {**new, **({"parent_provider_uuid": parent} if parent else {})},
    )
    path = f"/resource_providers/{image['uuid']}"
    for name in DESCRIBED:
        now = api.get("placement", path).body["generation"]
        body = {name: image[name][name], "resource_provider_generation": now}
        api.ask("placement", "PUT", f"{path}/{name}", body)


# ── cinder ──────────────────────────────────────────────────────────────────────────────────────


def _attachment(api: Api, arguments: Arguments) -> Image | None:
    """Return an attachment, without how it is reached: that holds passwords."""
    found = _thing(api.get("cinder", f"/attachments/{arguments['attachment']}"), "attachment")
    secret = ("connection_info", "connector")
    return None if found is None else {n: v for n, v in found.items() if n not in secret}


def _delete_attachment(api: Api, arguments: Arguments, _: Image) -> None:
    api.ask("cinder", "DELETE", f"/attachments/{arguments['attachment']}")


SHOWN = {"status": "status", "migration_status": "migration_status"}


def _states(api: Api, arguments: Arguments) -> Image | None:
    """Return those states of a volume that the API shows."""
    found = _thing(api.get("cinder", f"/volumes/{arguments['volume']}"), "volume")
    if found is None:
        return None
    return {name: found.get(key) for name, key in SHOWN.items() if name in arguments["states"]}


def _has_states(arguments: Arguments, image: Image | None) -> bool:
    """Whether a volume shows the states that it shall have."""
    return image is None or all(arguments["states"][name] == value for name, value in image.items())


def _reset(api: Api, arguments: Arguments, _: Image) -> None:
    _reset_to(api, arguments["volume"], arguments["states"])


def _reset_back(api: Api, arguments: Arguments, _: Image) -> None:
    _reset_to(api, arguments["volume"], arguments["was"])


def _reset_to(api: Api, volume: str, states: Mapping[str, Any]) -> None:
    """Set the states of a volume in cinder's database, and nowhere else."""
    known = {name: value or "none" for name, value in states.items()}
    api.ask("cinder", "POST", f"/volumes/{volume}/action", {"os-reset_status": known})


def _of_cinder(kind: str) -> Callable[[Api, Arguments], Image | None]:
    """Return what looks at a volume or a snapshot."""

    def look(api: Api, arguments: Arguments) -> Image | None:
        found = _thing(api.get("cinder", f"/{kind}s/{arguments[kind]}"), kind)
        kept = ("id", "name", "status", "size", "volume_id")
        return None if found is None else {name: found.get(name) for name in kept}

    return look


def _delete(kind: str) -> Act:
    """Return what deletes a volume or a snapshot."""

    def act(api: Api, arguments: Arguments, _: Image) -> None:
        api.ask("cinder", "DELETE", f"/{kind}s/{arguments[kind]}")

    return act


def _force_delete(kind: str) -> Act:
    """Return what deletes a volume or a snapshot whatever its status."""

    def act(api: Api, arguments: Arguments, _: Image) -> None:
        body: dict[str, Any] = {"os-force_delete": {}}
        api.ask("cinder", "POST", f"/{kind}s/{arguments[kind]}/action", body)

    return act


def _failed(image: Image) -> bool:
    return image.get("status") == "error_deleting"


def _deletion(kind: str, act: Act) -> Call:
    """Return a call that deletes something of cinder's."""
    return Call(look=_of_cinder(kind), act=act, is_done=_gone, is_slow=True, has_failed=_failed)


# ── neutron ─────────────────────────────────────────────────────────────────────────────────────

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
    return _thing(api.get("neutron", f"/ports/{arguments['port']}"), "port")


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
    found = _thing(api.get("neutron", path), "floatingip")
    return None if found is None else {name: found.get(name) for name in FLOATING}


def _update_floating(api: Api, arguments: Arguments, _: Image) -> None:
    _set_floating(api, arguments, arguments["values"])


def _floating_back(api: Api, arguments: Arguments, image: Image) -> None:
    _set_floating(api, arguments, image)


def _set_floating(api: Api, arguments: Arguments, values: Mapping[str, Any]) -> None:
    path = f"/floatingips/{arguments['floating_ip']}"
    api.ask("neutron", "PUT", path, {"floatingip": dict(values)})


# ── glance ──────────────────────────────────────────────────────────────────────────────────────


def _picture(api: Api, arguments: Arguments) -> Image | None:
    found = _thing(api.get("glance", f"/images/{arguments['image']}"))
    kept = ("id", "name", "status", "size", "owner")
    return None if found is None else {name: found.get(name) for name in kept}


def _is_aside(_: Arguments, image: Image | None) -> bool:
    return image is None or image["status"] == "deactivated"


def _deactivate(api: Api, arguments: Arguments, _: Image) -> None:
    api.ask("glance", "POST", f"/images/{arguments['image']}/actions/deactivate")


def _reactivate(api: Api, arguments: Arguments, _: Image) -> None:
    api.ask("glance", "POST", f"/images/{arguments['image']}/actions/reactivate")


def _delete_picture(api: Api, arguments: Arguments, _: Image) -> None:
    api.ask("glance", "DELETE", f"/images/{arguments['image']}")


# ── nova ────────────────────────────────────────────────────────────────────────────────────────


def _server(api: Api, arguments: Arguments) -> Image | None:
    found = _thing(api.get("nova", f"/servers/{arguments['server']}"), "server")
    kept = ("id", "name", "status", "OS-EXT-STS:vm_state", "OS-EXT-STS:task_state")
    return None if found is None else {name: found.get(name) for name in kept}


def _delete_server(api: Api, arguments: Arguments, _: Image) -> None:
    api.ask("nova", "DELETE", f"/servers/{arguments['server']}")


def _act_on_server(name: str, **values: str) -> Act:
    """Return what sends an action of nova's."""

    def act(api: Api, arguments: Arguments, _: Image) -> None:
        body: dict[str, Any] = {name: values or None}
        api.ask("nova", "POST", f"/servers/{arguments['server']}/action", body)

    return act


def _is_at_rest(_: Arguments, image: Image | None) -> bool:
    return image is None or image["OS-EXT-STS:task_state"] is None


CALLS: Mapping[str, Call] = {
    "placement.replace_allocations": Call(
        look=_holdings, act=_replace, is_done=_holds, back=_replace_back, core=_amounts
    ),
    "placement.delete_provider": Call(
        look=_provider,
        act=_delete_provider,
        is_done=_gone,
        back=_provider_back,
        core=_description,
    ),
    "cinder.delete_attachment": Call(look=_attachment, act=_delete_attachment, is_done=_gone),
    "cinder.reset_status": Call(
        look=_states, act=_reset, is_done=_has_states, back=_reset_back, is_seen=False
    ),
    "cinder.delete_volume": _deletion("volume", _delete("volume")),
    "cinder.force_delete": _deletion("volume", _force_delete("volume")),
    "cinder.delete_snapshot": _deletion("snapshot", _delete("snapshot")),
    "cinder.force_delete_snapshot": _deletion("snapshot", _force_delete("snapshot")),
    "neutron.delete_port": Call(look=_port, act=_delete_port, is_done=_gone, back=_port_again),
    "neutron.update_port": Call(
        look=_port_values, act=_update_port, is_done=_has_values, back=_update_port_back
    ),
    "neutron.rebind_port": Call(
        look=_wire, act=_rebind, is_done=_is_bound, back=_rebind_back, is_slow=True
    ),
    "neutron.delete_binding": Call(
        look=_binding, act=_delete_binding, is_done=_gone, back=_binding_again
    ),
    "neutron.update_floating_ip": Call(
        look=_floating, act=_update_floating, is_done=_has_values, back=_floating_back
    ),
    "glance.deactivate_image": Call(
        look=_picture, act=_deactivate, is_done=_is_aside, back=_reactivate
    ),
    "glance.delete_image": Call(look=_picture, act=_delete_picture, is_done=_gone),
    "nova.delete_server": Call(look=_server, act=_delete_server, is_done=_gone, is_slow=True),
    "nova.force_delete": Call(
        look=_server, act=_act_on_server("forceDelete"), is_done=_gone, is_slow=True
    ),
    "nova.reset_state": Call(
        look=_server, act=_act_on_server("os-resetState", state="error"), is_done=_is_at_rest
    ),
}
"""Every call by the name under which ways ask for it."""
