-- code: NOV024
-- name: empty-network-info
-- title: VM {instance} has {ports} ports in neutron, but nova's network cache for it is empty
-- kind: contradiction
-- severity: blocks
-- found_in: nova.info_caches@cell, nova.instances@cell, neutron.ports
-- absent_from: -
-- remedy: refresh-network-info
-- What it finds: A live VM whose instance_info_caches row lists no interface, while ports in neutron
--   belong to it.
-- Why it matters: `server show` has no address, floating IPs cannot be attached, and after a hard
--   reboot or live migration the VM comes up without network.
-- When it is wrong: A VM made without networks has an empty cache, but then it has no port either.
select
    c.instance_uuid as instance,
    c.instance_uuid as vm,
    c.cell,
    min(v.host) as host,
    min(v.display_name) as name,
    count(*) as ports,
    string_agg(p.id::varchar, ', ' order by p.id) as port_ids
from nova.info_caches as c
inner join vm.live as v
    on v.uuid = c.instance_uuid
    and v.cell = c.cell
inner join neutron.ports as p
    on p.device_id = c.instance_uuid::varchar
    and p.device_owner like 'compute:%'
where
    c.empty
    and not v.hidden
group by c.instance_uuid, c.cell
