-- code: NOV022
-- name: pci-device-of-dead-vm
-- title: PCI device {address} on {node} is {status} for VM {vm}, which is gone
-- kind: leak
-- severity: leaks
-- found_in: nova.pci_devices@cell, nova.compute_nodes@cell
-- absent_from: nova.instances, nova_api.build_requests
-- remedy: free-pci-device
-- What it finds: A PCI device that nova has given to a VM which no cell has alive.
-- Why it matters: The device is lost to the scheduler. Nova frees it only if nova-compute still
--   runs for that node; archiving the VM never touches it.
-- When it is wrong: After a restore of the database the VM may still use the device: make sure that
--   no domain on the host holds the address.
select
    p.cell || '/' || p.id as pci_device,
    p.instance_uuid as vm,
    p.cell,
    n.host,
    n.hypervisor_hostname as node,
    p.address,
    p.status,
    greatest(p.created_at, p.updated_at) as changed_at
from nova.pci_devices as p
inner join nova.compute_nodes as n
    on n.cell = p.cell
    and n.id = p.compute_node_id
anti join vm.alive as a
    on a.uuid = p.instance_uuid
where
    p.deleted = 0
    and p.status in ('allocated', 'claimed')
    and p.instance_uuid is not null
