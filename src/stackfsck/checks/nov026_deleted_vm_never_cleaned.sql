-- code: NOV026
-- name: deleted-vm-never-cleaned
-- title: VM {instance} was deleted at {deleted_at}, but {host} never removed its files
-- kind: stuck
-- severity: leaks
-- found_in: nova.instances@cell, nova.services@cell, nova.compute_nodes@cell
-- absent_from: -
-- remedy: remove-directory
-- What it finds: A deleted VM that is not marked as cleaned, although its host is up and had a day
--   or more to do it.
-- Why it matters: nova-compute tries five times and then never again; the disk space is lost until
--   somebody looks. Archiving the row removes the last hint.
-- When it is wrong: The files may be gone already and only the mark be missing: look at the host.
select
    i.uuid as instance,
    i.uuid as vm,
    i.cell,
    i.host,
    i.display_name as name,
    i.deleted_at
from nova.instances as i
inner join host.up as h
    on h.host = i.host
    and h.up
cross join run.clock as k
where
    i.deleted = i.id
    and coalesce(i.cleaned, 0) = 0
    and i.deleted_at < k.stuck_before
    and not coalesce(i.hidden, false)
