-- code: PLC002
-- name: allocation-on-wrong-provider
-- title: VM {vm} runs on {node}, but holds resources of {provider} and none of its own node
-- kind: stray
-- severity: leaks
-- found_in: nova.instances@cell
-- absent_from: placement.allocations, placement.resource_providers, nova.compute_nodes,
--   nova.migrations
-- remedy: move-allocation
-- What it finds: A settled VM whose only allocation is on a compute node that is not its own.
-- Why it matters: One host looks full while it is not, the other is given more VMs than it can
--   carry. The usual origin is a host changed by SQL, or a move that broke off.
-- When it is wrong: During moves and until an evacuated host is back both ends hold resources; such
--   VMs are not reported.
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
anti join vm.moves as m
    on m.uuid = v.uuid
    and (h.node in (m.source_node, m.dest_node) or h.host in (m.source_compute, m.dest_compute))
anti join host.holdings as own
    on own.consumer = v.uuid
    and own.node = v.node
where not v.hidden
