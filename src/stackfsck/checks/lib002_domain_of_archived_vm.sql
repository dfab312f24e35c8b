-- code: LIB002
-- name: domain-of-archived-vm
-- title: Domain {name} of VM {vm} is {state} on {host}, though nova has archived the VM
-- kind: ghost
-- severity: corrupts
-- found_in: libvirt.domains@host, nova.shadow_instances
-- absent_from: nova.instances, nova_api.build_requests
-- remedy: remove-domain
-- What it finds: A domain of a VM whose row went to the shadow tables.
-- Why it matters: Nova looks for leftover domains in the table instances only, so it will never
--   remove this one. It runs with addresses and volumes that may belong to others by now.
-- When it is wrong: Not known; the archive proves that nova had deleted the VM.
select
    d.host || '/' || d.uuid as domain,
    d.uuid as vm,
    d.host,
    d.name,
    d.state,
    max(s.deleted_at) as deleted_at,
    string_agg(distinct s.cell, ', ' order by s.cell) as archived_in,
    max(d.nova_created) as created
from libvirt.domains as d
inner join nova.shadow_instances as s
    on s.uuid = d.uuid
anti join nova.instances as i
    on i.uuid = d.uuid
anti join nova_api.build_requests as b
    on b.instance_uuid = d.uuid
group by d.host, d.uuid, d.name, d.state
