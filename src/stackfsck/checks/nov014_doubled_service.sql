-- code: NOV014
-- name: doubled-service
-- title: Host {service_host} has {count} nova-compute services, in {cells}
-- kind: contradiction
-- severity: blocks
-- found_in: nova.services
-- absent_from: -
-- remedy: remove-service
-- What it finds: One host name with more than one live nova-compute service, in one cell or several.
-- Why it matters: The host mapping can point to one cell only; VMs in the other are out of reach,
--   and messages for the host may go to the wrong one.
-- When it is wrong: Two different machines with the same name in two cells look the same; nova
--   forbids that as well.
select
    host as service_host,
    count(*) as count,
    string_agg(cell, ', ' order by cell, id) as cells,
    string_agg(uuid::varchar, ', ' order by cell, id) as services,
    max(created_at) as changed_at
from nova.services
where
    deleted = 0
    and "binary" = 'nova-compute'
group by host
having count(*) > 1
