-- code: CIN010
-- name: attach-status-against-status
-- title: Volume {volume} is {status} and {attach_status} at once
-- kind: contradiction
-- severity: blocks
-- found_in: cinder.volumes
-- absent_from: cinder.volume_attachment
-- remedy: set-volume-status
-- What it finds: A volume whose two status columns exclude each other: available but not detached
--   (and nothing is attached), or in-use but not attached (and something is).
-- Why it matters: Cinder refuses to delete a volume that is not detached, whatever its status, and
--   refuses to attach one that looks attached. Resetting only one of the two columns causes it.
-- When it is wrong: Never for long: cinder writes both columns in one statement.
select
    v.id as volume,
    v.status,
    v.attach_status,
    v.display_name as name,
    v.project_id,
    count(a.id) as attachments,
    greatest(v.created_at, v.updated_at) as changed_at
from cinder.volumes as v
left join cinder.volume_attachment as a
    on a.volume_id = v.id
    and not a.deleted
    and coalesce(a.attach_status, '') not like 'error%'
where not v.deleted
group by all
having
    (v.status = 'available' and v.attach_status <> 'detached' and count(a.id) = 0)
    or (v.status = 'in-use' and v.attach_status is distinct from 'attached' and count(a.id) > 0)
