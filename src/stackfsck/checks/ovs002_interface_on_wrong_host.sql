-- code: OVS002
-- name: switch-interface-on-wrong-host
-- title: Open vSwitch on {host} keeps {name}, an interface of {vm}, which is not there
-- kind: stray
-- severity: blocks
-- found_in: vswitch.interfaces
-- absent_from: nova.instances, nova.migrations, libvirt.interfaces@host
-- remedy: delete-switch-port
-- What it finds: An interface of the switch for a live VM that is on another host (or, shelved and
--   offloaded, on none), with no open move that would bring it here and no domain that uses it.
-- Why it matters: With the ovs agent a second switch that claims the same port makes it flap
--   between the hosts, and the VM loses packets.
-- When it is wrong: Right after a move the old host is still cleaning up; the grace time covers
--   that.
select
    s.name,
    s.host,
    s.vm_uuid as vm,
    l.cell,
    l.host as vm_host,
    l.vm_state,
    l.display_name as vm_name,
    s.bridge,
    s.iface_id as port,
    s.attached_mac,
    s.error
from vswitch.interfaces as s
inner join vm.live as l
    on l.uuid = s.vm_uuid
anti join vm.places as p
    on p.uuid = s.vm_uuid
    and p.host = s.host
anti join libvirt.interfaces as i
    on i.host = s.host
    and (i.target = s.name or i.interface_id = s.iface_id or lower(i.mac) = lower(s.attached_mac))
where not l.hidden
