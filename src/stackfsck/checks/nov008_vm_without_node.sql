-- code: NOV008
-- name: vm-without-node
-- title: VM {instance} ({name}) is on host {host}, but nova knows no hypervisor of it
-- kind: contradiction
-- severity: leaks
-- found_in: nova.instances@cell
-- absent_from: -
-- remedy: set-host
-- What it finds: A settled VM with a host and an empty node.
-- Why it matters: The resource tracker selects by host and node, so the VM is counted nowhere, its
--   allocation is not healed, and the scheduler fills its place a second time.
-- When it is wrong: Not known; nova writes both columns together.
select
    uuid as instance,
    uuid as vm,
    cell,
    host,
    display_name as name,
    vm_state,
    updated_at as changed_at
from vm.live
where
    host is not null
    and node is null
    and not hidden
    and vm_state in (
        'active', 'paused', 'rescued', 'resized', 'shelved', 'soft-delete', 'stopped', 'suspended'
    )
