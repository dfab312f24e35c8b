-- code: API005
-- name: request-spec-without-vm
-- title: A request spec is kept for VM {instance}, which no cell has
-- kind: orphan
-- severity: clutters
-- found_in: nova_api.request_specs
-- absent_from: nova.instances, nova_api.build_requests
-- remedy: remove-request-spec
-- What it finds: A row of request_specs whose VM has no row in any cell, alive or deleted, and no
--   build request.
-- Why it matters: Noise that slows online migrations; it also betrays a VM that was removed by hand
--   or whose archiving broke off.
-- When it is wrong: Not known.
select
    r.instance_uuid as instance,
    r.instance_uuid as vm,
    r.id as request_spec,
    greatest(r.created_at, r.updated_at) as changed_at
from nova_api.request_specs as r
anti join nova.instances as i
    on i.uuid = r.instance_uuid
anti join nova_api.build_requests as b
    on b.instance_uuid = r.instance_uuid
where r.instance_uuid is not null
