-- code: PLC006
-- name: provider-without-compute-node
-- title: Provider {provider} was a compute node's, but no cell has that compute node any more
-- kind: orphan
-- severity: blocks
-- found_in: placement.resource_providers, placement.resource_provider_traits, placement.traits,
--   placement.allocations
-- absent_from: nova.compute_nodes
-- remedy: remove-provider
-- What it finds: A top-level resource provider with nova's marks (a deleted compute node of its
--   UUID, or a COMPUTE_ trait) without a live compute node.
-- Why it matters: The scheduler keeps choosing it and builds fail with "no valid host"; a new node
--   of the same name cannot register.
-- When it is wrong: A bare-metal node that is being moved between services may be without compute
--   node for a moment. Providers of shared storage or of other services are not reported.
select
    p.uuid as resource_provider,
    p.name as provider,
    (
        select count(distinct a.consumer_id)
        from placement.allocations as a
        where a.resource_provider_id = p.id
    ) as consumers,
    greatest(p.created_at, p.updated_at) as changed_at
from placement.resource_providers as p
anti join nova.compute_nodes as own
    on own.uuid = p.uuid
    and own.deleted = 0
anti join nova.compute_nodes as namesake
    on namesake.hypervisor_hostname = p.name
    and namesake.deleted = 0
where
    coalesce(p.root_provider_id, p.id) = p.id
    and (
        p.uuid in (select uuid from nova.compute_nodes where deleted <> 0)
        or p.id in (
            select pt.resource_provider_id
            from placement.resource_provider_traits as pt
            inner join placement.traits as t
                on t.id = pt.trait_id
            where t.name like 'COMPUTE\_%' escape '\'
        )
    )
