-- code: CIN024
-- name: attachment-on-wrong-host
-- title: Volume {volume} of {vm} is connected to {host}, the VM is on {vm_host}
-- kind: stray
-- severity: blocks
-- found_in: cinder.volume_attachment, nova.compute_nodes
-- absent_from: nova.instances, nova.migrations, cinder.volumes
-- remedy: refresh-attachment
-- What it finds: An attachment made for one compute host while its VM is on another and no move
--   between the two is open. Changing `host` of an instance by SQL does this.
-- Why it matters: The storage exports the volume to the wrong host. The next start, reboot or
--   detach fails, or disconnects a device that is not there.
-- When it is wrong: Only known nova-compute hosts are looked at, so attachments of cinder itself or
--   of bare metal are left alone.
select
    a.id as attachment,
    a.instance_uuid as vm,
    a.attached_host as host,
    l.cell,
    l.host as vm_host,
    a.volume_id as volume,
    l.display_name as vm_name,
    greatest(a.created_at, a.updated_at) as changed_at
from cinder.volume_attachment as a
inner join vm.live as l
    on l.uuid = a.instance_uuid
semi join nova.compute_nodes as c
    on c.host = a.attached_host
    and c.deleted = 0
anti join vm.places as p
    on p.uuid = a.instance_uuid
    and p.host = a.attached_host
anti join volume.busy as y
    on y.volume = a.volume_id
where
    not a.deleted
    and a.attach_status = 'attached'
    and l.host is not null
    and not l.hidden
