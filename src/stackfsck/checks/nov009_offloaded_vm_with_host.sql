-- code: NOV009
-- name: offloaded-vm-with-host
-- title: VM {instance} ({name}) is shelved and offloaded, but nova still has it on {host}
-- kind: contradiction
-- severity: blocks
-- found_in: nova.instances@cell
-- absent_from: -
-- remedy: finish-offload
-- What it finds: A VM in the state shelved_offloaded whose host is not empty.
-- Why it matters: Unshelving schedules it anew while the old host still believes to own it; what
--   the host keeps of it is counted for ever.
-- When it is wrong: While it is being unshelved a host is set, and then its task says so.
select
    uuid as instance,
    uuid as vm,
    cell,
    host,
    display_name as name,
    updated_at as changed_at
from vm.live
where
    vm_state = 'shelved_offloaded'
    and host is not null
    and not hidden
