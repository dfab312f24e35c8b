-- code: LIB015
-- name: vtpm-of-dead-vm
-- title: Virtual TPM {path} on {host} belongs to no VM
-- kind: orphan
-- severity: clutters
-- found_in: host.vm_files@host
-- absent_from: nova.instances, nova_api.build_requests, libvirt.domains@host
-- remedy: quarantine-file
-- What it finds: The directory of a virtual TPM of a VM that no cell has alive and whose domain the
--   host does not have.
-- Why it matters: It holds the keys of an encrypted guest: harmless clutter if the VM is gone, and
--   the only way to its data if it is not. It is put aside, never deleted at once.
-- When it is wrong: If the VM's disk was kept on purpose, keep this with it.
select
    f.path,
    f.uuid as vm,
    f.host,
    f.changed_at
from host.vm_files as f
anti join vm.alive as a
    on a.uuid = f.uuid
anti join libvirt.domains as d
    on d.host = f.host
    and d.uuid = f.uuid
where
    f.kind = 'swtpm'
    and f.uuid is not null
