-- code: API011
-- name: host-without-mapping
-- title: Host {host} in {cell} is mapped to no cell, so nothing is scheduled to it
-- kind: contradiction
-- severity: blocks
-- found_in: nova.services@cell
-- absent_from: nova_api.host_mappings
-- remedy: discover-hosts
-- What it finds: A nova-compute service of more than an hour's age without a row in host_mappings.
-- Why it matters: The scheduler never chooses the host, and requests to VMs on it fail. The cure is
--   `nova-manage cell_v2 discover_hosts`.
-- When it is wrong: Some sites keep new hosts out of the cell on purpose until they are tested.
select
    s.host as unmapped_host,
    s.cell,
    s.host,
    s.created_at
from nova.services as s
cross join run.clock as k
anti join nova_api.host_mappings as h
    on h.host = s.host
where
    s."binary" = 'nova-compute'
    and s.deleted = 0
    and coalesce(s.created_at, timestamp '1970-01-01') < k.now - interval 1 hour
