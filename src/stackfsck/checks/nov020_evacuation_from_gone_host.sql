-- code: NOV020
-- name: evacuation-from-gone-host
-- title: The evacuation of VM {vm} from {source} waits for a host that nova no longer has
-- kind: stuck
-- severity: leaks
-- found_in: nova.migrations@cell, nova.instances
-- absent_from: nova.services
-- in_transit: judged
-- remedy: end-evacuation
-- What it finds: An evacuation that only nova-compute on the old host could complete, while that
--   host has no nova-compute service any more.
-- Why it matters: The old host's share of the allocation is never given back, and its resource
--   provider cannot be deleted.
-- When it is wrong: If the old machine is to return under its name, leave it: at its start it
--   cleans up and completes the move. Make sure that it is really switched off.
select
    coalesce(m.uuid::varchar, m.cell || '/' || m.id) as migration,
    m.instance_uuid as vm,
    m.cell,
    m.source_compute as source,
    v.host as destination,
    m.status,
    coalesce(m.updated_at, m.created_at) as since
from nova.migrations as m
inner join vm.live as v
    on v.uuid = m.instance_uuid
    and v.host <> m.source_compute
cross join run.clock as k
anti join nova.services as s
    on s.host = m.source_compute
    and s."binary" = 'nova-compute'
    and s.deleted = 0
where
    m.deleted = 0
    and m.migration_type = 'evacuation'
    and m.status in ('accepted', 'pre-migrating', 'done')
    and coalesce(m.updated_at, m.created_at) < k.stuck_before
