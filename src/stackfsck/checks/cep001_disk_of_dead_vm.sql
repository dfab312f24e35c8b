-- code: CEP001
-- name: rbd-disk-of-dead-vm
-- title: RBD image {pool}/{image} is the disk of {vm}, a VM that is gone
-- kind: orphan
-- severity: leaks
-- found_in: ceph.images
-- absent_from: nova.instances, nova_api.build_requests, ceph.images
-- remedy: trash-rbd-image
-- What it finds: An image named after a VM (`<uuid>_disk`, `_disk.config`, `_disk.swap` …) that
--   nova does not stand for, which nobody has open and which is not in the trash.
-- Why it matters: It holds its space for ever, and as a clone of a glance image it also keeps that
--   image from being deleted.
-- When it is wrong: A pool that several clouds or regions share holds the disks of the others' VMs:
--   with `vm_in_nova` saying `no row`, make sure that the pool is this cloud's alone. Move to the
--   trash, never delete.
select
    i.name as image,
    i.uuid as vm,
    i.pool,
    i.bytes,
    coalesce('deleted at ' || d.deleted_at, 'no row') as vm_in_nova
from ceph.images as i
anti join vm.alive as a
    on a.uuid = i.uuid
left join vm.dead as d
    on d.uuid = i.uuid
where
    starts_with(i.name, i.uuid::varchar || '_')
    and not coalesce(i.in_trash, false)
    and coalesce(i.watchers, 0) = 0
