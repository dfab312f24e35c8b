-- code: NOV021
-- name: migration-of-dead-vm
-- title: The {migration_type} of VM {vm} is {status}, but the VM is gone
-- kind: orphan
-- severity: leaks
-- found_in: nova.migrations@cell
-- absent_from: nova.instances, nova_api.build_requests
-- in_transit: judged
-- remedy: end-migration
-- What it finds: An unfinished move of a VM that no cell has alive.
-- Why it matters: The resource trackers of both hosts keep counting the VM, so room is lost, and
--   neither host can be deleted from nova.
-- When it is wrong: Not known.
select
    coalesce(m.uuid::varchar, m.cell || '/' || m.id) as migration,
    m.instance_uuid as vm,
    m.cell,
    m.source_compute as source,
    m.dest_compute as destination,
    coalesce(m.migration_type, 'move') as migration_type,
    m.status,
    coalesce(m.updated_at, m.created_at) as changed_at
from nova.migrations as m
anti join vm.alive as a
    on a.uuid = m.instance_uuid
where
    m.deleted = 0
    and m.instance_uuid is not null
    and m.status not in (
        'confirmed', 'reverted', 'error', 'failed', 'completed', 'cancelled', 'done'
    )
