-- code: LIB010
-- name: directory-of-dead-vm
-- title: Directory {path} on {host} belongs to no VM
-- kind: orphan
-- severity: leaks
-- found_in: host.instance_dirs@host
-- absent_from: nova.instances, nova_api.build_requests, libvirt.domains@host
-- remedy: quarantine-directory
-- What it finds: An instance directory whose VM is in no cell alive, is not being built, and has no
--   domain on the host. A VM deleted within the last hour is left to nova.
-- Why it matters: The disk space is lost; with `files` greater than nothing it may be all of a
--   user's data that is left, so it is put aside and never deleted at once.
-- When it is wrong: A directory shared by two clouds (the same NFS export) holds the other cloud's
--   VMs too.
select
    i.path,
    i.uuid as vm,
    i.host,
    x.deleted_at,
    x.cleaned,
    i.files,
    i.shared,
    i.changed_at
from host.instance_dirs as i
left join vm.dead as x
    on x.uuid = i.uuid
cross join run.clock as k
anti join vm.alive as a
    on a.uuid = i.uuid
anti join libvirt.domains as d
    on d.host = i.host
    and d.uuid = i.uuid
where
    i.uuid is not null
    and coalesce(i.suffix, '') = ''
    and coalesce(x.deleted_at, timestamp '1970-01-01') < k.now - interval 1 hour
