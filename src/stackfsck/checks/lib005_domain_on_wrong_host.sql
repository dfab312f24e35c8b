-- code: LIB005
-- name: domain-on-wrong-host
-- title: VM {vm} ({name}) is {state} on {found_on}, though nova has it on {host}
-- kind: stray
-- severity: blocks
-- found_in: libvirt.domains
-- absent_from: libvirt.domains@host, nova.instances, nova.migrations
-- remedy: set-host
-- What it finds: A VM whose domain is on a host other than the one in its row, where there is none
--   or only one that does not run.
-- Why it matters: Every request goes to the wrong host and fails; a hard reboot or evacuation would
--   start a second copy on the same disks.
-- When it is wrong: While a VM moves both hosts may have it; such VMs are not reported. If the row
--   was edited by hand, look which of the two hosts has the newer disk.
select
    d.host || '/' || d.uuid as domain,
    v.uuid as vm,
    v.cell,
    v.host,
    v.display_name as name,
    d.host as found_on,
    d.state,
    v.updated_at as changed_at
from libvirt.domains as d
inner join vm.live as v
    on v.uuid = d.uuid
    and v.host <> d.host
anti join vm.places as p
    on p.uuid = d.uuid
    and p.host = d.host
anti join libvirt.domains as own
    on own.uuid = d.uuid
    and own.host = v.host
    and (own.state = 'running' or d.state <> 'running')
where not v.hidden
