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
    l.uuid as instance,
    l.uuid as vm,
    string_agg(l.cell, ', ' order by l.cell) as cells,
    string_agg(coalesce(l.host, 'no host'), ', ' order by l.cell) as hosts,
    string_agg(l.vm_state, ', ' order by l.cell) as vm_states,
    max(coalesce(l.updated_at, l.created_at)) as changed_at
from vm.live as l
where
    not l.hidden
    -- Few are left by this; lists of a million VMs would take their time.
    and l.uuid in (
        select twin.uuid
        from vm.live as twin
        where not twin.hidden
        group by twin.uuid
        having min(twin.cell) <> max(twin.cell)
    )
group by l.uuid
