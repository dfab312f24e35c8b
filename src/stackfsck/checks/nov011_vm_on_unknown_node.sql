-- code: NOV011
-- name: vm-on-unknown-node
-- title: VM {instance} ({name}) is on hypervisor {node}, which {host} does not have
-- kind: orphan
-- severity: blocks
-- found_in: nova.instances@cell, nova.services@cell
-- absent_from: nova.compute_nodes@cell
-- remedy: set-host
-- What it finds: A live VM on a known nova-compute service, whose node is no live compute node.
-- Why it matters: After a change of the hypervisor's hostname nova made a new compute node; the
--   VMs stayed on the old one and are no longer counted or healed.
-- When it is wrong: A bare-metal node taken out of ironic on purpose leaves its VM like this too.
select
    v.uuid as instance,
    v.uuid as vm,
    v.cell,
    v.host,
    v.node,
    v.display_name as name,
    v.updated_at as changed_at
from vm.live as v
semi join nova.services as s
    on s.cell = v.cell
    and s.host = v.host
    and s."binary" = 'nova-compute'
    and s.deleted = 0
anti join nova.compute_nodes as n
    on n.cell = v.cell
    and n.hypervisor_hostname = v.node
    and n.deleted = 0
where
    v.node is not null
    and not v.hidden
