-- code: API010
-- name: host-mapping-without-host
-- title: Host {mapped_host} is mapped to {mapped_to}, but no cell has a nova-compute of that name
-- kind: orphan
-- severity: clutters
-- found_in: nova_api.host_mappings, nova_api.cell_mappings
-- absent_from: nova.services
-- remedy: remove-host-mapping
-- What it finds: A row of host_mappings whose host has no live nova-compute service in any cell.
-- Why it matters: The host cannot be added to another cell, and requests for it are sent where
--   nobody listens. `nova-manage cell_v2 delete_host` removes it.
-- When it is wrong: A host that is being reinstalled under the same name will want it back.
select
    h.host as mapped_host,
    coalesce(nullif(c.name, ''), c.uuid::varchar) as mapped_to,
    greatest(h.created_at, h.updated_at) as changed_at
from nova_api.host_mappings as h
left join nova_api.cell_mappings as c
    on c.id = h.cell_id
anti join nova.services as s
    on s.host = h.host
    and s."binary" = 'nova-compute'
    and s.deleted = 0
