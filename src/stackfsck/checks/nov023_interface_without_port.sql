-- code: NOV023
-- name: interface-without-port
-- title: VM {vm} has a network interface {port}, which neutron does not know
-- kind: orphan
-- severity: clutters
-- found_in: nova.virtual_interfaces@cell, nova.instances@cell
-- absent_from: neutron.ports
-- remedy: remove-interface
-- What it finds: A live row of virtual_interfaces of a live VM, whose port is not in neutron.
-- Why it matters: The metadata service and device tags tell the guest about a card that it does not
--   have; the cause is a port deleted behind nova's back.
-- When it is wrong: In clouds that came from nova-network old rows may carry other UUIDs.
select
    x.uuid as port,
    x.instance_uuid as vm,
    x.cell,
    v.host,
    x.address,
    greatest(x.created_at, x.updated_at) as changed_at
from nova.virtual_interfaces as x
inner join vm.live as v
    on v.uuid = x.instance_uuid
    and v.cell = x.cell
anti join neutron.ports as p
    on p.id = x.uuid
where
    x.deleted = 0
    and x.uuid is not null
