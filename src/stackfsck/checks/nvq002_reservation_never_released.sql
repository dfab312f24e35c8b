-- code: NVQ002
-- name: reservation-never-released
-- title: Reservation of {delta} {resource} for project {project_id} lapsed at {expire}
-- kind: leak
-- severity: blocks
-- found_in: nova.reservations@cell
-- absent_from: nova.services@cell
-- remedy: sync-quota
-- What it finds: Up to Ocata: a live row of reservations that lapsed more than an hour ago.
-- Why it matters: A request that broke off still holds quota. The scheduler's own job should have
--   released it, so that job does not run.
-- When it is wrong: From Pike on nothing reads this table; there it is not reported.
select
    coalesce(r.uuid::varchar, r.cell || '/' || r.id) as reservation,
    r.cell,
    r.project_id,
    r.user_id,
    r.resource,
    r.delta,
    r.expire
from nova.reservations as r
cross join run.clock as k
anti join nova.services as s
    on s.cell = r.cell
    and s.uuid is not null
where
    r.deleted = 0
    and r.expire < k.now - interval 1 hour
