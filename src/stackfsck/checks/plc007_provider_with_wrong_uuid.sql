-- code: PLC007
-- name: provider-with-wrong-uuid
-- title: Provider {provider} has the name of compute node {expected}, but another UUID
-- kind: contradiction
-- severity: blocks
-- found_in: placement.resource_providers
-- absent_from: nova.compute_nodes
-- remedy: remove-provider
-- What it finds: A top-level provider with a live compute node's hostname and a UUID that is no live
--   compute node's.
-- Why it matters: Names are unique in placement, so nova-compute is refused (409) at every report:
--   the host offers nothing and gets no VMs. The host was renamed or reinstalled, or its compute
--   node was made anew.
-- When it is wrong: Not known. Find out which UUID the host's compute_id file holds before you act.
select
    p.uuid as resource_provider,
    p.name as provider,
    n.uuid as expected,
    n.cell,
    n.host,
    greatest(p.created_at, n.created_at) as changed_at
from placement.resource_providers as p
inner join nova.compute_nodes as n
    on n.hypervisor_hostname = p.name
    and n.uuid <> p.uuid
    and n.deleted = 0
anti join nova.compute_nodes as own
    on own.uuid = p.uuid
    and own.deleted = 0
where coalesce(p.root_provider_id, p.id) = p.id
