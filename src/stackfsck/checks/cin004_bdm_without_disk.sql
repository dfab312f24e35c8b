-- code: CIN004
-- name: bdm-without-disk
-- title: Nova and cinder have {volume} attached to {vm}, its running domain lacks the disk
-- kind: contradiction
-- severity: blocks
-- found_in: nova.block_device_mapping, nova.instances, cinder.volume_attachment, libvirt.domains
-- absent_from: libvirt.disks@host, cinder.volumes
-- remedy: detach-volume
-- What it finds: A volume that nova's block_device_mapping and cinder's attachment both give to a
--   VM, while the VM's domain runs on its host with no disk of that serial or device name.
-- Why it matters: The guest has lost a disk that every API says it has. Detaching fails, and the
--   volume looks busy although nobody uses it.
-- When it is wrong: A guest that unplugged the disk itself looks the same until a hard reboot.
select
    b.id as bdm,
    b.instance_uuid as vm,
    b.cell,
    l.host,
    b.volume_id as volume,
    b.device_name as device,
    a.id as attachment,
    l.display_name as vm_name,
    k.state as domain_state,
    greatest(b.created_at, b.updated_at) as changed_at
from nova.block_device_mapping as b
inner join vm.live as l
    on l.uuid = b.instance_uuid
    and l.cell = b.cell
inner join cinder.volume_attachment as a
    on a.volume_id = b.volume_id
    and a.instance_uuid = b.instance_uuid
inner join libvirt.domains as k
    on k.uuid = b.instance_uuid
    and k.host = l.host
anti join libvirt.disks as d
    on d.domain = b.instance_uuid
    and d.host = l.host
    and (d.serial = b.volume_id or b.device_name = '/dev/' || d.target)
anti join volume.busy as y
    on y.volume = b.volume_id
where
    b.deleted = 0
    and not a.deleted
    and a.attach_status = 'attached'
    and k.state in ('running', 'paused')
