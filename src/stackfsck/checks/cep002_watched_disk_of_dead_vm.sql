-- code: CEP002
-- name: watched-rbd-disk-of-dead-vm
-- title: RBD image {pool}/{image} of {vm}, a VM that is gone, is open on {watchers} clients
-- kind: ghost
-- severity: corrupts
-- found_in: ceph.images, libvirt.domains
-- absent_from: nova.instances, nova_api.build_requests
-- remedy: end-ghost
-- What it finds: As CEP001, but somebody still has the image open: a domain that nova has
--   forgotten, or a qemu that libvirt has. `domain_on` names the host if it was seen.
-- Why it matters: The dead VM lives. It may answer for an address, or write to a volume, that
--   meanwhile belongs to another.
-- When it is wrong: A watcher stays for half a minute after its client died, and a backup tool also
--   counts as one. End the guest first; the image comes after.
select
    i.name as image,
    i.uuid as vm,
    i.pool,
    i.watchers,
    i.bytes,
    (select min(k.host) from libvirt.domains as k where k.uuid = i.uuid) as domain_on,
    coalesce('deleted at ' || d.deleted_at, 'no row') as vm_in_nova
from ceph.images as i
anti join vm.alive as a
    on a.uuid = i.uuid
left join vm.dead as d
    on d.uuid = i.uuid
where
    starts_with(i.name, i.uuid::varchar || '_')
    and not coalesce(i.in_trash, false)
    and i.watchers > 0
