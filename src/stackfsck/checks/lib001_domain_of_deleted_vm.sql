-- code: LIB001
-- name: domain-of-deleted-vm
-- title: Domain {name} of VM {vm} is {state} on {host}, though nova deleted the VM at {deleted_at}
-- kind: ghost
-- severity: corrupts
-- found_in: libvirt.domains@host
-- absent_from: nova.instances, nova_api.build_requests
-- remedy: remove-domain
-- What it finds: A domain of a VM that nova deleted properly more than an hour ago.
-- Why it matters: A deleted VM that runs still answers on its addresses and writes to its volumes,
--   both of which nova has given back and may have handed to somebody else.
-- When it is wrong: nova-compute looks for such domains every half hour and destroys them, unless
--   `running_deleted_instance_action` says otherwise. Do not archive the row before the domain is
--   gone: afterwards nova never recognises it.
select
    d.host || '/' || d.uuid as domain,
    d.uuid as vm,
    d.host,
    d.name,
    d.state,
    x.cell,
    x.host as last_host,
    x.deleted_at
from libvirt.domains as d
inner join vm.dead as x
    on x.uuid = d.uuid
cross join run.clock as k
semi join nova.instances as i
    on i.uuid = d.uuid
    and i.deleted = i.id
where coalesce(x.deleted_at, timestamp '1970-01-01') < k.now - interval 1 hour
