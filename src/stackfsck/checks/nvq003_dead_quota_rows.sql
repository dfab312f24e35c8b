-- code: NVQ003
-- name: dead-quota-rows
-- title: {usages} rows of quota_usages and {reservations} of reservations in {cell} are read by nobody
-- kind: leak
-- severity: clutters
-- found_in: nova.quota_usages, nova.reservations, nova.services@cell
-- absent_from: -
-- remedy: purge-quota-rows
-- What it finds: From Pike on: rows left in the two tables with which nova kept quotas before.
-- Why it matters: Harmless, but people read them and believe them, and scripts "fix" quotas by
--   writing to them without any effect.
-- When it is wrong: While an upgrade from Ocata is half-way old services still use them.
select
    s.cell as cell_name,
    s.cell,
    (
        select count(*)
        from nova.quota_usages as q
        where q.cell = s.cell
    ) as usages,
    (
        select count(*)
        from nova.reservations as r
        where r.cell = s.cell
    ) as reservations
from nova.services as s
where s.uuid is not null
group by s.cell
having usages + reservations > 0
