-- code: NOV013
-- name: doubled-compute-node
-- title: Hypervisor {node} has {count} live compute nodes, on {hosts}
-- kind: contradiction
-- severity: blocks
-- found_in: nova.compute_nodes
-- absent_from: -
-- remedy: remove-compute-node
-- What it finds: One hypervisor hostname with more than one live row in compute_nodes.
-- Why it matters: Placement allows one provider of a name, so one of the two services cannot
--   report its resources (409 in its log) and gets no VMs, or both count the same VMs.
-- When it is wrong: Ironic moves nodes between services; for some seconds a node may be on both.
select
    hypervisor_hostname as node,
    count(*) as count,
    string_agg(cell || ':' || host, ', ' order by cell, host) as hosts,
    string_agg(uuid::varchar, ', ' order by cell, host) as compute_nodes,
    max(created_at) as changed_at
from nova.compute_nodes
where
    deleted = 0
    and hypervisor_hostname is not null
group by hypervisor_hostname
having count(*) > 1
