-- code: PLC008
-- name: compute-node-without-provider
-- title: Compute node {node} on {host} has no resource provider, so nothing is scheduled to it
-- kind: contradiction
-- severity: blocks
-- found_in: nova.compute_nodes@cell, nova.services@cell
-- absent_from: placement.resource_providers
-- remedy: restart-compute
-- What it finds: A compute node of more than an hour's age with a live service, of which placement
--   has neither the UUID nor the name.
-- Why it matters: The host is never chosen, and its VMs have no allocation. A running nova-compute
--   writes the provider within a minute, so it cannot reach placement, or is down.
-- When it is wrong: If stackfsck reads the wrong placement database every node is reported.
select
    n.uuid as compute_node,
    n.cell,
    n.host,
    n.hypervisor_hostname as node,
    n.created_at
from nova.compute_nodes as n
cross join run.clock as k
semi join nova.services as s
    on s.cell = n.cell
    and s.host = n.host
    and s."binary" = 'nova-compute'
    and s.deleted = 0
anti join placement.resource_providers as own
    on own.uuid = n.uuid
anti join placement.resource_providers as namesake
    on namesake.name = n.hypervisor_hostname
where
    n.deleted = 0
    and coalesce(n.created_at, timestamp '1970-01-01') < k.now - interval 1 hour
