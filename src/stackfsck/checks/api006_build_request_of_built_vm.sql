-- code: API006
-- name: build-request-of-built-vm
-- title: VM {instance} was built, but its build request of {since} is still there
-- kind: orphan
-- severity: blocks
-- found_in: nova_api.build_requests, nova.instances
-- absent_from: -
-- in_transit: judged
-- remedy: remove-build-request
-- What it finds: A build request of more than an hour ago for a VM that a cell has, on a host or
--   past building.
-- Why it matters: The API prefers the request: it shows the VM as being built for ever, may list it
--   twice, and a delete may remove only the request.
-- When it is wrong: A scheduler that has been stuck for an hour may still finish; look at its log.
select
    b.instance_uuid as instance,
    b.instance_uuid as vm,
    b.project_id,
    coalesce(b.updated_at, b.created_at) as since
from nova_api.build_requests as b
cross join run.clock as k
semi join nova.instances as i
    on i.uuid = b.instance_uuid
    and (i.deleted <> 0 or i.host is not null or i.vm_state <> 'building')
where coalesce(b.updated_at, b.created_at) < k.now - interval 1 hour
