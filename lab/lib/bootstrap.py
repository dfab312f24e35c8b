"""Users and catalogue (`identity`); flavors, image, networks, quotas (`resources`). Idempotent."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import Any

import openstack

PASSWORD = os.environ["LAB_PASSWORD"]
CLOUD = os.environ["LAB_IP"]
ENDPOINTS = (
    ("glance", "image", ":9292"),
    ("nova", "compute", ":8774/v2.1"),
    ("placement", "placement", ":8778"),
    ("neutron", "network", ":9696"),
    ("cinder", "block-storage", ":8776/v3"),
    ("cinderv3", "volumev3", ":8776/v3"),
)
FLAVORS = (
    ("m1.nano", 128, 1, 1),
    ("m1.micro", 192, 1, 2),
    ("m1.tiny", 256, 2, 2),
    ("m1.huge", 200 << 10, 1, 1),  # within quota, but on no host
)


def connect() -> Any:
    """The cloud as its administrator."""
    return openstack.connect(
        auth_url=f"http://{CLOUD}:5000/v3",
        username="admin",
        password=PASSWORD,
        project_name="admin",
        user_domain_name="Default",
        project_domain_name="Default",
        region_name="RegionOne",
        compute_api_version="2",
        volume_api_version="3",
    )


def first(found: Iterable[Any]) -> Any:
    """The first of `found`, or None."""
    return next(iter(found), None)


def identity(cloud: Any) -> None:
    """Projects, roles, service users, endpoints."""
    api = cloud.identity
    service = first(api.projects(name="service")) or api.create_project(
        name="service", domain_id="default"
    )
    demo = first(api.projects(name="demo")) or api.create_project(name="demo", domain_id="default")
    roles = {role.name: role for role in api.roles()}
    for name in ("service", "member", "reader", "manager"):
        roles[name] = roles.get(name) or api.create_role(name=name)
    for name in ("nova", "neutron", "cinder", "glance", "placement"):
        # both roles: cinder lets only a service user delete an attachment that is in use
        account(api, name, service, (roles["admin"], roles["service"]))
    account(api, "demo", demo, (roles["member"],))
    api.assign_project_role_to_user(demo, first(api.users(name="admin")), roles["admin"])
    for name, kind, address in ENDPOINTS:
        endpoint(api, name, kind, f"http://{CLOUD}{address}")


def account(api: Any, name: str, project: Any, roles: Iterable[Any]) -> None:
    """A user with `roles` in `project`."""
    user = first(api.users(name=name)) or api.create_user(
        name=name, password=PASSWORD, domain_id="default", default_project_id=project.id
    )
    for role in roles:
        api.assign_project_role_to_user(project, user, role)


def endpoint(api: Any, name: str, kind: str, url: str) -> None:
    """A service with its three endpoints."""
    service = first(api.services(name=name)) or api.create_service(name=name, type=kind)
    have = {found.interface for found in api.endpoints(service_id=service.id)}
    for interface in {"public", "internal", "admin"} - have:
        api.create_endpoint(
            service_id=service.id, interface=interface, url=url, region_id="RegionOne"
        )


def resources(cloud: Any) -> None:
    """What a user needs to boot a VM."""
    if not first(cloud.image.images(name="tiny")):
        cloud.create_image(
            "tiny",
            filename=os.environ["LAB_HOME"] + "/guest/guest.img",
            disk_format="raw",
            container_format="bare",
            visibility="public",
            wait=True,
            min_disk=1,
            min_ram=0,
            meta={},
        )
    for name, ram, vcpus, disk in FLAVORS:
        if not cloud.compute.find_flavor(name):
            cloud.compute.create_flavor(name=name, ram=ram, vcpus=vcpus, disk=disk)
    networks(cloud.network)
    if not [kind for kind in cloud.block_storage.types() if kind.name == "rbd"]:
        cloud.block_storage.create_type(name="rbd", extra_specs={"volume_backend_name": "rbd"})
    quotas(cloud)


def networks(api: Any) -> None:
    """A tenant network, an outer one, a router between them."""
    private = api.find_network("private") or api.create_network(name="private", is_shared=True)
    subnet = api.find_subnet("private-sub") or api.create_subnet(
        name="private-sub",
        network_id=private.id,
        ip_version=4,
        cidr="10.77.0.0/24",
        gateway_ip="10.77.0.1",
    )
    public = api.find_network("public") or api.create_network(
        name="public",
        is_router_external=True,
        provider_network_type="flat",
        provider_physical_network="public",
    )
    if not api.find_subnet("public-sub"):
        api.create_subnet(
            name="public-sub",
            network_id=public.id,
            ip_version=4,
            cidr="10.99.0.0/24",
            is_dhcp_enabled=False,
        )
    if not api.find_router("r1"):
        router = api.create_router(name="r1", external_gateway_info={"network_id": public.id})
        api.add_interface_to_router(router, subnet_id=subnet.id)


def quotas(cloud: Any) -> None:
    """Room for tests."""
    for name in ("admin", "demo"):
        project = first(cloud.identity.projects(name=name)).id
        cloud.set_compute_quotas(project, instances=500, cores=500, ram=512000)
        cloud.set_volume_quotas(project, volumes=500, gigabytes=5000, snapshots=500)
        cloud.set_network_quotas(
            project, port=1000, security_group=100, security_group_rule=1000, floatingip=100
        )


if __name__ == "__main__":
    {"identity": identity, "resources": resources}[sys.argv[1]](connect())
