-- code: NOV017
-- name: live-child-of-deleted-vm
-- title: VM {instance} is deleted, but {row_count} of its rows in {tables} are alive
-- kind: contradiction
-- severity: clutters
-- found_in: nova.strays@cell, nova.instances@cell
-- absent_from: -
-- remedy: remove-children
-- What it finds: Rows of a deleted VM that nova would have marked as deleted together with it.
-- Why it matters: The deletion was done by hand or broke off. Live block devices make cinder refuse
--   to detach the volume, and old releases cannot archive the VM.
-- When it is wrong: Actions and their events stay alive on purpose, and so do usage records; they
--   are not reported.
select
    s.instance,
    s.instance as vm,
    s.cell,
    min(i.host) as host,
    sum(s."rows")::bigint as row_count,
    string_agg(s.child, ', ' order by s.child) as tables,
    max(greatest(i.updated_at, i.deleted_at)) as changed_at
from nova.strays as s
inner join nova.instances as i
    on i.cell = s.cell
    and i.uuid = s.instance
    and i.deleted <> 0
where
    s.why = 'parent deleted'
    and s.child in (
        'block_device_mapping', 'instance_extra', 'instance_faults', 'instance_info_caches',
        'instance_metadata', 'instance_system_metadata', 'migrations',
        'security_group_instance_association', 'virtual_interfaces'
    )
group by s.instance, s.cell
