-- code: API009
-- name: alive-but-queued-for-delete
-- title: VM {instance} ({name}) is {vm_state}, but nova's index has it queued for deletion
-- kind: contradiction
-- severity: leaks
-- found_in: nova_api.instance_mappings, nova_api.cell_mappings, nova.instances
-- absent_from: -
-- remedy: requeue-mapping
-- What it finds: A mapping with queued_for_delete set for a VM that is alive, has no task, and is
--   not restorable either.
-- Why it matters: The quota does not count the VM, and a list of VMs without those in deletion
--   leaves it out. Usually the deletion failed and nobody repeated it.
-- When it is wrong: Soft-deleted VMs rightly have the mark; they are not reported.
select
    v.uuid as instance,
    v.uuid as vm,
    v.cell,
    v.host,
    v.display_name as name,
    v.vm_state,
    greatest(m.changed_at, v.updated_at) as changed_at
from vm.mapped as m
inner join vm.live as v
    on v.uuid = m.uuid
    and v.cell = m.cell
where
    m.queued_for_delete
    and not v.hidden
    and v.task_state is null
    and v.vm_state not in ('deleted', 'soft-delete')
