"""What glance is asked for. Source: its API reference."""

from __future__ import annotations

from stackfsck.clients.openstack.api import Api
from stackfsck.clients.openstack.call import Arguments, Call, Image, gone, thing


def _picture(api: Api, arguments: Arguments) -> Image | None:
    found = thing(api.get("glance", f"/images/{arguments['image']}"))
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


CALLS: dict[str, Call] = {
    "glance.deactivate_image": Call(
        look=_picture, act=_deactivate, is_done=_is_aside, back=_reactivate
    ),
    "glance.delete_image": Call(look=_picture, act=_delete_picture, is_done=gone),
}
