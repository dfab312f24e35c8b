-- code: LIB008
-- name: domain-of-offloaded-vm
-- title: Domain {name} is {state} on {host}, though VM {vm} is shelved and offloaded
-- kind: stray
-- severity: corrupts
-- found_in: libvirt.domains@host
-- absent_from: nova.instances, nova.migrations
-- remedy: remove-domain
-- What it finds: A domain of a VM that nova has taken off every host.
-- Why it matters: When the VM is unshelved somewhere else, two copies share its volumes and
--   addresses.
-- When it is wrong: While it is being unshelved the domain comes before the state changes; the VM's
--   task says so then.
select
    d.host || '/' || d.uuid as domain,
    d.uuid as vm,
    v.cell,
    d.host,
    d.name,
    d.state,
    v.updated_at as changed_at
from libvirt.domains as d
inner join vm.live as v
    on v.uuid = d.uuid
anti join vm.places as p
    on p.uuid = d.uuid
    and p.host = d.host
where
    v.vm_state = 'shelved_offloaded'
    and v.host is null
    and not v.hidden
