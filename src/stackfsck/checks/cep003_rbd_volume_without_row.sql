-- code: CEP003
-- name: rbd-volume-without-row
-- title: RBD image {pool}/{image} belongs to no volume of cinder
-- kind: orphan
-- severity: leaks
-- found_in: ceph.images
-- absent_from: cinder.volumes
-- remedy: trash-rbd-image
-- What it finds: An image named `volume-<id>` for which cinder has no live volume, neither under
--   that id nor as the name that a migrated volume has on its backend.
-- Why it matters: Space that no quota counts and nobody can delete through an API. A row that was
--   marked deleted by hand leaves its image behind like this.
-- When it is wrong: A pool that several cinders share. Images that end in `.deleted` wait for their
--   clones and are left out. It is a user's data: move it to the trash, never delete.
select
    i.name as image,
    i.uuid as volume,
    i.pool,
    i.bytes,
    i.watchers,
    (
        select coalesce('deleted at ' || max(w.deleted_at), 'no row') from cinder.volumes as w
        where w.id = i.uuid
    ) as volume_in_cinder
from ceph.images as i
anti join cinder.volumes as v
    on coalesce(v._name_id, v.id) = i.uuid
    and not v.deleted
where
    i.name = 'volume-' || i.uuid::varchar
    and not coalesce(i.in_trash, false)
