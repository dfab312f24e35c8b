-- code: CIN008
-- name: available-with-attachment
-- title: Volume {volume} is offered as available while it is attached to {vm}
-- kind: contradiction
-- severity: corrupts
-- found_in: cinder.volumes, cinder.volume_attachment, libvirt.disks
-- absent_from: -
-- remedy: set-volume-status
-- What it finds: A volume whose status is available although cinder has an attachment of it that is
--   neither deleted nor failed. `reset-state --state available` without the attach status does
--   this.
-- Why it matters: Anyone may attach it to a second VM or delete it, under the feet of the first.
-- When it is wrong: Attachments that failed (error_attaching) may stand beside `available` by
--   cinder's own rules; they are left out. If the VM is dead, the attachment is what is wrong: see
--   CIN001.
select
    v.id as volume,
    arg_min(a.instance_uuid, a.id) as vm,
    arg_min(a.attached_host, a.id) as host,
    count(*) as attachments,
    min(a.id) as attachment,
    arg_min(a.attach_status, a.id) as attachment_status,
    v.attach_status as volume_attach_status,
    (
        select min(d.host) from libvirt.disks as d
        where d.serial = v.id
    ) as domain_on,
    greatest(max(a.updated_at), v.updated_at) as changed_at
from cinder.volumes as v
inner join cinder.volume_attachment as a
    on a.volume_id = v.id
where
    not v.deleted
    and v.status = 'available'
    and not a.deleted
    and a.attach_status in ('attached', 'attaching', 'detaching', 'reserved')
group by v.id, v.attach_status, v.updated_at
