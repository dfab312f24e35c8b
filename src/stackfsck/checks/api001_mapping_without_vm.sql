-- code: API001
-- name: mapping-without-vm
-- title: Nova's index says that VM {instance} is in {mapped_to}, but no cell has it
-- kind: orphan
-- severity: clutters
-- found_in: nova_api.instance_mappings, nova_api.cell_mappings, nova.shadow_instances
-- absent_from: nova.instances, nova_api.build_requests
-- remedy: remove-mapping
-- What it finds: A row of instance_mappings that points to a cell, while neither that cell nor any
--   other has a row of the VM, alive or deleted.
-- Why it matters: Archiving removes the cell's row first and the mapping afterwards; a crash in
--   between leaves this. Nothing ever looks at it again, and old rows count against quotas.
-- When it is wrong: If the VM's row was deleted by mistake, the mapping is the last trace of it:
--   look for its domain before you remove it.
select
    m.uuid as instance,
    m.uuid as vm,
    m.cell as mapped_to,
    s.cells as archived_in,
    m.queued_for_delete,
    m.project_id,
    m.changed_at
from vm.mapped as m
left join (
    select
        o.uuid,
        string_agg(distinct o.cell, ', ' order by o.cell) as cells
    from nova.shadow_instances as o
    group by o.uuid
) as s
    on s.uuid = m.uuid
anti join nova.instances as i
    on i.uuid = m.uuid
anti join nova_api.build_requests as b
    on b.instance_uuid = m.uuid
where m.cell_id is not null
