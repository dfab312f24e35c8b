-- code: LIB011
-- name: resize-directory-left
-- title: Directory {path} on {host} is of a move of VM {vm} that is over
-- kind: orphan
-- severity: leaks
-- found_in: host.instance_dirs@host
-- absent_from: nova.migrations
-- remedy: quarantine-directory
-- What it finds: A directory <uuid>_resize of a VM that has no unfinished move.
-- Why it matters: It holds the VM's disks as they were before the move: space, and a stale copy that
--   looks like the real one. A new resize to this host fails because of it.
-- When it is wrong: A resize that waits for confirmation needs it however old it is; such a VM is not
--   reported.
select
    i.path,
    i.uuid as vm,
    i.host,
    i.files,
    i.shared,
    i.changed_at
from host.instance_dirs as i
anti join vm.moves as m
    on m.uuid = i.uuid
where
    i.uuid is not null
    and i.suffix = '_resize'
