"""A VM in the cell database: her row, what hangs on it, her moves and her history."""

import json
from datetime import datetime, timedelta

from stackfsck.demo.servers import POWER, Server
from stackfsck.demo.world import World, stamp

ACTIONS = {
    "stopped": "stop",
    "deleted": "delete",
    "shelved_offloaded": "shelve",
    "shelved": "shelve",
    "resized": "migrate",
    "paused": "pause",
    "suspended": "suspend",
    "soft-delete": "softDelete",
    "rescued": "rescue",
    "migrating": "live-migration",
}
TASKS = {"migrating": "migrating", "building": "spawning"}


def write(world: World, server: Server) -> None:
    """Write everything that the cell has of a VM."""
    if server.kind == "archived":
        _shadow(world, server)
        return
    _instance(world, server)
    _children(world, server)
    _disks(world, server)
    for port in server.ports:
        world.insert(
            server.database,
            "virtual_interfaces",
            **_life(server),
            address=f"{port.mac}/{port.id}",
            uuid=port.id,
            instance_uuid=server.uuid,
        )
    if server.source is not None:
        _migration(world, server)
    _history(world, server)


def moment(world: World, server: Server) -> str:
    """Return when the VM last changed; what is going on is always "just now"."""
    return world.ahead if server.kind in TASKS else stamp(server.changed)


def _later(server: Server, seconds: float) -> datetime:
    """Return a moment so long after the VM was asked for."""
    return server.created + timedelta(seconds=seconds)


def _life(server: Server, number: int = 0) -> dict[str, object]:
    """Return the columns of a row that lives and dies with its VM."""
    dead = not server.alive
    return {
        "created_at": stamp(server.created),
        "updated_at": stamp(server.changed) if dead else None,
        "deleted_at": stamp(server.changed) if dead else None,
        "deleted": number if dead else 0,
    }


def _row(world: World, server: Server) -> dict[str, object]:
    """Return the row of a VM, live or dead."""
    dead, host = not server.alive, server.host
    ended = stamp(server.changed) if dead else None
    deleted_at = stamp(server.changed) if dead or server.kind == "soft-delete" else None
    return {
        "id": server.number,
        "uuid": server.uuid,
        "created_at": stamp(_later(server, 2)),
        "updated_at": moment(world, server),
        "deleted_at": deleted_at,
        "deleted": server.number if dead else 0,
        "terminated_at": ended,
        "cleaned": 1 if dead else 0,
        "display_name": server.name,
        "hostname": server.name,
        "project_id": server.project.id,
        "user_id": server.project.user,
        "vm_state": server.vm_state,
        "task_state": TASKS.get(server.kind),
        "power_state": POWER.get(server.vm_state, 0),
        "host": host.name if host else None,
        "node": host.node if host else None,
        "compute_id": host.compute_id if host else None,
        "launched_on": host.name if host else None,
        "launched_at": None if server.kind in {"building", "buried"} else stamp(_later(server, 31)),
        "availability_zone": "nova",
        "image_ref": "" if server.from_volume else server.image.id,
        "instance_type_id": server.flavor.id,
        "memory_mb": server.flavor.memory_mb,
        "vcpus": server.flavor.vcpus,
        "root_gb": server.flavor.root_gb,
        "ephemeral_gb": 0,
        "reservation_id": f"r-{world.dice.hex(8)}",
        "locked": 0,
        "disable_terminate": 0,
        "hidden": 0,
    }


def _instance(world: World, server: Server) -> None:
    world.add(server.database, "instances", **_row(world, server))
    world.insert(
        server.database, "instance_id_mappings", **_life(server, server.number), uuid=server.uuid
    )


def _shadow(world: World, server: Server) -> None:
    world.add(server.database, "shadow_instances", **_row(world, server))


