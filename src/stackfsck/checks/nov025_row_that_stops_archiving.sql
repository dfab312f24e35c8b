-- code: NOV025
-- name: row-that-stops-archiving
-- title: {row_count} rows of {child} keep deleted VM {vm} in {cell} from being archived
-- kind: orphan
-- severity: blocks
-- found_in: nova.strays@cell, nova.instances@cell
-- absent_from: -
-- remedy: remove-children
-- What it finds: Rows of share_mapping, fixed_ips or consoles that refer to a deleted VM.
-- Why it matters: `nova-manage db archive_deleted_rows` moves VMs in batches; one such row makes the
--   foreign key refuse the whole batch, every time. It stops the archiving of its cell for good,
--   and nova-manage may even report success.
-- When it is wrong: A share that is still mounted on the host is unmounted first, then the row goes.
select
    s.instance || '/' || s.child as record,
    s.instance as vm,
    s.cell,
    i.host,
    s.child,
    s."rows" as row_count,
    greatest(i.updated_at, i.deleted_at) as changed_at
from nova.strays as s
inner join nova.instances as i
    on i.cell = s.cell
    and i.uuid = s.instance
    and i.deleted <> 0
where
    s.why = 'parent deleted'
    and s.child in ('consoles', 'fixed_ips', 'share_mapping')
