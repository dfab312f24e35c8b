-- code: NOV012
-- name: compute-node-without-service
-- title: Compute node {node} belongs to host {host}, which has no nova-compute service
-- kind: orphan
-- severity: blocks
-- found_in: nova.compute_nodes@cell
-- absent_from: nova.services@cell
-- remedy: remove-compute-node
-- What it finds: A live row of compute_nodes whose host has no nova-compute service left.
-- Why it matters: `hypervisor list` fails or shows a ghost, and its resource provider still offers
--   room that nobody can use. A new service on the same machine collides with it.
-- When it is wrong: In the second between the two rows when a new host starts for the first time.
select
    n.uuid as compute_node,
    n.cell,
    n.host,
    n.hypervisor_hostname as node,
    n.updated_at as last_reported,
    greatest(n.created_at, n.updated_at) as changed_at
from nova.compute_nodes as n
anti join nova.services as s
    on s.cell = n.cell
    and s.host = n.host
    and s."binary" = 'nova-compute'
    and s.deleted = 0
where
    n.deleted = 0
    and n.host is not null