def _children(world: World, server: Server) -> None:
    number = world.number(server.database, "instance_extra")
    mine = {**_life(server, number), "instance_uuid": server.uuid}
    world.add(
        server.database,
        "instance_extra",
        id=number,
        flavor=json.dumps({"cur": {"nova_object.data": {"name": server.flavor.name}}}),
        **mine,
    )
    number = world.number(server.database, "instance_info_caches")
    network = [
        {"id": port.id, "address": port.mac, "preserve_on_delete": False, "type": "ovs"}
        for port in server.ports
    ]
    world.add(
        server.database,
        "instance_info_caches",
        id=number,
        network_info=json.dumps(network),
        **{**mine, "deleted": 0 if server.alive else number},
    )
    for key, value in _notes(server).items():
        number = world.number(server.database, "instance_system_metadata")
        world.add(
            server.database,
            "instance_system_metadata",
            id=number,
            key=key,
            value=value,
            **{**mine, "deleted": 0 if server.alive else number},
        )


def shelved_image(server: Server) -> str:
    """Return the id of the image in which a shelved VM's disk is kept."""
    return f"{server.uuid[:14]}5{server.uuid[15:]}"


def _notes(server: Server) -> dict[str, str]:
    notes = {"image_base_image_ref": server.image.id}
    if server.kind in {"shelved", "shelved_offloaded"} and not server.from_volume:
        notes["shelved_image_id"] = shelved_image(server)
        notes["shelved_at"] = server.changed.isoformat()
    return notes


def _disks(world: World, server: Server) -> None:
    """Write the block devices: a local disk from the image, and the volumes."""
    if not server.from_volume:
        number = world.number(server.database, "block_device_mapping")
        world.add(
            server.database,
            "block_device_mapping",
            id=number,
            **_life(server, number),
            uuid=world.dice.uuid(),
            instance_uuid=server.uuid,
            source_type="image",
            destination_type="local",
            device_name="/dev/vda",
            boot_index=0,
            image_id=server.image.id,
            delete_on_termination=1,
            no_device=0,
        )
    for volume in server.volumes:
        world.insert(
            server.database,
            "block_device_mapping",
            **_life(server),
            uuid=world.dice.uuid(),
            instance_uuid=server.uuid,
            source_type="volume",
            destination_type="volume",
            device_name=f"/dev/{volume.device}",
            boot_index=0 if volume.boot else None,
            volume_id=volume.id,
            volume_size=volume.size,
            attachment_id=volume.attachment,
            delete_on_termination=0,
            no_device=0,
        )


def _migration(world: World, server: Server) -> None:
    """Write the move that a VM is in."""
    source, host = server.source, server.host
    if source is None or host is None:
        return
    live = server.kind == "migrating"
    world.insert(
        server.database,
        "migrations",
        created_at=stamp(server.changed - timedelta(minutes=4)),
        updated_at=moment(world, server),
        deleted=0,
        uuid=server.migration,
        instance_uuid=server.uuid,
        source_compute=host.name if live else source.name,
        source_node=host.node if live else source.node,
        dest_compute=source.name if live else host.name,
        dest_node=source.node if live else host.node,
        status="running" if live else "finished",
        migration_type="live-migration" if live else "resize",
        old_instance_type_id=server.flavor.id,
        new_instance_type_id=server.flavor.id,
        hidden=0,
        cross_cell_move=0,
        project_id=server.project.id,
        user_id=server.project.user,
    )


def _history(world: World, server: Server) -> None:
    _action(world, server, "create", server.created, "compute__do_build_and_run_instance")
    if server.kind in ACTIONS:
        action = ACTIONS[server.kind]
        _action(world, server, action, server.changed, f"compute_{action.replace('-', '_')}")


def _action(world: World, server: Server, action: str, at: datetime, event: str) -> None:
    """Write one action with one step of half a minute."""
    end = at + timedelta(seconds=30)
    number = world.insert(
        server.database,
        "instance_actions",
        created_at=stamp(at),
        updated_at=stamp(end),
        deleted=0,
        action=action,
        instance_uuid=server.uuid,
        request_id=f"req-{world.dice.uuid()}",
        user_id=server.project.user,
        project_id=server.project.id,
        start_time=stamp(at),
    )
    world.insert(
        server.database,
        "instance_actions_events",
        created_at=stamp(at),
        updated_at=stamp(end),
        deleted=0,
        action_id=number,
        event=event,
        start_time=stamp(at + timedelta(seconds=3)),
        finish_time=stamp(end),
        result="Error" if server.kind == "buried" else "Success",
        host=server.host.name if server.host else None,
    )
