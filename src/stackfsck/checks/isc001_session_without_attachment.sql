-- code: ISC001
-- name: iscsi-session-without-attachment
-- title: {host} is logged in to volume {volume}, which nothing attaches there
-- kind: orphan
-- severity: corrupts
-- found_in: host.iscsi_sessions
-- absent_from: cinder.volume_attachment, cinder.volumes, nova.block_device_mapping, nova.instances,
--   nova.migrations, libvirt.disks@host
-- remedy: disconnect-volume
-- What it finds: An iSCSI session to a volume's own target on a compute host, while cinder has no
--   attachment of the volume for that host, nova no VM there that has it, and no domain there uses
--   it.
-- Why it matters: When the storage gives the same LUN to another volume, this host sees foreign
--   data under the old device (CVE-2023-2088). A session to a deleted target also blocks the host's
--   scans.
-- When it is wrong: A cinder-volume or backup service on the same host attaches volumes for itself
--   while it copies; busy volumes are left out. Flush the device before the logout.
with novas as (
    select
        b.volume_id,
        p.host
    from nova.block_device_mapping as b
    inner join vm.places as p
        on p.uuid = b.instance_uuid
    where b.deleted = 0
)

select
    s.iqn,
    s.host,
    coalesce(v.id, s.volume) as volume,
    s.sid,
    s.portal,
    s.lun,
    s.device,
    coalesce(v.status, 'gone') as volume_status,
    (
        select any_value(o.instance_uuid) from cinder.volume_attachment as o
        where o.volume_id = v.id and not o.deleted
    ) as vm,
    v.updated_at as changed_at
from host.iscsi_sessions as s
left join cinder.volumes as v
    on coalesce(v._name_id, v.id) = s.volume
    and not v.deleted
anti join cinder.volume_attachment as a
    on a.volume_id = coalesce(v.id, s.volume)
    and not a.deleted
    and (a.attached_host = s.host or (a.attached_host is null and a.attach_status = 'attached'))
anti join novas as n
    on n.volume_id = coalesce(v.id, s.volume)
    and n.host = s.host
anti join libvirt.disks as d
    on d.host = s.host
    and d.serial = coalesce(v.id, s.volume)
anti join volume.busy as y
    on y.volume = v.id
where s.volume is not null
