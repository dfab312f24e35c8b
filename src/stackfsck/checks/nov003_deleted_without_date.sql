-- code: NOV003
-- name: deleted-without-date
-- title: VM {instance} is deleted, but no date of deletion is written
-- kind: contradiction
-- severity: clutters
-- found_in: nova.instances@cell
-- absent_from: -
-- remedy: finish-deletion
-- What it finds: A deleted row of instances with an empty deleted_at.
-- Why it matters: `archive_deleted_rows --before` and `db purge --before` select by that date, so
--   the row stays for good. It also shows that somebody deleted by SQL: look for the VM's domain.
-- When it is wrong: Never seen; nova writes both columns in one statement.
select
    uuid as instance,
    uuid as vm,
    cell,
    host,
    id,
    vm_state,
    updated_at as changed_at
from nova.instances
where
    deleted <> 0
    and deleted_at is null
