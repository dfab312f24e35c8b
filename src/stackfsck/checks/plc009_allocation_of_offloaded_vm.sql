-- code: PLC009
-- name: allocation-of-offloaded-vm
-- title: VM {consumer} is shelved and offloaded, but still holds resources of {provider}
-- kind: leak
-- severity: leaks
-- found_in: placement.allocations, placement.resource_providers, nova.compute_nodes, nova.instances
-- absent_from: nova.migrations
-- remedy: release-allocation
-- What it finds: An allocation of a VM that is on no host because it was offloaded.
-- Why it matters: Offloading is meant to give the room back; it did not. Unshelving may then count
--   the VM twice.
-- When it is wrong: At the start of unshelving the allocation comes first; the VM's task says so
--   then.
select
    h.consumer,
    h.consumer as vm,
    v.cell,
    string_agg(h.node, ', ' order by h.node) as provider,
    max(greatest(h.changed_at, v.updated_at)) as changed_at
from host.holdings as h
inner join vm.live as v
    on v.uuid = h.consumer
anti join vm.moves as m
    on m.uuid = h.consumer
where
    v.vm_state = 'shelved_offloaded'
    and v.host is null
    and not v.hidden
group by h.consumer, v.cell
