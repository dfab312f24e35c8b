-- code: CIN023
-- name: volume-quota-reserved-wrong
-- title: Cinder reserves {reserved} {resource} for project {project_id}, {claimed} are claimed
-- kind: leak
-- severity: leaks
-- found_in: cinder.quota_usages
-- absent_from: cinder.reservations
-- remedy: sync-volume-quota
-- What it finds: A `reserved` number in quota_usages that its live reservations do not add up to.
-- Why it matters: What is reserved by nobody is never given back: the project's limit is lower than
--   it says. A crash between reserving and committing leaves it.
-- When it is wrong: While volumes of the project are being made.
select
    u.id as quota_usage,
    u.project_id,
    u.resource,
    u.reserved,
    coalesce(sum(r.delta), 0) as claimed,
    greatest(u.created_at, u.updated_at) as changed_at
from cinder.quota_usages as u
left join cinder.reservations as r
    on r.usage_id = u.id
    and not r.deleted
    and r.delta > 0
where not u.deleted
group by all
having u.reserved <> coalesce(sum(r.delta), 0)
