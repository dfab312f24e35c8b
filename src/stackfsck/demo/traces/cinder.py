"""The volumes of a VM in cinder, volumes that nobody uses, and the quota counted over all."""

from collections import Counter

from stackfsck.demo.estate import Backend, Estate, Project
from stackfsck.demo.folder import CEPH_HOST
from stackfsck.demo.servers import Server, Volume
from stackfsck.demo.world import World, stamp

RESERVED = {"shelved_offloaded", "building"}


def write(world: World, estate: Estate, server: Server) -> None:
    """Write the volumes of a VM and who has them."""
    for volume in server.volumes:
        reserved = server.kind in RESERVED
        _volume(
            world,
            estate,
            server.project,
            volume.backend,
            id=volume.id,
            display_name=f"{server.name}-{'root' if volume.boot else 'data'}",
            size=volume.size,
            status="reserved" if reserved else "in-use",
            attach_status="detached" if reserved else "attached",
            bootable=int(volume.boot),
        )
        _attachment(world, server, volume, reserved=reserved)


def spare(world: World, estate: Estate, number: int) -> None:
    """Write volumes that nobody uses, some with a snapshot."""
    dice = world.dice
    for count in range(number):
        project = dice.choice(estate.projects)
        backend = estate.backends[dice.choice(("cell1", "cell2"))]
        volume = dice.uuid()
        size = dice.choice((10, 50, 100))
        _volume(
            world,
            estate,
            project,
            backend,
            id=volume,
            display_name=f"spare-{count:02d}",
            size=size,
            status="available",
            attach_status="detached",
            bootable=0,
        )
        if count % 4 == 0:
            _snapshot(world, estate, project, volume, size)


def _volume(
    world: World, estate: Estate, project: Project, backend: Backend, **columns: object
) -> None:
    made = stamp(world.ago(days=world.dice.uniform(20, 400)))
    world.add(
        "cinder",
        "volumes",
        created_at=made,
        updated_at=made,
        launched_at=made,
        deleted=0,
        project_id=project.id,
        user_id=project.user,
        host=f"{backend.host}#{backend.kind}",
        service_uuid=backend.service,
        availability_zone="nova",
        volume_type_id=estate.volume_type,
        multiattach=0,
        **columns,
    )
    if backend.kind == "rbd":
        see_image(world, "volumes", f"volume-{columns['id']}", str(columns["id"]), "")


def see_image(world: World, pool: str, name: str, uuid: str, suffix: str) -> None:
    """Write an image in Ceph."""
    world.see(
        CEPH_HOST,
        "ceph.images",
        pool=pool,
        name=name,
        uuid=uuid,
        suffix=suffix,
        in_trash=False,
        bytes=None,
        watchers=None,
    )


def _snapshot(world: World, estate: Estate, project: Project, volume: str, size: int) -> None:
    made = stamp(world.ago(days=15))
    world.add(
        "cinder",
        "snapshots",
        id=world.dice.uuid(),
        created_at=made,
        updated_at=made,
        deleted=0,
        volume_id=volume,
        project_id=project.id,
        user_id=project.user,
        status="available",
        progress="100%",
        volume_size=size,
        display_name="before the upgrade",
        volume_type_id=estate.volume_type,
    )


def _attachment(world: World, server: Server, volume: Volume, *, reserved: bool) -> None:
    made = stamp(server.created)
    host = None if reserved or server.host is None else server.host.name
    world.add(
        "cinder",
        "volume_attachment",
        id=volume.attachment,
        created_at=made,
        updated_at=made,
        deleted=0,
        volume_id=volume.id,
        instance_uuid=server.uuid,
        attached_host=host,
        mountpoint=None if reserved else f"/dev/{volume.device}",
        attach_mode="rw",
        attach_status="reserved" if reserved else "attached",
        attach_time=None if reserved else made,
        connector=None if reserved else f'{{"host": "{host}"}}',
    )


def quota(world: World, estate: Estate) -> None:
    """Count what the projects have and write it down, as cinder does."""
    counted: Counter[tuple[str, str]] = Counter()
    for row in world.tables["cinder", "volumes"]:
        counted[row["project_id"], "volumes"] += 1
        counted[row["project_id"], "gigabytes"] += row["size"]
    for row in world.tables["cinder", "snapshots"]:
        counted[row["project_id"], "snapshots"] += 1
        counted[row["project_id"], "gigabytes"] += row["volume_size"]
    for project in estate.projects:
        for resource in ("volumes", "gigabytes", "snapshots"):
            world.insert(
                "cinder",
                "quota_usages",
                created_at=stamp(world.ago(days=500)),
                updated_at=stamp(world.ago(days=3)),
                deleted=0,
                project_id=project.id,
                resource=resource,
                in_use=counted[project.id, resource],
                reserved=0,
            )
