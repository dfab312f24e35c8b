-- One row per entry of nova's index of VMs, with the name of the cell that it points to (null while
-- the VM is in no cell yet). A cell without a name goes by its UUID.
select
    m.instance_uuid as uuid,
    m.cell_id,
    coalesce(nullif(c.name, ''), c.uuid::varchar) as cell,
    coalesce(m.queued_for_delete, false) as queued_for_delete,
    m.project_id,
    greatest(m.created_at, m.updated_at) as changed_at
from nova_api.instance_mappings as m
left join nova_api.cell_mappings as c
    on c.id = m.cell_id
