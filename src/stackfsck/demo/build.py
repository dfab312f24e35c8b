"""Builds the embedded cloud: a healthy one, with VMs in every ordinary state."""

from datetime import UTC, datetime
from pathlib import Path

from stackfsck.demo import settings
from stackfsck.demo.estate import found
from stackfsck.demo.folder import Folder
from stackfsck.demo.servers import Draw
from stackfsck.demo.traces import cinder, computes, estate, neutron, nova, services
from stackfsck.demo.world import Dice, World

VMS = 320
SEED = 20260102


def build(folder: Path, *, vms: int = VMS, seed: int = SEED) -> Folder:
    """Build a cloud of about so many VMs in a folder, healthy; the same one for the same seed.

    A cloud that lies there already is replaced. Raises Misused when something else does.
    """
    place = Folder(folder.absolute())
    place.make()
    make_up(vms=vms, seed=seed).save(place)
    settings.write(place)
    return place


def make_up(*, vms: int, seed: int) -> World:
    """Make up a cloud, in memory."""
    world = World(now=datetime.now(UTC).replace(tzinfo=None, microsecond=0), dice=Dice(seed))
    ground = found(world)
    estate.everything(world, ground)
    for server in Draw(world, ground).all(vms):
        nova.write(world, server)
        services.write(world, server)
        cinder.write(world, ground, server)
        neutron.write(world, ground, server)
        computes.write(world, server)
    cinder.spare(world, ground, number=max(8, vms // 20))
    cinder.quota(world, ground)
    return world
