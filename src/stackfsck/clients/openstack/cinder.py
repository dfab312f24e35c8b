"""What cinder is asked for. Source: its API reference."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from stackfsck.clients.openstack.api import Api
from stackfsck.clients.openstack.call import Act, Arguments, Call, Image, gone, thing


def _attachment(api: Api, arguments: Arguments) -> Image | None:
    """Return an attachment, without how it is reached: that holds passwords."""
    found = thing(api.get("cinder", f"/attachments/{arguments['attachment']}"), "attachment")
    secret = ("connection_info", "connector")
    return None if found is None else {n: v for n, v in found.items() if n not in secret}


def _delete_attachment(api: Api, arguments: Arguments, _: Image) -> None:
    api.ask("cinder", "DELETE", f"/attachments/{arguments['attachment']}")


def _attach_again(api: Api, _: Arguments, image: Image) -> None:
    """Reserve the volume for the VM again; only nova can connect it."""
    new = {"volume_uuid": image["volume_id"], "instance_uuid": image["instance"]}
    api.ask("cinder", "POST", "/attachments", {"attachment": new})


SHOWN = {"status": "status", "migration_status": "migration_status"}


def _states(api: Api, arguments: Arguments) -> Image | None:
    """Return those states of a volume that the API shows."""
    found = thing(api.get("cinder", f"/volumes/{arguments['volume']}"), "volume")
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
        found = thing(api.get("cinder", f"/{kind}s/{arguments[kind]}"), kind)
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
    return Call(look=_of_cinder(kind), act=act, is_done=gone, is_slow=True, has_failed=_failed)


CALLS: dict[str, Call] = {
    "cinder.delete_attachment": Call(
        look=_attachment, act=_delete_attachment, is_done=gone, back=_attach_again
    ),
    "cinder.reset_status": Call(
        look=_states, act=_reset, is_done=_has_states, back=_reset_back, is_seen=False
    ),
    "cinder.delete_volume": _deletion("volume", _delete("volume")),
    "cinder.force_delete": _deletion("volume", _force_delete("volume")),
    "cinder.delete_snapshot": _deletion("snapshot", _delete("snapshot")),
    "cinder.force_delete_snapshot": _deletion("snapshot", _force_delete("snapshot")),
}
