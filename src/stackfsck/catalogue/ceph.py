"""What Ceph holds of VMs and volumes, read by one host that may.

nova names the disks of a VM `<uuid>_disk` and so on, cinder names a volume `volume-<id>`. A pool
may serve several clouds. Source: nova/virt/libvirt/storage/rbd_utils.py, cinder's RBD driver.
"""

from stackfsck.catalogue.table import Column, Table, Type

POOLS = Table(
    "ceph.pools",
    "Pools that were read.",
    (Column("name", Type.TEXT, "The pool, such as vms or volumes."),),
    key=("name",),
)

IMAGES = Table(
    "ceph.images",
    "Images in those pools and in their trash.",
    (
        Column("pool", Type.TEXT, "The pool.", "ceph.pools.name"),
        Column("name", Type.TEXT, "The image."),
        Column("uuid", Type.UUID, "The VM or volume that the name begins with."),
        Column("suffix", Type.TEXT, "What follows the UUID, such as _disk or _disk.config."),
        Column("in_trash", Type.BOOLEAN, "Whether it lies in the trash."),
        Column("bytes", Type.INTEGER, "Size in bytes, where it was read."),
        Column("watchers", Type.INTEGER, "How many clients have it open, where it was read."),
    ),
    key=("pool", "name"),
    vm="uuid",
)

TABLES = (POOLS, IMAGES)
