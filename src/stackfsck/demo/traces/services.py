"""A VM in the other databases: nova's API database, placement, glance."""

from datetime import timedelta

from stackfsck.demo.estate import HOSTS_OF_CELL, PROJECTS, Host
from stackfsck.demo.servers import Server
from stackfsck.demo.traces.estate import image_rows
from stackfsck.demo.traces.nova import shelved_image
from stackfsck.demo.world import World, stamp


def write(world: World, server: Server) -> None:
    """Write everything that those databases have of a VM."""
    if server.kind == "archived":
        return
    _mapping(world, server)
    if server.kind == "building":
        _build_request(world, server)
    if server.host is not None and server.alive:
        _allocations(world, server)
    if server.kind in {"shelved", "shelved_offloaded"} and not server.from_volume:
        _shelved_image(world, server)


def _mapping(world: World, server: Server) -> None:
    created = stamp(server.created)
    world.insert(
        "nova_api",
        "instance_mappings",
        created_at=created,
        updated_at=created,
        instance_uuid=server.uuid,
        cell_id=1 + ["cell0", *HOSTS_OF_CELL].index(server.cell),
        project_id=server.project.id,
        user_id=server.project.user,
        queued_for_delete=int(not server.alive or server.kind == "soft-delete"),
    )
    world.insert(
        "nova_api",
        "request_specs",
        created_at=created,
        instance_uuid=server.uuid,
        spec='{"nova_object.name": "RequestSpec"}',
    )


def _build_request(world: World, server: Server) -> None:
    world.insert(
        "nova_api",
        "build_requests",
        created_at=world.ahead,
        updated_at=world.ahead,
        project_id=server.project.id,
        instance_uuid=server.uuid,
        instance="{}",
        block_device_mappings="{}",
        tags="{}",
    )


def _allocations(world: World, server: Server) -> None:
    """Write what a VM holds; while she moves, the move itself holds the source's share."""
    if server.host is None:
        return
    here, there = server.host, server.source
    if server.kind == "migrating" and there is not None:
        here, there = there, here
    consume(world, server, server.uuid, here)
    if there is not None:
        consume(world, server, server.migration, there)


def consume(world: World, server: Server, consumer: str, host: Host) -> None:
    """Write a consumer with what it holds of a host."""
    number = 1 + PROJECTS.index(server.project.name)
    created = stamp(server.created + timedelta(seconds=1))
    world.insert(
        "placement",
        "consumers",
        created_at=created,
        updated_at=created,
        uuid=consumer,
        project_id=number,
        user_id=number,
        generation=1,
    )
    disk = 0 if server.from_volume else server.flavor.root_gb
    amounts = (server.flavor.vcpus, server.flavor.memory_mb, disk)
    for resource, amount in enumerate(amounts, 1):
        if amount:
            world.insert(
                "placement",
                "allocations",
                created_at=created,
                resource_provider_id=host.provider_id,
                consumer_id=consumer,
                resource_class_id=resource,
                used=amount,
            )


def _shelved_image(world: World, server: Server) -> None:
    image_rows(
        world,
        shelved_image(server),
        f"{server.name}-shelved",
        server.project.id,
        days=(world.now - server.changed).days,
        image_type="snapshot",
        instance_uuid=server.uuid,
        base_image_ref=server.image.id,
        user_id=server.project.user,
    )
