-- code: CIN022
-- name: volume-reservation-expired
-- title: A reservation of {delta} {resource} of project {project_id} expired at {expire}
-- kind: leak
-- severity: leaks
-- found_in: cinder.reservations
-- absent_from: -
-- remedy: expire-volume-reservation
-- What it finds: A quota reservation that is neither committed nor rolled back long after it
--   expired.
-- Why it matters: Its amount is held against the project's quota although nothing came of it.
-- When it is wrong: Newer cinders clear expired reservations by themselves once an hour or so; one
--   that stands for longer than the stuck time means that no scheduler does.
select
    r.id as reservation,
    r.project_id,
    r.resource,
    r.delta,
    r.expire,
    r.usage_id as quota_usage,
    r.created_at as changed_at
from cinder.reservations as r
cross join run.clock as k
where
    not r.deleted
    and r.expire < k.stuck_before
