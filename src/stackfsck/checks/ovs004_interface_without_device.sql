-- code: OVS004
-- name: switch-interface-without-device
-- title: Open vSwitch on {host} keeps {name}, whose device is not there
-- kind: orphan
-- severity: clutters
-- found_in: vswitch.interfaces, nova.instances, nova_api.build_requests
-- absent_from: host.links@host, libvirt.interfaces@host
-- remedy: delete-switch-port
-- What it finds: An interface of the switch that could not be opened because the host has no
--   network device of that name, and that no domain of the host is going to bring back.
-- Why it matters: The switch complains about each of them for ever, and the agent looks at each of
--   them in every round. One cloud was seen with 1,591 such ports out of 1,634.
-- When it is wrong: The interface of a stopped VM waits for its device after a reboot of the host;
--   it is left out as long as the domain is there. Interfaces of dead VMs are told as OVS001.
select
    s.name,
    s.host,
    s.vm_uuid as vm,
    s.bridge,
    s.iface_id as port,
    s.type,
    s.error,
    s.ofport
from vswitch.interfaces as s
anti join host.links as k
    on k.host = s.host
    and k.name = s.name
anti join libvirt.interfaces as i
    on i.host = s.host
    and (i.target = s.name or i.interface_id = s.iface_id or lower(i.mac) = lower(s.attached_mac))
left join vm.alive as a
    on a.uuid = s.vm_uuid
where
    (s.vm_uuid is null or a.uuid is not null)
    and (s.error ilike '%could not open network device%' or s.error ilike '%no such device%')
