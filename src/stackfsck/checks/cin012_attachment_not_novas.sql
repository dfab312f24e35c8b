-- code: CIN012
-- name: attachment-not-novas
-- title: Attachment {attachment} of {volume} to {vm} is not the one that nova uses
-- kind: stray
-- severity: blocks
-- found_in: cinder.volume_attachment, nova.instances
-- absent_from: nova.block_device_mapping@cell, nova.migrations, cinder.volumes
-- remedy: delete-attachment
-- What it finds: A live attachment of a volume to a VM whose block device for that volume names
--   another attachment. A move that failed half way leaves the one made for the other host.
-- Why it matters: The volume stays exported to a host where the VM is not, and stays in use when
--   the VM is deleted, because nova deletes only the attachment that it knows.
-- When it is wrong: During a live migration, a resize before its confirmation or a swap, two
--   attachments are right; VMs with an open move and busy volumes are left out.
select
    a.id as attachment,
    a.instance_uuid as vm,
    b.cell,
    a.attached_host as host,
    a.volume_id as volume,
    a.attach_status,
    b.attachment_id as novas_attachment,
    l.host as vm_host,
    l.display_name as vm_name,
    greatest(a.created_at, a.updated_at) as changed_at
from cinder.volume_attachment as a
inner join nova.block_device_mapping as b
    on b.instance_uuid = a.instance_uuid
    and b.volume_id = a.volume_id
    and b.attachment_id <> a.id
inner join vm.live as l
    on l.uuid = b.instance_uuid
    and l.cell = b.cell
anti join nova.block_device_mapping as own
    on own.attachment_id = a.id
    and own.deleted = 0
anti join vm.moves as m
    on m.uuid = a.instance_uuid
anti join volume.busy as y
    on y.volume = a.volume_id
where
    not a.deleted
    and b.deleted = 0
    and coalesce(a.attach_status, '') not like 'error%'
