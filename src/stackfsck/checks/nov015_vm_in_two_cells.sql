-- code: NOV015
-- name: vm-in-two-cells
-- title: VM {instance} is alive in {cells} at once
-- kind: contradiction
-- severity: corrupts
-- found_in: nova.instances
-- absent_from: -
-- remedy: remove-cell-copy
-- What it finds: One UUID with a live row in more than one cell, none of them hidden.
-- Why it matters: Lists show the VM twice, and which copy a request reaches depends on the mapping.
--   The usual origin is a build that failed into cell0 while a cell had taken it after all.
-- When it is wrong: A resize between cells keeps two rows on purpose, one of them hidden; it is not
--   reported.
select
    uuid as instance,
    uuid as vm,
    string_agg(cell, ', ' order by cell) as cells,
    string_agg(coalesce(host, 'no host'), ', ' order by cell) as hosts,
    string_agg(vm_state, ', ' order by cell) as vm_states,
    max(coalesce(updated_at, created_at)) as changed_at
from vm.live
where not hidden
group by uuid
having count(distinct cell) > 1
