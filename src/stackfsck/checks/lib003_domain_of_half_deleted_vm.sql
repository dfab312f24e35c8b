-- code: LIB003
-- name: domain-of-half-deleted-vm
-- title: Domain {name} of VM {vm} is {state} on {host}, though its row says deleted={deleted}
-- kind: ghost
-- severity: corrupts
-- found_in: libvirt.domains@host
-- absent_from: nova.instances, nova_api.build_requests
-- remedy: remove-domain
-- What it finds: A domain of a VM that was deleted by hand: its row holds neither 0 nor its own
--   number in the column deleted.
-- Why it matters: The VM is invisible in the API and nova's cleaner does not recognise it, because
--   that asks for deleted = id. It runs for ever, with disks and addresses that nova thinks free.
-- When it is wrong: If the VM is still wanted, the row is wrong and not the domain: set deleted back
--   to 0 instead of removing the domain.
select
    d.host || '/' || d.uuid as domain,
    d.uuid as vm,
    d.host,
    d.name,
    d.state,
    i.cell,
    i.id,
    coalesce(i.deleted::varchar, 'null') as deleted,
    i.host as last_host,
    greatest(i.updated_at, i.deleted_at) as changed_at
from libvirt.domains as d
inner join nova.instances as i
    on i.uuid = d.uuid
    and (i.deleted is null or i.deleted not in (0, i.id))
anti join vm.alive as a
    on a.uuid = d.uuid
