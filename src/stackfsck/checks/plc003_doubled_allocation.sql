-- code: PLC003
-- name: doubled-allocation
-- title: VM {vm} runs on {node}, but also holds resources of {provider}
-- kind: leak
-- severity: leaks
-- found_in: placement.allocations, placement.resource_providers, nova.compute_nodes
-- absent_from: nova.instances, nova.migrations
-- remedy: trim-allocation
-- What it finds: A settled VM that holds resources of its own node and of another one.
-- Why it matters: The other host loses the room of a whole VM, and its provider cannot be deleted.
--   It is what a failed live migration, a move in Pike, or an evacuation leaves behind.
-- When it is wrong: During moves, and while an evacuated source is not back, this is right; such VMs
--   are not reported. Remove only the wrong provider's share: `openstack resource provider
--   allocation delete` would take both.
select
    v.uuid || '/' || h.node as holding,
    v.uuid as vm,
    v.cell,
    v.host,
    v.node,
    h.node as provider,
    greatest(h.changed_at, v.updated_at) as changed_at
from host.holdings as h
inner join vm.live as v
    on v.uuid = h.consumer
    and v.node <> h.node
semi join host.holdings as own
    on own.consumer = v.uuid
    and own.node = v.node
anti join vm.moves as m
    on m.uuid = v.uuid
    and (h.node in (m.source_node, m.dest_node) or h.host in (m.source_compute, m.dest_compute))
anti join vm.live as w
    on w.uuid = v.uuid
    and w.node = h.node
where not v.hidden
