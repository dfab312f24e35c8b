-- code: OVS003
-- name: switch-interface-without-port
-- title: Open vSwitch on {host} keeps {name} for port {port}, which neutron has deleted
-- kind: orphan
-- severity: clutters
-- found_in: vswitch.interfaces, nova.instances, nova_api.build_requests
-- absent_from: neutron.ports, libvirt.interfaces@host
-- remedy: delete-switch-port
-- What it finds: An interface of the switch whose iface-id is a port that neutron does not have, of
--   a VM that lives or of none (DHCP, router), and which no domain of the host uses.
-- Why it matters: The agent asks neutron for the port at every restart and goes without an answer;
--   the device and its rules stay for ever.
-- When it is wrong: When another neutron also manages this switch. Interfaces of dead VMs are told
--   as OVS001.
select
    s.name,
    s.host,
    s.iface_id as port,
    s.vm_uuid as vm,
    s.bridge,
    s.type,
    s.attached_mac,
    s.error
from vswitch.interfaces as s
anti join neutron.ports as p
    on p.id = s.iface_id
anti join libvirt.interfaces as i
    on i.host = s.host
    and i.target = s.name
anti join libvirt.interfaces as j
    on j.host = s.host
    and j.interface_id = s.iface_id
anti join libvirt.interfaces as k
    on k.host = s.host
    and lower(k.mac) = lower(s.attached_mac)
left join vm.alive as a
    on a.uuid = s.vm_uuid
where
    s.iface_id is not null
    and (s.vm_uuid is null or a.uuid is not null)
