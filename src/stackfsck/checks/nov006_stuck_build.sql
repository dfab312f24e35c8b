-- code: NOV006
-- name: stuck-build
-- title: VM {instance} is being built since {since}
-- kind: stuck
-- severity: leaks
-- found_in: nova.instances@cell
-- absent_from: -
-- in_transit: judged
-- remedy: delete-zombie
-- What it finds: A VM that has been in the state building far longer than any build takes.
-- Why it matters: It counts against the quota, may hold an allocation, ports and volumes, and the
--   user waits. No host means that it never left the scheduler or conductor.
-- When it is wrong: Bare metal, or a first boot that converts a huge image, may take hours: compare
--   with the limit that you set.
select
    v.uuid as instance,
    v.uuid as vm,
    v.cell,
    v.host,
    v.display_name as name,
    v.task_state,
    coalesce(v.updated_at, v.created_at) as since
from vm.live as v
cross join run.clock as k
where
    v.vm_state = 'building'
    and not v.hidden
    and coalesce(v.updated_at, v.created_at) < k.stuck_before
