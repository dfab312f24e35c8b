-- code: ISC005
-- name: rbd-map-for-nobody
-- title: {host} has {image} of pool {pool} mapped for no VM
-- kind: orphan
-- severity: blocks
-- found_in: host.rbd_maps
-- absent_from: nova.instances, nova_api.build_requests, cinder.volume_attachment, cinder.volumes
-- remedy: unmap-rbd
-- What it finds: A kernel mapping of an RBD image that carries the id of a VM that is gone, or of a
--   volume that cinder has not attached to this host.
-- Why it matters: A mapped image has a watcher, so that ceph refuses to delete it.
-- When it is wrong: Guests do not use kernel mappings; a cinder service maps an image for the time
--   of a copy, and busy volumes are left out. Mappings made by an operator look the same.
with maps as (
    select
        host,
        pool,
        image,
        device,
        try_cast(regexp_extract(image, '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}') as uuid) as named
    from host.rbd_maps
)

select
    m.device,
    m.host,
    m.image,
    m.pool,
    m.named,
    coalesce(v.status, 'no volume') as volume_status,
    v.updated_at as changed_at
from maps as m
left join cinder.volumes as v
    on coalesce(v._name_id, v.id) = m.named
    and not v.deleted
anti join vm.alive as l
    on l.uuid = m.named
anti join cinder.volume_attachment as a
    on a.volume_id = coalesce(v.id, m.named)
    and not a.deleted
    and a.attached_host = m.host
anti join volume.busy as y
    on y.volume = v.id
where m.named is not null
