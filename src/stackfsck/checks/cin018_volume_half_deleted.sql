-- code: CIN018
-- name: volume-half-deleted
-- title: Volume {volume} is half deleted: {contradiction}
-- kind: contradiction
-- severity: leaks
-- found_in: cinder.volumes
-- absent_from: -
-- remedy: complete-volume-delete
-- What it finds: A volume row whose deleted flag, status and time of deletion do not agree, or
--   whose flag is null. Cinder writes all three together; SQL by hand often does not.
-- Why it matters: Some queries see the volume and others do not: it cannot be shown yet counts, or
--   it is never purged.
-- When it is wrong: Never in a complete row.
select
    v.id as volume,
    case
        when v.deleted is null then 'deleted is null'
        when v.deleted and v.deleted_at is null then 'deleted without a time'
        when v.deleted then 'deleted with status ' || coalesce(v.status, 'null')
        when v.status = 'deleted' then 'status deleted, flag not set'
        else 'deleted at ' || v.deleted_at || ', flag not set'
    end as contradiction,
    v.status,
    v.deleted,
    v.deleted_at,
    v.display_name as name,
    v.project_id,
    greatest(v.created_at, v.updated_at) as changed_at
from cinder.volumes as v
where
    v.deleted is null
    or (v.deleted and (v.deleted_at is null or coalesce(v.status, '') <> 'deleted'))
    or (not v.deleted and (v.deleted_at is not null or v.status = 'deleted'))
