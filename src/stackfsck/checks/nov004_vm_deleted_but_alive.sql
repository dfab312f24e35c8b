-- code: NOV004
-- name: vm-deleted-but-alive
-- title: VM {instance} has the state deleted since {since}, but its row is alive
-- kind: stuck
-- severity: leaks
-- found_in: nova.instances@cell
-- absent_from: -
-- in_transit: judged
-- remedy: delete-zombie
-- What it finds: A row with vm_state deleted that has not been marked as deleted for a long time.
-- Why it matters: The compute host finished its part and died before the database was told. Quota
--   and allocation stay in use. A restart of nova-compute on the host completes the deletion.
-- When it is wrong: If the host is about to come back, nova finishes by itself.
select
    v.uuid as instance,
    v.uuid as vm,
    v.cell,
    v.host,
    v.display_name as name,
    coalesce(v.updated_at, v.created_at) as since
from vm.live as v
cross join run.clock as k
where
    v.vm_state = 'deleted'
    and not v.hidden
    and coalesce(v.updated_at, v.created_at) < k.stuck_before
