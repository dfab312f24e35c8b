-- code: NTR005
-- name: port-binding-failed
-- title: Port {port} of the active VM {vm} could not be bound on {host}
-- kind: contradiction
-- severity: blocks
-- found_in: neutron.ml2_port_bindings, neutron.ports, nova.instances
-- absent_from: -
-- remedy: rebind-port
-- What it finds: A port with vif_type binding_failed on a VM that nova calls active.
-- Why it matters: The VM runs without this network. It is most often an agent that was down, or not
--   configured for the physical network, at the moment of a start or move.
-- When it is wrong: It is what neutron itself says. Make sure that the agent is alive before you
--   bind again.
select
    p.id as port,
    l.uuid as vm,
    b.host,
    l.cell,
    l.display_name as vm_name,
    b.vnic_type,
    p.mac_address
from neutron.ml2_port_bindings as b
inner join neutron.ports as p
    on p.id = b.port_id
inner join vm.live as l
    on l.uuid = try_cast(p.device_id as uuid)
where
    b.status = 'ACTIVE'
    and b.vif_type = 'binding_failed'
    and l.vm_state = 'active'
    and not l.hidden
