-- code: OVS005
-- name: devices-without-port
-- title: {links} on {host} belong to no port of a VM
-- kind: orphan
-- severity: clutters
-- found_in: host.links
-- absent_from: neutron.ports, nova.instances, nova_api.build_requests, libvirt.interfaces@host,
--   vswitch.interfaces@host
-- remedy: delete-devices
-- What it finds: The network devices that are named after one port (tap, qvo, qvb, qbr and the
--   first eleven characters of its id), when neutron has no port that begins so, or its VM is gone,
--   or it has no owner any more; and no domain of the host uses them.
-- Why it matters: A bridge that is left keeps forwarding, its firewall rules stay, and a port whose
--   id begins alike cannot be plugged.
-- When it is wrong: Devices of other software that are named in the same way. The taps of DHCP and
--   routers belong to ports with another owner and are left out.
with wanted as (
    select
        p.id,
        left(p.id::varchar, 11) as prefix
    from neutron.ports as p
    left join vm.alive as a
        on a.uuid = try_cast(p.device_id as uuid)
    where
        a.uuid is not null
        or (coalesce(p.device_owner, '') <> '' and p.device_owner not like 'compute:%')
        or p.device_owner = 'compute:kuryr'
),

plugged as (
    select
        s.host,
        s.name
    from vswitch.interfaces as s
    semi join wanted as w
        on w.id = s.iface_id
)

select
    k.port_prefix as devices,
    k.host,
    string_agg(k.name, ' ' order by k.name) as links,
    string_agg(distinct k.master, ' ') as masters
from host.links as k
anti join wanted as w
    on w.prefix = k.port_prefix
anti join plugged as s
    on s.host = k.host
    and s.name = k.name
anti join libvirt.interfaces as i
    on i.host = k.host
    and right(i.target, 11) = k.port_prefix
where
    k.port_prefix is not null
    and k.prefix in ('tap', 'qvo', 'qvb', 'qbr')
group by
    k.port_prefix,
    k.host
