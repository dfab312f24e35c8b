-- code: NTR008
-- name: nic-without-port
-- title: The domain of {vm} has an interface {mac} that neutron has no port for
-- kind: contradiction
-- severity: corrupts
-- found_in: libvirt.interfaces, libvirt.domains, nova.instances
-- absent_from: neutron.ports
-- remedy: detach-interface
-- What it finds: An interface in the domain of a live VM whose port id and MAC address neutron does
--   not know.
-- Why it matters: Neutron gives its address to the next VM that asks, and then two guests answer
--   for it. Nova fails to reboot or move the VM, because the port is not there.
-- When it is wrong: Interfaces that an operator added by hand look the same.
select
    i.mac,
    i.domain as vm,
    l.cell,
    i.host,
    i.target as device,
    i.interface_id as port,
    i.bridge,
    l.display_name as vm_name
from libvirt.interfaces as i
inner join libvirt.domains as d
    on d.uuid = i.domain
    and d.host = i.host
inner join vm.live as l
    on l.uuid = i.domain
anti join neutron.ports as p
    on p.id = i.interface_id
anti join neutron.ports as m
    on lower(m.mac_address) = lower(i.mac)
where
    d.is_nova
    and i.mac is not null
    and not l.hidden
