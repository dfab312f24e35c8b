-- code: NTR002
-- name: port-on-wrong-host
-- title: Port {port} of {vm} is bound to {host}, the VM is on {vm_host}
-- kind: stray
-- severity: blocks
-- found_in: neutron.ml2_port_bindings, neutron.ports
-- absent_from: nova.instances, nova.migrations
-- remedy: rebind-port
-- What it finds: The active binding of a VM's port names a host on which the VM is not, and no move
--   between the two is open.
-- Why it matters: The switch on the VM's host does not wire the port: the VM has no network, now or
--   after its next start. A move that failed late, or `host` changed by SQL, does this.
-- When it is wrong: Bare metal ports are bound to the node's uuid; that is accepted.
select
    p.id as port,
    l.uuid as vm,
    b.host,
    l.cell,
    l.host as vm_host,
    l.display_name as vm_name,
    l.vm_state,
    b.vif_type,
    p.mac_address
from neutron.ml2_port_bindings as b
inner join neutron.ports as p
    on p.id = b.port_id
inner join vm.live as l
    on l.uuid = try_cast(p.device_id as uuid)
anti join vm.places as q
    on q.uuid = l.uuid
    and q.host = b.host
where
    b.status = 'ACTIVE'
    and b.host <> ''
    and p.device_owner like 'compute:%'
    and l.host is not null
    and b.host is distinct from l.node
    and not l.hidden
