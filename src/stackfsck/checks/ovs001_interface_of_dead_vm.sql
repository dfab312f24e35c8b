-- code: OVS001
-- name: switch-interface-of-dead-vm
-- title: Open vSwitch on {host} keeps {name}, an interface of {vm}, a VM that is gone
-- kind: orphan
-- severity: clutters
-- found_in: vswitch.interfaces
-- absent_from: nova.instances, nova_api.build_requests, libvirt.interfaces@host
-- remedy: delete-switch-port
-- What it finds: An interface of the switch whose vm-uuid is a VM that nova does not stand for, and
--   which no domain of the host uses.
-- Why it matters: The agent wires it at every restart and a reused address may be answered for by a
--   dead port. Thousands of them make the agent slow.
-- When it is wrong: When two clouds share a host. Remove the one port with `ovs-vsctl del-port`;
--   `neutron-ovs-cleanup` takes the ports of every VM.
select
    s.name,
    s.host,
    s.vm_uuid as vm,
    s.bridge,
    s.iface_id as port,
    s.attached_mac,
    s.error,
    coalesce('deleted at ' || d.deleted_at, 'no row') as vm_in_nova
from vswitch.interfaces as s
anti join vm.alive as a
    on a.uuid = s.vm_uuid
anti join libvirt.interfaces as i
    on i.host = s.host
    and (i.target = s.name or i.interface_id = s.iface_id or lower(i.mac) = lower(s.attached_mac))
left join vm.dead as d
    on d.uuid = s.vm_uuid
where s.vm_uuid is not null
