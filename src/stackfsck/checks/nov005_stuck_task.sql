-- code: NOV005
-- name: stuck-task
-- title: VM {instance} is {task_state} since {since}
-- kind: stuck
-- severity: blocks
-- found_in: nova.instances@cell
-- absent_from: nova.migrations
-- in_transit: judged
-- remedy: reset-state
-- What it finds: A VM whose task has not moved for a long time and which no recent migration
--   explains.
-- Why it matters: Nova refuses almost every request while a task is set. The service that should
--   finish it was restarted or lost the message; nothing will come.
-- When it is wrong: A very large image upload or volume copy may take longer than the limit. Look
--   at the host's nova-compute log for the VM before you reset its state.
select
    v.uuid as instance,
    v.uuid as vm,
    v.cell,
    v.host,
    v.display_name as name,
    v.vm_state,
    v.task_state,
    coalesce(v.updated_at, v.created_at) as since
from vm.live as v
cross join run.clock as k
anti join vm.moves as m
    on m.uuid = v.uuid
    and m.updated_at >= k.stuck_before
where
    v.task_state is not null
    and v.vm_state not in ('building', 'deleted')
    and not v.hidden
    and coalesce(v.updated_at, v.created_at) < k.stuck_before
