-- code: NVQ001
-- name: quota-usage-wrong
-- title: Project {project_id} is charged {in_use} {resource} in {cell}, but its VMs use {counted}
-- kind: leak
-- severity: blocks
-- found_in: nova.quota_usages@cell
-- absent_from: nova.instances@cell, nova.services@cell
-- remedy: sync-quota
-- What it finds: Up to Ocata: a row of quota_usages that differs from what the live VMs of that
--   project and user add up to.
-- Why it matters: The user cannot make VMs although there are none, or can make too many. VMs
--   deleted by hand leave the counter as it was.
-- When it is wrong: From Pike on nova counts anew for every request and nothing reads this table;
--   there it is not reported.
select
    concat_ws('/', q.cell, q.project_id, q.user_id, q.resource) as usage,
    q.cell,
    q.project_id,
    q.user_id,
    q.resource,
    q.in_use,
    coalesce(
        case q.resource
            when 'instances' then count(i.uuid)
            when 'cores' then sum(i.vcpus)
            when 'ram' then sum(i.memory_mb)
        end,
        0
    )::bigint as counted,
    greatest(max(q.created_at), max(q.updated_at), max(i.created_at)) as changed_at
from nova.quota_usages as q
left join nova.instances as i
    on i.cell = q.cell
    and i.deleted = 0
    and i.project_id = q.project_id
    and (q.user_id is null or i.user_id = q.user_id)
anti join nova.services as s
    on s.cell = q.cell
    and s.uuid is not null
where
    q.deleted = 0
    and q.resource in ('cores', 'instances', 'ram')
    and coalesce(q.reserved, 0) = 0
group by q.cell, q.project_id, q.user_id, q.resource, q.in_use
having q.in_use <> counted
