-- code: NTR006
-- name: floating-ip-of-dead-vm
-- title: Floating IP {address} points at a port of {vm}, a VM that is gone
-- kind: orphan
-- severity: leaks
-- found_in: neutron.floatingips, neutron.ports
-- absent_from: nova.instances, nova_api.build_requests
-- remedy: disassociate-floating-ip
-- What it finds: A floating IP that is associated with a port of a VM that nova does not stand for.
-- Why it matters: The public address leads nowhere and looks taken. It also stands in the way of
--   removing the port by SQL: it has to be let go first.
-- When it is wrong: As NTR001. The address is its owner's: disassociate it, never delete it.
select
    f.id as floating_ip,
    try_cast(p.device_id as uuid) as vm,
    f.floating_ip_address as address,
    f.fixed_ip_address as fixed_address,
    p.id as port,
    f.status,
    f.project_id
from neutron.floatingips as f
inner join neutron.ports as p
    on p.id = f.fixed_port_id
anti join vm.alive as a
    on a.uuid = try_cast(p.device_id as uuid)
where
    try_cast(p.device_id as uuid) is not null
    and p.device_owner like 'compute:%'
    and p.device_owner <> 'compute:kuryr'
