-- code: CIN020
-- name: snapshot-of-gone-volume
-- title: Snapshot {snapshot} belongs to volume {volume}, which is deleted
-- kind: orphan
-- severity: blocks
-- found_in: cinder.snapshots
-- absent_from: cinder.volumes
-- remedy: delete-snapshot
-- What it finds: A live snapshot whose volume is marked deleted or has no row.
-- Why it matters: It can be neither used nor deleted through the API, counts against the quota, and
--   stops the purge of cinder's database.
-- When it is wrong: It is data of a user: ask before you remove what the backend still holds.
select
    s.id as snapshot,
    s.volume_id as volume,
    s.status,
    s.volume_size as gigabytes,
    s.display_name as name,
    s.project_id,
    coalesce('deleted at ' || v.deleted_at, if(v.deleted, 'deleted', 'no row')) as volume_in_cinder,
    greatest(s.created_at, s.updated_at) as changed_at
from cinder.snapshots as s
left join cinder.volumes as v
    on v.id = s.volume_id
where
    not s.deleted
    and (v.id is null or v.deleted)
