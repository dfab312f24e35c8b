-- code: PLC004
-- name: vm-without-allocation
-- title: VM {instance} ({name}) is {vm_state} on {node}, but holds no resources of it
-- kind: contradiction
-- severity: blocks
-- found_in: nova.instances@cell, nova.compute_nodes@cell, placement.resource_providers
-- absent_from: placement.allocations
-- remedy: heal-allocation
-- What it finds: A settled VM on a node that placement knows, without any allocation.
-- Why it matters: The scheduler gives its room away a second time: the host is overcommitted until
--   VMs are killed for want of memory. `nova-manage placement heal_allocations` writes it anew; an
--   audit with --delete while a cell was silent is a usual cause.
-- When it is wrong: If stackfsck reads a frozen copy of placement's tables (those in nova_api after
--   the extraction) every newer VM is reported: correct the connection.
select
    v.uuid as instance,
    v.uuid as vm,
    v.cell,
    v.host,
    v.node,
    v.display_name as name,
    v.vm_state,
    v.updated_at as changed_at
from vm.live as v
semi join (
    select
        n.cell,
        n.hypervisor_hostname
    from nova.compute_nodes as n
    inner join placement.resource_providers as p
        on p.uuid = n.uuid
    where n.deleted = 0
) as known
    on known.cell = v.cell
    and known.hypervisor_hostname = v.node
anti join placement.allocations as a
    on a.consumer_id = v.uuid
where
    not v.hidden
    and v.vm_state in (
        'active', 'paused', 'rescued', 'resized', 'shelved', 'soft-delete', 'stopped', 'suspended'
    )
