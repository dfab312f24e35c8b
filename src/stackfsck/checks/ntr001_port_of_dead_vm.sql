-- code: NTR001
-- name: port-of-dead-vm
-- title: Port {port} ({addresses}) belongs to {vm}, a VM that is gone
-- kind: orphan
-- severity: leaks
-- found_in: neutron.ports, neutron.ipallocations, neutron.ml2_port_bindings
-- absent_from: nova.instances, nova_api.build_requests
-- remedy: remove-port
-- What it finds: A port owned by compute whose device_id is a VM that nova does not stand for.
-- Why it matters: Its addresses are never given out again, its quota is used, its network and
--   security groups cannot be deleted; an agent may still keep the wiring on `bound_to`.
-- When it is wrong: When neutron also serves another nova, or another service (kuryr is known and
--   left out) signs its ports as compute. A port that its user made should be unbound, not deleted.
select
    p.id as port,
    try_cast(p.device_id as uuid) as vm,
    (
        select string_agg(i.ip_address, ' ') from neutron.ipallocations as i
        where i.port_id = p.id
    ) as addresses,
    (
        select string_agg(b.host, ' ') from neutron.ml2_port_bindings as b
        where b.port_id = p.id and b.host <> ''
    ) as bound_to,
    p.name,
    p.mac_address,
    p.device_owner,
    p.status,
    p.project_id,
    coalesce('deleted at ' || d.deleted_at, 'no row') as vm_in_nova
from neutron.ports as p
anti join vm.alive as a
    on a.uuid = try_cast(p.device_id as uuid)
left join vm.dead as d
    on d.uuid = try_cast(p.device_id as uuid)
where
    try_cast(p.device_id as uuid) is not null
    and p.device_owner like 'compute:%'
    and p.device_owner <> 'compute:kuryr'
