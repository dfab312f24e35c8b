-- code: NOV019
-- name: stuck-migration
-- title: The {migration_type} of VM {vm} from {source} to {destination} is {status} since {since}
-- kind: stuck
-- severity: blocks
-- found_in: nova.migrations@cell, nova.instances
-- absent_from: -
-- in_transit: judged
-- remedy: end-migration
-- What it finds: An unfinished move of a VM that does nothing: no task, and not waiting for a
--   confirmed resize.
-- Why it matters: Both hosts keep the room reserved, the destination cannot be taken out of
--   service, and a new move may be refused.
-- When it is wrong: A live migration of a very busy VM can take long, but then the VM's task says
--   migrating and it is not reported.
select
    coalesce(m.uuid::varchar, m.cell || '/' || m.id) as migration,
    m.instance_uuid as vm,
    m.cell,
    m.source_compute as source,
    m.dest_compute as destination,
    coalesce(m.migration_type, 'move') as migration_type,
    m.status,
    coalesce(m.updated_at, m.created_at) as since
from nova.migrations as m
inner join vm.live as v
    on v.uuid = m.instance_uuid
    and v.cell = m.cell
cross join run.clock as k
where
    m.deleted = 0
    and v.task_state is null
    and m.status not in (
        'confirmed', 'reverted', 'error', 'failed', 'completed', 'cancelled', 'done'
    )
    and not (m.status = 'finished' and v.vm_state = 'resized')
    and coalesce(m.migration_type, '') <> 'evacuation'
    and coalesce(m.updated_at, m.created_at) < k.stuck_before
