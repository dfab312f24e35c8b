-- code: CIN015
-- name: volume-delete-failed
-- title: Deleting volume {volume} failed at {since}
-- kind: stuck
-- severity: leaks
-- found_in: cinder.volumes, cinder.snapshots, cinder.volume_attachment
-- absent_from: -
-- remedy: delete-volume
-- What it finds: A volume in error_deleting. The backend refused; the usual reasons are snapshots,
--   clones, or a client that still has it open.
-- Why it matters: Its space and its owner's quota are held until somebody deletes it again.
-- When it is wrong: It is what cinder itself says. Marking the row deleted does not free the space:
--   look at the backend first.
select
    v.id as volume,
    v.updated_at as since,
    v.host as backend,
    v.size as gigabytes,
    v.display_name as name,
    v.project_id,
    (
        select count(*) from cinder.snapshots as s
        where s.volume_id = v.id and not s.deleted
    ) as snapshots,
    (
        select count(*) from cinder.volume_attachment as a
        where a.volume_id = v.id and not a.deleted
    ) as attachments
from cinder.volumes as v
where
    not v.deleted
    and v.status = 'error_deleting'
