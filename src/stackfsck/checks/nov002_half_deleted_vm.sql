-- code: NOV002
-- name: half-deleted-vm
-- title: VM {instance} is marked with deleted={deleted}, nova would have written 0 or {id}
-- kind: contradiction
-- severity: blocks
-- found_in: nova.instances@cell
-- absent_from: -
-- remedy: finish-deletion
-- What it finds: A row of instances whose column deleted holds neither 0 (alive) nor the row's own
--   number (deleted): the trace of an `update instances set deleted=1` by hand.
-- Why it matters: The API no longer shows the VM, but nova's own cleaners ask for deleted = id and
--   never see it. Its domain runs for ever, its files, ports and volumes stay.
-- When it is wrong: Only the row with the number 1 may rightly hold 1, and it is not reported.
select
    uuid as instance,
    uuid as vm,
    cell,
    host,
    id,
    coalesce(deleted::varchar, 'null') as deleted,
    display_name as name,
    vm_state,
    greatest(updated_at, deleted_at) as changed_at
from nova.instances
where
    deleted is null
    or deleted not in (0, id)
