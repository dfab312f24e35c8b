-- code: API002
-- name: vm-without-mapping
-- title: VM {instance} ({name}) in {cell} is not in nova's index, so the API cannot see it
-- kind: contradiction
-- severity: blocks
-- found_in: nova.instances@cell
-- absent_from: nova_api.instance_mappings
-- remedy: map-instance
-- What it finds: A live VM of a cell without a row in instance_mappings.
-- Why it matters: The API answers 404 to its owner, it cannot be stopped or deleted, and yet it
--   runs and holds its resources. `nova-manage cell_v2 map_instances` puts it back.
-- When it is wrong: Not known; nova writes the mapping before the row in the cell.
select
    v.uuid as instance,
    v.uuid as vm,
    v.cell,
    v.host,
    v.display_name as name,
    v.vm_state,
    v.project_id,
    v.updated_at as changed_at
from vm.live as v
anti join nova_api.instance_mappings as m
    on m.instance_uuid = v.uuid
where not v.hidden
