-- code: LIB012
-- name: del-directory-left
-- title: Directory {path} on {host} was being deleted and is still there
-- kind: stuck
-- severity: leaks
-- found_in: host.instance_dirs@host
-- absent_from: -
-- remedy: quarantine-directory
-- What it finds: A directory <uuid>_del that has not changed for an hour.
-- Why it matters: Nova renames a directory like this right before it removes it; a disk error, a
--   busy file or a restart stopped it, and after five tries nova gives up. The space is lost.
-- When it is wrong: Removing very large directories on slow shared storage may take long.
select
    i.path,
    i.uuid as vm,
    i.host,
    i.files,
    i.shared,
    i.changed_at
from host.instance_dirs as i
cross join run.clock as k
where
    i.uuid is not null
    and i.suffix = '_del'
    and coalesce(i.changed_at, timestamp '1970-01-01') < k.now - interval 1 hour
