-- code: NTR007
-- name: port-without-nic
-- title: Port {port} ({mac_address}) is bound to {vm} on {host}, its domain has no such interface
-- kind: contradiction
-- severity: blocks
-- found_in: neutron.ports, neutron.ml2_port_bindings, nova.instances, libvirt.domains
-- absent_from: libvirt.interfaces@host
-- remedy: reattach-interface
-- What it finds: An ordinary port that is bound to the host of a running VM, while the VM's domain
--   has no interface with its id, its MAC address or its device name.
-- Why it matters: Neutron holds an address for a VM that cannot use it: a detach that only libvirt
--   finished, an attach that only neutron did, or a second port left by a failed build.
-- When it is wrong: An interface passed through (SR-IOV, vDPA) need not show its MAC address: only
--   vnic_type normal is looked at.
select
    p.id as port,
    l.uuid as vm,
    l.cell,
    b.host,
    p.mac_address,
    b.vif_type,
    l.display_name as vm_name,
    p.project_id
from neutron.ports as p
inner join neutron.ml2_port_bindings as b
    on b.port_id = p.id
inner join vm.live as l
    on l.uuid = try_cast(p.device_id as uuid)
    and l.host = b.host
inner join libvirt.domains as d
    on d.uuid = l.uuid
    and d.host = l.host
anti join libvirt.interfaces as i
    on i.domain = l.uuid
    and i.host = l.host
    and (
        i.interface_id = p.id
        or lower(i.mac) = lower(p.mac_address)
        or right(i.target, 11) = left(p.id::varchar, 11)
    )
where
    b.status = 'ACTIVE'
    and b.vnic_type = 'normal'
    and p.device_owner like 'compute:%'
    and d.state in ('running', 'paused')
    and not l.hidden
