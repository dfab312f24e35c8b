-- code: LIB007
-- name: domain-left-behind
-- title: Domain {name} of VM {vm} was left on {host}; the VM is on {lives_on}
-- kind: stray
-- severity: corrupts
-- found_in: libvirt.domains
-- absent_from: nova.instances, nova.migrations
-- remedy: remove-domain
-- What it finds: A second, stopped domain of a VM on a host that is not the VM's and takes part in no
--   move of it.
-- Why it matters: Anything that starts it (autostart, an operator, a restarted nova-compute) makes
--   two copies write to one disk.
-- When it is wrong: The source of a resize that waits for confirmation keeps its domain rightly; it
--   is not reported.
select
    d.host || '/' || d.uuid as domain,
    d.uuid as vm,
    v.cell,
    d.host,
    d.name,
    d.state,
    v.host as lives_on,
    v.updated_at as changed_at
from libvirt.domains as d
inner join vm.live as v
    on v.uuid = d.uuid
    and v.host <> d.host
semi join libvirt.domains as own
    on own.uuid = d.uuid
    and own.host = v.host
anti join vm.places as p
    on p.uuid = d.uuid
    and p.host = d.host
where
    d.state <> 'running'
    and not v.hidden
