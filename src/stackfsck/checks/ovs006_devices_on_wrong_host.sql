-- code: OVS006
-- name: devices-on-wrong-host
-- title: {links} on {host} belong to a port of {vm}, which is not there
-- kind: stray
-- severity: clutters
-- found_in: host.links, neutron.ports
-- absent_from: nova.instances, nova.migrations, libvirt.interfaces@host
-- remedy: delete-devices
-- What it finds: The network devices named after a port of a live VM that is on another host, or on
--   none, with no open move and no domain of this host that uses them.
-- Why it matters: A remnant of a move. When the VM comes back to this host, plugging it in may fail
--   on devices that are there already, or find old firewall rules on them.
-- When it is wrong: Right after a move the old host is still cleaning up; the grace time covers
--   that.
select
    k.port_prefix as devices,
    k.host,
    l.uuid as vm,
    l.cell,
    p.id as port,
    string_agg(k.name, ' ' order by k.name) as links,
    l.host as vm_host,
    l.vm_state,
    l.display_name as vm_name
from host.links as k
inner join neutron.ports as p
    on left(p.id::varchar, 11) = k.port_prefix
inner join vm.live as l
    on l.uuid = try_cast(p.device_id as uuid)
anti join vm.places as q
    on q.uuid = l.uuid
    and q.host = k.host
anti join libvirt.interfaces as i
    on i.host = k.host
    and right(i.target, 11) = k.port_prefix
where
    k.prefix in ('tap', 'qvo', 'qvb', 'qbr')
    and p.device_owner like 'compute:%'
    and not l.hidden
group by k.port_prefix, k.host, l.uuid, l.cell, p.id, l.host, l.vm_state, l.display_name
