-- code: PLC010
-- name: allocation-without-provider
-- title: Allocation of {consumer} is on provider number {provider_id}, which does not exist
-- kind: orphan
-- severity: blocks
-- found_in: placement.allocations
-- absent_from: placement.resource_providers
-- remedy: release-allocation
-- What it finds: Allocations whose resource provider has no row. Placement declares no foreign key
--   here, so a provider deleted by SQL leaves them.
-- Why it matters: Listing or changing the consumer's allocations fails, and with it every move or
--   resize of a live VM that has one.
-- When it is wrong: Not known.
select
    a.consumer_id || '/' || a.resource_provider_id as holding,
    a.consumer_id as consumer,
    a.consumer_id as vm,
    a.resource_provider_id as provider_id,
    max(greatest(a.created_at, a.updated_at)) as changed_at
from placement.allocations as a
anti join placement.resource_providers as p
    on p.id = a.resource_provider_id
group by a.consumer_id, a.resource_provider_id
