-- One row per VM of which only deleted rows are left, told from the newest of them.
select
    i.uuid,
    arg_max(
        i.cell,
        coalesce(i.deleted_at, i.updated_at, i.created_at, timestamp '1970-01-01')
    ) as cell,
    arg_max(
        i.host,
        coalesce(i.deleted_at, i.updated_at, i.created_at, timestamp '1970-01-01')
    ) as host,
    max(i.deleted_at) as deleted_at,
    bool_and(coalesce(i.cleaned, 0) <> 0) as cleaned,
    any_value(i.vm_state) as vm_state
from nova.instances as i
anti join vm.alive as a
    on a.uuid = i.uuid
where i.deleted <> 0
group by i.uuid
