-- code: API004
-- name: mapping-without-cell
-- title: Nova's index has VM {instance} in no cell, and nobody builds it
-- kind: orphan
-- severity: blocks
-- found_in: nova_api.instance_mappings, nova_api.cell_mappings, nova.instances
-- absent_from: nova_api.build_requests
-- remedy: remove-mapping
-- What it finds: A row of instance_mappings without a cell, for a VM that has no build request.
-- Why it matters: The API can neither show nor delete such a VM. If a cell has it after all (see
--   `found_in_cell`), its mapping was lost half-way; otherwise the row is dead.
-- When it is wrong: For some seconds of every build; the grace time covers them.
select
    m.uuid as instance,
    m.uuid as vm,
    v.cell as found_in_cell,
    m.queued_for_delete,
    m.project_id,
    m.changed_at
from vm.mapped as m
left join vm.live as v
    on v.uuid = m.uuid
    and not v.hidden
anti join nova_api.build_requests as b
    on b.instance_uuid = m.uuid
where m.cell_id is null
