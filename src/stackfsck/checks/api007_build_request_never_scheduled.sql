-- code: API007
-- name: build-request-never-scheduled
-- title: VM {instance} was asked for at {since} and never reached a cell
-- kind: stuck
-- severity: leaks
-- found_in: nova_api.build_requests
-- absent_from: nova.instances
-- in_transit: judged
-- remedy: remove-build-request
-- What it finds: An old build request for a VM that no cell has.
-- Why it matters: The message to the conductor was lost. The user sees BUILD for ever, the quota is
--   used, and volumes of the request stay reserved.
-- When it is wrong: Only if the message queue itself has been down all that time.
select
    b.instance_uuid as instance,
    b.instance_uuid as vm,
    b.project_id,
    coalesce(b.updated_at, b.created_at) as since
from nova_api.build_requests as b
cross join run.clock as k
anti join nova.instances as i
    on i.uuid = b.instance_uuid
where
    b.instance_uuid is not null
    and coalesce(b.updated_at, b.created_at) < k.stuck_before
