-- code: NOV010
-- name: vm-on-unknown-host
-- title: VM {instance} ({name}) is on {host}, which has no nova-compute service in {cell}
-- kind: orphan
-- severity: blocks
-- found_in: nova.instances@cell
-- absent_from: nova.services@cell
-- remedy: evacuate-or-delete
-- What it finds: A live VM whose host has no nova-compute service that is not deleted.
-- Why it matters: The host was renamed, or removed while it still had VMs. No request to the VM is
--   ever answered; deleting it only removes rows.
-- When it is wrong: If the host was renamed, the VM may run well under the new name: correct the
--   name in nova.conf rather than the row.
select
    v.uuid as instance,
    v.uuid as vm,
    v.cell,
    v.host,
    v.display_name as name,
    v.vm_state,
    v.updated_at as changed_at
from vm.live as v
anti join nova.services as s
    on s.cell = v.cell
    and s.host = v.host
    and s."binary" = 'nova-compute'
    and s.deleted = 0
where
    v.host is not null
    and not v.hidden
