"""What nova is asked for. Source: its API reference."""

from __future__ import annotations

from typing import Any

from stackfsck.clients.openstack.api import Api
from stackfsck.clients.openstack.call import Act, Arguments, Call, Image, gone, thing


def _server(api: Api, arguments: Arguments) -> Image | None:
    found = thing(api.get("nova", f"/servers/{arguments['server']}"), "server")
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


CALLS: dict[str, Call] = {
    "nova.delete_server": Call(look=_server, act=_delete_server, is_done=gone, is_slow=True),
    "nova.force_delete": Call(
        look=_server, act=_act_on_server("forceDelete"), is_done=gone, is_slow=True
    ),
    "nova.reset_state": Call(
        look=_server, act=_act_on_server("os-resetState", state="error"), is_done=_is_at_rest
    ),
}
