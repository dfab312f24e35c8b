-- code: CIN021
-- name: volume-quota-usage-wrong
-- title: Cinder counts {in_use} {resource} for project {project_id}, there are {counted}
-- kind: leak
-- severity: leaks
-- found_in: cinder.quota_usages
-- absent_from: cinder.volumes, cinder.snapshots
-- remedy: sync-volume-quota
-- What it finds: A project whose number of volumes, snapshots or gigabytes in quota_usages is not
--   what its live volumes and snapshots add up to.
-- Why it matters: Counted too high, the project cannot create what it paid for; too low, it can
--   create more than it may. SQL by hand and crashes during a delete cause it.
-- When it is wrong: While volumes of the project are being made or deleted. Gigabytes may or may
--   not include snapshots (no_snapshot_gb_quota): both sums are accepted.
with volumes as (
    select
        project_id,
        count(*) as number,
        sum(size) as gigabytes
    from cinder.volumes
    where not deleted and coalesce(use_quota, true)
    group by project_id
),

snapshots as (
    select
        project_id,
        count(*) as number,
        sum(volume_size) as gigabytes
    from cinder.snapshots
    where not deleted and coalesce(use_quota, true)
    group by project_id
)

select
    u.id as quota_usage,
    u.project_id,
    u.resource,
    u.in_use,
    case u.resource
        when 'volumes' then coalesce(v.number, 0)
        when 'snapshots' then coalesce(s.number, 0)
        else coalesce(v.gigabytes, 0) + coalesce(s.gigabytes, 0)
    end as counted,
    greatest(u.created_at, u.updated_at) as changed_at
from cinder.quota_usages as u
left join volumes as v
    on v.project_id = u.project_id
left join snapshots as s
    on s.project_id = u.project_id
where
    not u.deleted
    and u.resource in ('volumes', 'snapshots', 'gigabytes')
    and u.in_use <> counted
    and not (u.resource = 'gigabytes' and u.in_use = coalesce(v.gigabytes, 0))
