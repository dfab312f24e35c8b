-- code: CIN003
-- name: disk-without-bdm
-- title: The domain of {vm} has volume {volume} as {device}, nova has no block device for it
-- kind: contradiction
-- severity: corrupts
-- found_in: libvirt.disks, nova.instances, cinder.volumes, cinder.volume_attachment
-- absent_from: nova.block_device_mapping@cell
-- remedy: restore-bdm
-- What it finds: A disk in the domain of a live VM that carries a cinder volume's id, while nova
--   has no live row of block_device_mapping for it. The usual cause is the well-known recipe that
--   deletes nova's row although the guest was never detached. `attachment` is what cinder has.
-- Why it matters: The guest goes on writing. Nova will not disconnect the disk when the VM is moved
--   or deleted, and if cinder frees the volume a second VM can write to it at the same time.
-- When it is wrong: After a volume was swapped under a running guest, its disk keeps the old serial
--   until the next hard reboot; a block device on the same device name excuses that.
select
    d.serial as volume,
    d.domain as vm,
    l.cell,
    d.host,
    d.target as device,
    d.source,
    l.display_name as vm_name,
    coalesce(if(v.deleted, 'deleted', v.status), 'no row') as volume_in_cinder,
    (
        select min(a.id::varchar) from cinder.volume_attachment as a
        where a.volume_id = d.serial and a.instance_uuid = d.domain and not a.deleted
    ) as attachment
from libvirt.disks as d
inner join vm.live as l
    on l.uuid = d.domain
left join cinder.volumes as v
    on v.id = d.serial
anti join nova.block_device_mapping as b
    on b.instance_uuid = d.domain
    and b.deleted = 0
    and (b.volume_id = d.serial or b.device_name = '/dev/' || d.target)
where
    d.serial is not null
    and not l.hidden
