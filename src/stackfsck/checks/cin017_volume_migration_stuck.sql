-- code: CIN017
-- name: volume-migration-stuck
-- title: The migration of volume {volume} has stood at {migration_status} since {since}
-- kind: stuck
-- severity: blocks
-- found_in: cinder.volumes
-- absent_from: cinder.volumes
-- remedy: finish-volume-migration
-- What it finds: A volume whose migration has been under way for longer than the stuck time, or the
--   hidden second volume (`target:…`) of a migration that its first volume knows nothing of.
-- Why it matters: A migrating volume can be neither attached nor deleted; the target holds a whole
--   volume's space that nobody sees.
-- When it is wrong: Copying terabytes takes days on a slow backend. Before anything is deleted,
--   make sure which of the two holds the newer data.
select
    v.id as volume,
    v.migration_status,
    coalesce(v.updated_at, v.created_at) as since,
    v.status,
    s.id as source,
    s.migration_status as source_migration_status,
    v.host as backend,
    v.size as gigabytes,
    v.project_id
from cinder.volumes as v
cross join run.clock as k
left join cinder.volumes as s
    on s.id = try_cast(split_part(v.migration_status, 'target:', 2) as uuid)
    and not s.deleted
where
    not v.deleted
    and coalesce(v.updated_at, v.created_at) < k.stuck_before
    and (
        v.migration_status in ('starting', 'migrating', 'completing')
        or (
            v.migration_status like 'target:%'
            and coalesce(s.migration_status, 'none') in ('none', 'success', 'error')
        )
    )
