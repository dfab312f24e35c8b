-- code: NOV007
-- name: vm-without-host
-- title: VM {instance} ({name}) is {vm_state}, but nova knows no host of it
-- kind: contradiction
-- severity: blocks
-- found_in: nova.instances@cell, libvirt.domains
-- absent_from: -
-- remedy: set-host
-- What it finds: A VM in a state that needs a host, whose column host is empty.
-- Why it matters: No request reaches it, no periodic job sees it, and a delete only removes rows: a
--   domain that still runs (see `found_on`) would be left behind without a record.
-- When it is wrong: VMs being built, failed to build, or shelved and offloaded rightly have no
--   host; they are not reported.
select
    v.uuid as instance,
    v.uuid as vm,
    v.cell,
    v.display_name as name,
    v.vm_state,
    d.hosts as found_on,
    v.updated_at as changed_at
from vm.live as v
left join (
    select
        o.uuid,
        string_agg(o.host, ', ' order by o.host) as hosts
    from libvirt.domains as o
    group by o.uuid
) as d
    on d.uuid = v.uuid
where
    v.host is null
    and not v.hidden
    and v.vm_state in ('active', 'paused', 'rescued', 'resized', 'shelved', 'stopped', 'suspended')
