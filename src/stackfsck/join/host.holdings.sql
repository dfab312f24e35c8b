-- One row per consumer and compute node in whose provider tree it holds anything. Providers that
-- are nobody's compute node (shared storage, other services) are left out.
select
    a.consumer_id as consumer,
    n.uuid as provider,
    n.hypervisor_hostname as node,
    n.host,
    n.cell,
    max(greatest(a.created_at, a.updated_at)) as changed_at
from placement.allocations as a
inner join placement.resource_providers as p
    on p.id = a.resource_provider_id
inner join placement.resource_providers as r
    on r.id = coalesce(p.root_provider_id, p.id)
inner join nova.compute_nodes as n
    on n.uuid = r.uuid
group by a.consumer_id, n.uuid, n.hypervisor_hostname, n.host, n.cell
