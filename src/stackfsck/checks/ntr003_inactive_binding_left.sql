-- code: NTR003
-- name: inactive-binding-left
-- title: Port {port} of {vm} keeps an inactive binding on {host} from a move that is over
-- kind: stray
-- severity: blocks
-- found_in: neutron.ml2_port_bindings, neutron.ports, nova.instances
-- absent_from: nova.migrations
-- remedy: delete-port-binding
-- What it finds: An inactive binding of a port whose VM has no open move.
-- Why it matters: The next live migration to that host fails because the binding is there already;
--   with OVN the host goes on claiming the port.
-- When it is wrong: Inactive bindings are made at the start of a live migration; VMs with an open
--   move or a task are left out.
select
    p.id as port,
    l.uuid as vm,
    b.host,
    l.cell,
    l.host as vm_host,
    l.display_name as vm_name,
    b.vif_type,
    p.mac_address
from neutron.ml2_port_bindings as b
inner join neutron.ports as p
    on p.id = b.port_id
inner join vm.live as l
    on l.uuid = try_cast(p.device_id as uuid)
anti join vm.moves as m
    on m.uuid = l.uuid
where
    b.status = 'INACTIVE'
    and p.device_owner like 'compute:%'
    and not l.hidden
