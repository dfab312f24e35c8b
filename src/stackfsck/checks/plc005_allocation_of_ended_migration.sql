-- code: PLC005
-- name: allocation-of-ended-migration
-- title: Migration {migration} of VM {vm} is {status}, but still holds resources of {provider}
-- kind: leak
-- severity: leaks
-- found_in: placement.allocations, placement.resource_providers, nova.compute_nodes
-- absent_from: nova.migrations
-- remedy: release-allocation
-- What it finds: An allocation in the name of a migration that ended more than an hour ago.
-- Why it matters: The source (or destination) of the move keeps the room of a VM that is not there,
--   for good: nova drops it only at the end of the move, and that moment has passed.
-- When it is wrong: A resize that waits for confirmation holds its source rightly; it is not ended
--   and not reported.
select
    m.uuid as migration,
    m.instance_uuid as vm,
    m.cell,
    m.status,
    m.migration_type,
    string_agg(h.node, ', ' order by h.node) as provider,
    coalesce(m.updated_at, m.created_at) as ended
from host.holdings as h
inner join nova.migrations as m
    on m.uuid = h.consumer
cross join run.clock as k
anti join vm.moves as x
    on x.migration = m.uuid
where
    m.status in ('confirmed', 'reverted', 'error', 'failed', 'completed', 'cancelled', 'done')
    and coalesce(m.updated_at, m.created_at) < k.now - interval 1 hour
group by all
