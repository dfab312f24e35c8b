-- code: CIN002
-- name: attachment-without-bdm
-- title: Cinder has {volume} attached to {vm}, nova has no block device for it
-- kind: contradiction
-- severity: blocks
-- found_in: cinder.volume_attachment, nova.instances, libvirt.disks
-- absent_from: nova.block_device_mapping@cell, cinder.volumes
-- remedy: delete-attachment
-- What it finds: A live attachment of a VM that nova knows, while no live row of
--   block_device_mapping ties the VM to that volume. A failed detach leaves this behind, and so
--   does deleting the row by hand. A domain that still has the disk does not excuse it: `domain_on`
--   then says where.
-- Why it matters: Nova cannot detach what it does not know, so the volume stays in use for ever; at
--   the next hard reboot or move the VM comes up without the disk.
-- When it is wrong: While a volume is swapped or migrated by cinder; such volumes are left out.
--   With `domain_on` set, the attachment must not be deleted: it is nova's row that is missing.
select
    a.id as attachment,
    a.instance_uuid as vm,
    l.cell,
    a.attached_host as host,
    a.volume_id as volume,
    a.attach_status,
    l.display_name as vm_name,
    l.vm_state,
    (
        select min(k.host) from libvirt.disks as k
        where k.serial = a.volume_id and k.domain = a.instance_uuid
    ) as domain_on,
    greatest(a.created_at, a.updated_at) as changed_at
from cinder.volume_attachment as a
inner join vm.live as l
    on l.uuid = a.instance_uuid
anti join nova.block_device_mapping as b
    on b.instance_uuid = a.instance_uuid
    and b.volume_id = a.volume_id
    and b.deleted = 0
anti join volume.busy as y
    on y.volume = a.volume_id
where
    not a.deleted
    and not l.hidden
    and coalesce(a.attach_status, '') not like 'error%'
