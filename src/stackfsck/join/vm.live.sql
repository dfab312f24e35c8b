-- One row per instance that nova does not call deleted; SOFT_DELETED ones are among them.
select
    uuid,
    cell,
    host,
    node,
    display_name,
    project_id,
    vm_state,
    task_state,
    power_state,
    created_at,
    updated_at,
    launched_at,
    coalesce(hidden, false) as hidden
from nova.instances
where deleted = 0
