"""The lab as its user and its administrator work it: VMs, volumes, ports, images, allocations."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from lab.labcloud import made
from lab.labcloud.places import HOST, INSTANCES
from lab.labcloud.rest import Refused, Rest

MARK = "fsck-"  # every name that tests give: the sweep knows its own by it
FLAVOR, BIGGER = "m1.nano", "m1.micro"
Json = dict[str, Any]


class Cloud(Rest):
    """Every method waits until the cloud has done what was asked, unless it says otherwise."""

    def __init__(self) -> None:
        super().__init__()
        self._ids: dict[str, str] = {}
        self.made: list[made.Thing] = []

    def note(self, kind: str, name: str) -> str:
        """Write down that `name` was made, so that it is swept up even after a crash."""
        self.made.append(made.note(kind, name))
        return name

    # ── VMs ──────────────────────────────────────────────────────────────────────────────────
    def boot(self, name: str, host: str = HOST, **how: Any) -> str:
        """A running VM on `host`; its UUID. `how` is as for `ask_for`."""
        uuid = self.ask_for(name, host, **how)
        self.becomes(uuid, "ACTIVE")
        return uuid

    def ask_for(
        self,
        name: str,
        host: str = HOST,
        *,
        from_volume: bool = False,
        flavor: str = FLAVOR,
        group: str = "",
    ) -> str:
        """The UUID of a VM that is being built; does not wait. No host: the scheduler's choice."""
        server: Json = {
            "name": MARK + name,
            "flavorRef": self.flavor(flavor),
            "networks": [{"uuid": self.network()}],
        }
        if host:
            server["availability_zone"] = f"nova:{host}"
        if from_volume:
            server["block_device_mapping_v2"] = [
                {
                    "boot_index": 0,
                    "uuid": self.image(),
                    "source_type": "image",
                    "destination_type": "volume",
                    "volume_size": 1,
                    "delete_on_termination": True,
                }
            ]
        else:
            server["imageRef"] = self.image()
        body: Json = {"server": server}
        if group:
            body["os:scheduler_hints"] = {"group": group}
        shown = self.post("compute", "/servers", body)["server"]
        return self.note("vm", str(shown["id"]))

    def server(self, uuid: str) -> Json:
        """What nova shows of a VM."""
        shown: Json = self.get("compute", f"/servers/{uuid}")["server"]
        return shown

    def becomes(self, uuid: str, *states: str, within: float = 180) -> None:
        """Wait for a status (ACTIVE, SHUTOFF, VERIFY_RESIZE …) with no task under way."""

        def there() -> bool:
            shown = self.server(uuid)
            if shown["status"] == "ERROR" and "ERROR" not in states:
                raise AssertionError(f"VM {uuid} failed: {shown.get('fault')}")
            return shown["status"] in states and shown["OS-EXT-STS:task_state"] is None

        wait(there, f"VM {uuid} to become {' or '.join(states)}", within)

    def act(self, uuid: str, action: Json) -> None:
        """An action of the compute API, such as {"os-stop": None}; does not wait."""
        self.post("compute", f"/servers/{uuid}/action", action)

    def shelve(self, uuid: str, *, offload: bool = True) -> None:
        """Shelve a VM; it leaves its host only when it is offloaded."""
        self.act(uuid, {"shelve": None})
        self.becomes(uuid, "SHELVED")
        if offload:
            self.act(uuid, {"shelveOffload": None})
            self.becomes(uuid, "SHELVED_OFFLOADED")

    def stop(self, uuid: str) -> None:
        """Shut a VM off (the guest gets ten seconds)."""
        self.act(uuid, {"os-stop": None})
        self.becomes(uuid, "SHUTOFF")

    def migrate(self, uuid: str, host: str) -> None:
        """Cold migrate to `host` and leave it unconfirmed."""
        self.act(uuid, {"migrate": {"host": host}})
        self.becomes(uuid, "VERIFY_RESIZE", within=300)

    def live_migrate(self, uuid: str, host: str) -> None:
        """Move a running VM to `host`, disks included."""
        body = {"host": host, "block_migration": "auto"}
        self.act(uuid, {"os-migrateLive": body})
        wait(lambda: self.host_of(uuid) == host, f"VM {uuid} to reach {host}", 240)
        self.becomes(uuid, "ACTIVE")

    def confirm(self, uuid: str) -> None:
        """Confirm a migration or resize."""
        self.act(uuid, {"confirmResize": None})
        self.becomes(uuid, "ACTIVE", "SHUTOFF")

    def host_of(self, uuid: str) -> str | None:
        """The host that nova has for a VM."""
        host = self.server(uuid)["OS-EXT-SRV-ATTR:host"]
        return None if host is None else str(host)

    def delete_vm(self, uuid: str, *, wait_for_it: bool = True) -> None:
        """Delete a VM; no error when it is gone already."""
        self.delete("compute", f"/servers/{uuid}", missing_ok=True)
        if wait_for_it:
            wait(lambda: not self.exists("compute", f"/servers/{uuid}"), f"VM {uuid} to go", 120)

    def vms(self) -> list[Json]:
        """Every VM that a test has made."""
        found = self.get("compute", f"/servers/detail?all_tenants=1&name={MARK}")["servers"]
        return [server for server in found if server["name"].startswith(MARK)]

    # ── volumes ──────────────────────────────────────────────────────────────────────────────
    def volume(self, name: str) -> str:
        """An available volume of 1 GiB."""
        body = {"volume": {"size": 1, "name": MARK + name}}
        shown = self.post("volume", self.of_project("/volumes"), body)["volume"]
        uuid = self.note("volume", str(shown["id"]))
        self.volume_becomes(uuid, "available")
        return uuid

    def volume_status(self, uuid: str) -> str:
        """The status that cinder shows."""
        path = self.of_project(f"/volumes/{uuid}")
        return str(self.get("volume", path)["volume"]["status"])

    def volume_becomes(self, uuid: str, *states: str) -> None:
        """Wait for a status."""
        wait(lambda: self.volume_status(uuid) in states, f"volume {uuid} to become {states}", 90)

    def attach(self, vm: str, volume: str) -> str:
        """Attach a volume; the id of cinder's attachment."""
        path = f"/servers/{vm}/os-volume_attachments"
        self.post("compute", path, {"volumeAttachment": {"volumeId": volume}})
        self.volume_becomes(volume, "in-use")
        shown = self.get("compute", f"{path}/{volume}")["volumeAttachment"]
        return str(shown["attachment_id"])

    def detach(self, vm: str, volume: str) -> None:
        """Detach a volume."""
        self.delete("compute", f"/servers/{vm}/os-volume_attachments/{volume}", missing_ok=True)
        self.volume_becomes(volume, "available")

    def delete_volume(self, uuid: str) -> None:
        """Delete a volume whatever state it is in."""
        path = self.of_project(f"/volumes/{uuid}")
        if not self.exists("volume", path):
            return
        reset = {"status": "available", "attach_status": "detached"}
        self.post("volume", f"{path}/action", {"os-reset_status": reset})
        self.delete("volume", path, missing_ok=True)
        wait(lambda: not self.exists("volume", path), f"volume {uuid} to go", 60)

    def volumes(self) -> list[Json]:
        """Every volume that a test has made."""
        found = self.get("volume", self.of_project("/volumes/detail?all_tenants=1"))["volumes"]
        return [volume for volume in found if (volume["name"] or "").startswith(MARK)]

    # ── ports, allocations, small things ─────────────────────────────────────────────────────
    def ports(self, vm: str) -> list[Json]:
        """The neutron ports of a VM."""
        return list(self.get("network", f"/ports?device_id={vm}")["ports"])

    def port(self, name: str, **fields: object) -> str:
        """A port on the private network."""
        body = {"port": {"name": MARK + name, "network_id": self.network(), **fields}}
        return self.note("port", str(self.post("network", "/ports", body)["port"]["id"]))

    def floating_ip(self, port: str) -> str:
        """A floating IP for a port."""
        body = {"floating_network_id": self.network("public"), "port_id": port}
        made = self.post("network", "/floatingips", {"floatingip": body})["floatingip"]["id"]
        return self.note("floating", str(made))

    def provider(self, host: str = HOST) -> str:
        """The UUID of a host's resource provider."""
        found = self.get("placement", f"/resource_providers?name={host}")["resource_providers"]
        return str(found[0]["uuid"])

    def allocate(self, consumer: str, *hosts: str) -> None:
        """Let `consumer` hold one core and 128 MiB of each host, and nothing else."""
        self.note("consumer", consumer)
        path = f"/allocations/{consumer}"
        before = self.get("placement", path)
        resources = {"resources": {"VCPU": 1, "MEMORY_MB": 128}}
        body = {
            "allocations": {self.provider(host): resources for host in hosts},
            "project_id": self.project,
            "user_id": self.project,
            "consumer_generation": before.get("consumer_generation"),
            "consumer_type": "INSTANCE",
        }
        self.put("placement", path, body)

    def flavor(self, name: str) -> str:
        """The id of a flavor."""
        return self._named("compute", "/flavors", "flavors", name)

    def image(self, name: str = "tiny") -> str:
        """The id of an image."""
        return self._named("image", f"/images?name={name}", "images", name)

    def network(self, name: str = "private") -> str:
        """The id of a network."""
        return self._named("network", f"/networks?name={name}", "networks", name)

    @property
    def project(self) -> str:
        """The id of the administrator's project."""
        return self._named("identity", "/projects?name=admin", "projects", "admin")

    def of_project(self, path: str) -> str:
        """A path of cinder's API, which wants the project in front."""
        return f"/{self.project}{path}"

    def exists(self, service: str, path: str) -> bool:
        """Whether an API still has something."""
        try:
            self.get(service, path)
        except Refused as refused:
            if refused.status == 404:
                return False
            raise
        return True

    def _named(self, service: str, path: str, kind: str, name: str) -> str:
        key = f"{kind}/{name}"
        if key not in self._ids:
            found = self.get(service, path)[kind]
            self._ids[key] = next(str(one["id"]) for one in found if one["name"] == name)
        return self._ids[key]


def wait(done: Callable[[], bool], what: str, seconds: float) -> None:
    """Ask `done` until it says yes.

    Raises:
        AssertionError: it did not within `seconds`.
    """
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds:.0f} s in vain for {what}")
        time.sleep(0.5)


def folder(vm: str, suffix: str = "") -> str:
    """The instance directory of a VM, the same path on both hosts."""
    return f"{INSTANCES}/{vm}{suffix}"
