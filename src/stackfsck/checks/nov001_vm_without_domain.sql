-- code: NOV001
-- name: vm-without-domain
-- title: VM {instance} ({name}) is {vm_state} on {host}, where libvirt has no such domain
-- kind: zombie
-- severity: blocks
-- found_in: nova.instances@cell, host.facts@host
-- absent_from: libvirt.domains
-- remedy: delete-zombie
-- What it finds: A VM that nova calls alive on a libvirt host, while neither that host nor any
--   other has a domain with its UUID.
-- Why it matters: The user pays for a VM that does not run and cannot be started, and deleting it
--   may fail half-way. Its disk may still be there: a hard reboot defines the domain again.
-- When it is wrong: A host that stackfsck does not reach may run the VM; then the finding is only
--   suspected. Somebody may also be redefining the domain by hand at this moment.
select
    v.uuid as instance,
    v.uuid as vm,
    v.cell,
    v.host,
    v.display_name as name,
    v.vm_state,
    v.updated_at as changed_at
from vm.live as v
inner join host.facts as f
    on f.host = v.host and f.libvirt
anti join libvirt.domains as d
    on d.uuid = v.uuid
where
    not v.hidden
    and v.vm_state in (
        'active', 'paused', 'rescued', 'resized', 'shelved', 'soft-delete', 'stopped', 'suspended'
    )
