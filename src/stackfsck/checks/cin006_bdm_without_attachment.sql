-- code: CIN006
-- name: bdm-without-attachment
-- title: Nova ties {vm} to volume {volume}, cinder has no attachment for it
-- kind: contradiction
-- severity: corrupts
-- found_in: nova.block_device_mapping, nova.instances, libvirt.disks
-- absent_from: cinder.volume_attachment, cinder.volumes
-- remedy: soft-delete-bdm
-- What it finds: A live row of block_device_mapping of a VM that has been started at least once,
--   for a volume that exists, while cinder has no live attachment of the two. Resetting a volume to
--   `available` and `detached` by hand does this.
-- Why it matters: Cinder takes the volume for free and gives it to the next VM that asks; if
--   `domain_on` names a host, both then write to it. If not, nova fails to detach it.
-- When it is wrong: While the volume is being attached, detached or migrated; volumes in such a
--   state are left out. With `domain_on` set it is the attachment that is missing, not the row that
--   is too many.
select
    b.id as bdm,
    b.instance_uuid as vm,
    b.cell,
    l.host,
    b.volume_id as volume,
    b.device_name as device,
    v.status as volume_status,
    l.display_name as vm_name,
    l.vm_state,
    (
        select min(k.host) from libvirt.disks as k
        where k.serial = b.volume_id and k.domain = b.instance_uuid
    ) as domain_on,
    greatest(b.created_at, b.updated_at) as changed_at
from nova.block_device_mapping as b
inner join vm.live as l
    on l.uuid = b.instance_uuid
    and l.cell = b.cell
inner join cinder.volumes as v
    on v.id = b.volume_id
anti join cinder.volume_attachment as a
    on a.volume_id = b.volume_id
    and a.instance_uuid = b.instance_uuid
    and not a.deleted
anti join volume.busy as y
    on y.volume = b.volume_id
where
    b.deleted = 0
    and not v.deleted
    and l.launched_at is not null
    and l.vm_state <> 'deleted'
