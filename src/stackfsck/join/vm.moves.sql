-- One row per migration that still binds a host to a VM. Nova's own query of unfinished ones leaves
-- out `done`, but an evacuated VM's source keeps everything until its nova-compute is back (L12).
select
    instance_uuid as uuid,
    cell,
    uuid as migration,
    source_compute,
    dest_compute,
    source_node,
    dest_node,
    status,
    migration_type,
    updated_at
from nova.migrations
where
    deleted = 0
    and (
        coalesce(status, '') not in (
            'confirmed', 'reverted', 'error', 'failed', 'completed', 'cancelled', 'done'
        )
        or (migration_type = 'evacuation' and status = 'done')
    )
