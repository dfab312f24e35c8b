-- code: CIN009
-- name: disk-without-attachment
-- title: The domain of {vm} has volume {volume} as {device}, cinder has not attached it there
-- kind: contradiction
-- severity: corrupts
-- found_in: libvirt.disks
-- absent_from: cinder.volume_attachment, cinder.volumes, nova.block_device_mapping
-- remedy: restore-attachment
-- What it finds: A disk of a domain, of a live or of a dead VM, that carries the id of a volume
--   while cinder has no live attachment of that volume for that VM.
-- Why it matters: Cinder believes that this guest is gone. With `volume_status` available the
--   volume can be attached elsewhere at any moment, and two guests on one filesystem destroy it.
-- When it is wrong: After a swap under a running guest the disk keeps the old serial; a block
--   device of another volume on the same device name excuses that. Volumes being attached, detached
--   or migrated are left out.
select
    d.serial as volume,
    d.domain as vm,
    d.host,
    d.target as device,
    d.source,
    v.status as volume_status,
    v.display_name as name,
    v.project_id
from libvirt.disks as d
inner join cinder.volumes as v
    on v.id = d.serial
anti join cinder.volume_attachment as a
    on a.volume_id = d.serial
    and a.instance_uuid = d.domain
    and not a.deleted
anti join volume.busy as y
    on y.volume = d.serial
anti join nova.block_device_mapping as b
    on b.instance_uuid = d.domain
    and b.deleted = 0
    and b.volume_id <> d.serial
    and b.device_name = '/dev/' || d.target
where not v.deleted
