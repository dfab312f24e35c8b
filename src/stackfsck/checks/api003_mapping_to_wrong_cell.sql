-- code: API003
-- name: mapping-to-wrong-cell
-- title: VM {instance} ({name}) lives in {cell}, but nova's index says {mapped_to}
-- kind: contradiction
-- severity: blocks
-- found_in: nova_api.instance_mappings, nova_api.cell_mappings
-- absent_from: nova.instances
-- remedy: map-instance
-- What it finds: A VM whose mapping points to a cell in which it has no live row, while another
--   cell has one.
-- Why it matters: Every request goes to the wrong database and answers 404; the VM runs on,
--   unreachable.
-- When it is wrong: During a move between cells two rows exist, one of them hidden; such a VM is not
--   reported.
select
    v.uuid as instance,
    v.uuid as vm,
    v.cell,
    v.host,
    v.display_name as name,
    m.cell as mapped_to,
    m.changed_at
from vm.mapped as m
inner join vm.live as v
    on v.uuid = m.uuid
    and v.cell <> m.cell
anti join vm.live as w
    on w.uuid = m.uuid
    and w.cell = m.cell
where not v.hidden
