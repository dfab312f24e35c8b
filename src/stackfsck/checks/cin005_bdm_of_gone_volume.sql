-- code: CIN005
-- name: bdm-of-gone-volume
-- title: Nova ties {vm} to volume {volume}, which cinder does not have any more
-- kind: orphan
-- severity: blocks
-- found_in: nova.block_device_mapping, nova.instances
-- absent_from: cinder.volumes
-- remedy: soft-delete-bdm
-- What it finds: A live row of block_device_mapping of a VM that has been started at least once,
--   naming a volume that cinder has deleted or has no row of.
-- Why it matters: Nova asks cinder for the volume whenever the VM is started, rebooted, moved or
--   shelved, gets 404, and the operation fails. If the VM still runs on the disk, its next stop is
--   its last.
-- When it is wrong: When nova uses several cinders and stackfsck was shown only one of them.
select
    b.id as bdm,
    b.instance_uuid as vm,
    b.cell,
    l.host,
    b.volume_id as volume,
    b.device_name as device,
    b.delete_on_termination,
    l.display_name as vm_name,
    l.vm_state,
    coalesce('deleted at ' || v.deleted_at, if(v.deleted, 'deleted', 'no row')) as volume_in_cinder,
    greatest(b.created_at, b.updated_at) as changed_at
from nova.block_device_mapping as b
inner join vm.live as l
    on l.uuid = b.instance_uuid
    and l.cell = b.cell
left join cinder.volumes as v
    on v.id = b.volume_id
where
    b.deleted = 0
    and b.volume_id is not null
    and l.launched_at is not null
    and l.vm_state <> 'deleted'
    and (v.id is null or v.deleted)
