-- code: CIN016
-- name: volume-locked
-- title: Volume {volume} has been left in {status} since {since}
-- kind: stuck
-- severity: blocks
-- found_in: cinder.volumes
-- absent_from: -
-- remedy: set-volume-status
-- What it finds: A volume in maintenance without a migration, or in the error state of an operation
--   on a volume that held data before (extend, restore, backup, manage), for longer than the stuck
--   time.
-- Why it matters: It can be neither attached nor detached until somebody resets its status.
-- When it is wrong: Somebody may have put it into maintenance on purpose.
select
    v.id as volume,
    v.status,
    coalesce(v.updated_at, v.created_at) as since,
    v.previous_status,
    v.attach_status,
    v.host as backend,
    v.display_name as name,
    v.project_id
from cinder.volumes as v
cross join run.clock as k
where
    not v.deleted
    and coalesce(v.updated_at, v.created_at) < k.stuck_before
    and coalesce(v.migration_status, 'none') in ('none', 'success', 'error')
    and v.status in (
        'maintenance', 'error_extending', 'error_restoring', 'error_backing-up', 'error_managing'
    )
