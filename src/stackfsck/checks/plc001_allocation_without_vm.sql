-- code: PLC001
-- name: allocation-without-vm
-- title: Allocation of {consumer} on {provider} belongs to no VM
-- kind: orphan
-- severity: leaks
-- found_in: placement.allocations, placement.resource_providers, nova.compute_nodes
-- absent_from: nova.instances, nova.migrations, nova_api.build_requests, placement.consumers,
--   placement.consumer_types
-- remedy: release-allocation
-- What it finds: A consumer that holds resources of a compute node and is neither a live VM of any
--   cell, nor one being built, nor a migration.
-- Why it matters: The scheduler believes the room to be used: the host fills up with nothing, and
--   its provider can never be deleted. Nova itself forgets such an allocation once the VM's row is
--   archived.
-- When it is wrong: Other services (Zun, Blazar, Cyborg) may hold resources of compute nodes under
--   their own UUIDs. Consumers that name a type which is not nova's are not reported.
select
    h.consumer,
    h.consumer as vm,
    string_agg(h.node, ', ' order by h.node) as provider,
    max(h.changed_at) as changed_at
from host.holdings as h
left join placement.consumers as c
    on c.uuid = h.consumer
left join placement.consumer_types as t
    on t.id = c.consumer_type_id
anti join vm.alive as a
    on a.uuid = h.consumer
anti join nova.migrations as m
    on m.uuid = h.consumer
where coalesce(t.name, 'unknown') in ('unknown', 'INSTANCE', 'MIGRATION')
group by h.consumer
