-- code: LIB013
-- name: directory-on-wrong-host
-- title: Directory {path} on {host} is of VM {vm}, which lives on {lives_on}
-- kind: stray
-- severity: leaks
-- found_in: host.instance_dirs@host
-- absent_from: nova.instances, nova.migrations, libvirt.domains@host
-- remedy: quarantine-directory
-- What it finds: An instance directory on local storage of a host that neither runs the VM nor takes
--   part in a move of it, and has no domain of it.
-- Why it matters: Space is lost, and a later move of the VM to this host fails or picks up old
--   disks.
-- When it is wrong: If the host's storage is shared and stackfsck did not see that, the directory is
--   the living one: compare `store` with the VM's own host.
select
    i.path,
    i.uuid as vm,
    v.cell,
    i.host,
    coalesce(v.host, 'no host') as lives_on,
    v.vm_state,
    i.files,
    i.store,
    i.changed_at
from host.instance_dirs as i
inner join vm.live as v
    on v.uuid = i.uuid
anti join vm.places as p
    on p.uuid = i.uuid
    and p.host = i.host
anti join libvirt.domains as d
    on d.host = i.host
    and d.uuid = i.uuid
where
    coalesce(i.suffix, '') = ''
    and i.shared = false
    and not v.hidden
    and (v.host is not null or v.vm_state = 'shelved_offloaded')
