"""What placement is asked for. Source: its API reference."""

from __future__ import annotations

from typing import Any

from stackfsck.clients.openstack.api import Api
from stackfsck.clients.openstack.call import Arguments, Call, Image, gone, thing


def _holdings(api: Api, arguments: Arguments) -> Image | None:
    """Return what a consumer holds: placement shows a consumer that it does not know as empty."""
    return thing(api.get("placement", f"/allocations/{arguments['consumer']}"))


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
    found = thing(api.get("placement", path))
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


CALLS: dict[str, Call] = {
    "placement.replace_allocations": Call(
        look=_holdings, act=_replace, is_done=_holds, back=_replace_back, core=_amounts
    ),
    "placement.delete_provider": Call(
        look=_provider,
        act=_delete_provider,
        is_done=gone,
        back=_provider_back,
        core=_description,
    ),
}
