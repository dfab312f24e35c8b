-- code: NOV016
-- name: child-without-parent
-- title: {row_count} rows in {tables} of {cell} belong to VM {instance}, which has no row there
-- kind: orphan
-- severity: clutters
-- found_in: nova.strays@cell
-- absent_from: nova.instances@cell
-- remedy: remove-children
-- What it finds: Rows that refer to a VM by UUID in a cell whose instances table has no such VM,
--   alive or deleted. Foreign keys forbid that: somebody switched them off.
-- Why it matters: Archiving walks from parents to children and never meets them; an upgrade or a
--   restore that checks foreign keys stops at them.
-- When it is wrong: Not known; both sides are asked for inside one transaction of one database.
select
    s.instance,
    s.instance as vm,
    s.cell,
    sum(s."rows")::bigint as row_count,
    string_agg(s.child, ', ' order by s.child) as tables
from nova.strays as s
anti join nova.instances as i
    on i.cell = s.cell
    and i.uuid = s.instance
where
    s.why = 'no parent'
    and s.child not in (
        'console_auth_tokens', 'instance_id_mappings', 'pci_devices', 'volume_usage_cache'
    )
group by s.instance, s.cell
