"""As whom the APIs are asked: a cloud of clouds.yaml, the usual variables, or nova's own account.

The order is that of OpenStack's own tools: ``OS_CLOUD``, then ``OS_AUTH_URL`` and its likes. Last
comes the section ``[placement]`` of nova.conf, by which nova itself asks placement. Passwords are
kept inside a keystoneauth plugin and are never printed.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from keystoneauth1 import exceptions, loading

from stackfsck.model.errors import Misused, Unreadable

if TYPE_CHECKING:
    from keystoneauth1.loading import BaseLoader
    from keystoneauth1.plugin import BaseAuthPlugin

    from stackfsck.clients.services import Services

CLOUDS = ("clouds.yaml", "~/.config/openstack/clouds.yaml", "/etc/openstack/clouds.yaml")

PARTS = (
    "auth_url",
    "username",
    "user_id",
    "password",
    "project_name",
    "project_id",
    "user_domain_name",
    "user_domain_id",
    "project_domain_name",
    "project_domain_id",
    "application_credential_id",
    "application_credential_name",
    "application_credential_secret",
)


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """Who asks, in which region, how the other side proves who it is, and where that was said."""

    auth: BaseAuthPlugin
    where: str
    region: str = ""
    interface: str = "public"
    verify: bool | str = True


def find(services: Services, environment: Mapping[str, str] = os.environ) -> Credentials | None:
    """Return as whom the APIs are asked; None when nobody says it.

    Raises Misused for a cloud that clouds.yaml does not have, Unreadable for a bad file.
    """
    if name := environment.get("OS_CLOUD"):
        return _cloud(name, environment)
    if environment.get("OS_AUTH_URL"):
        parts = {part: environment.get(f"OS_{part.upper()}", "") for part in PARTS}
        return Credentials(
            auth=_plugin(parts, environment.get("OS_AUTH_TYPE", "")),
            where="the variables OS_*",
            region=environment.get("OS_REGION_NAME", ""),
            interface=environment.get("OS_INTERFACE", "public"),
            verify=environment.get("OS_CACERT") or True,
        )
    return _novas(services)


def _cloud(name: str, environment: Mapping[str, str]) -> Credentials:
    """Return a cloud of clouds.yaml."""
    named = environment.get("OS_CLIENT_CONFIG_FILE")
    paths = [Path(path).expanduser() for path in ((named,) if named else CLOUDS)]
    for path in paths:
        clouds = _yaml(path).get("clouds") or {}
        if name not in clouds:
            continue
        held = clouds[name] or {}
        secret = (_yaml(path.with_name("secure.yaml")).get("clouds") or {}).get(name) or {}
        parts = {**(held.get("auth") or {}), **(secret.get("auth") or {})}
        ca = held.get("cacert")
        return Credentials(
            auth=_plugin(parts, held.get("auth_type", "")),
            where=f"{name} in {path}",
            region=str(held.get("region_name") or environment.get("OS_REGION_NAME", "")),
            interface=str(held.get("interface") or "public"),
            verify=str(Path(ca).expanduser()) if ca else held.get("verify") is not False,
        )
    raise Misused(
        f"no clouds.yaml has a cloud {name}",
        next_step="Unset OS_CLOUD, or name one of " + ", ".join(str(path) for path in paths),
    )


def _novas(services: Services) -> Credentials | None:
    """Return the account by which nova asks placement."""

    def option(name: str) -> str:
        return services.option("nova", "placement", name)

    if not option("auth_url") or not (option("password") or option("application_credential_id")):
        return None
    parts = {part: option(part) for part in PARTS}
    return Credentials(
        auth=_plugin(parts, option("auth_type")),
        where="[placement] of nova.conf",
        region=option("region_name"),
        interface=(option("valid_interfaces") or "internal").split(",")[0].strip(),
        verify=option("cafile") or option("insecure").lower() not in {"1", "true", "yes"},
    )


def _plugin(parts: Mapping[str, Any], kind: str) -> BaseAuthPlugin:
    """Return what gets tokens; raises Misused when something that it needs is missing."""
    named = {name: str(value) for name, value in parts.items() if value}
    usual = "v3applicationcredential" if "application_credential_id" in named else "password"
    try:
        loader: BaseLoader[Any] = loading.get_plugin_loader(kind or usual)
        known = {option.dest for option in loader.get_options()}
        plugin: BaseAuthPlugin = loader.load_from_options(
            **{name: value for name, value in named.items() if name in known}
        )
    except exceptions.ClientException as error:
        raise Misused(f"the credentials are not whole: {error}") from error
    return plugin


def _yaml(path: Path) -> dict[str, Any]:
    """Read a file of YAML; a missing one is empty. Raises Unreadable."""
    try:
        read = yaml.safe_load(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, yaml.YAMLError) as error:
        raise Unreadable(f"{path} cannot be read: {type(error).__name__}") from error
    return read if isinstance(read, dict) else {}
