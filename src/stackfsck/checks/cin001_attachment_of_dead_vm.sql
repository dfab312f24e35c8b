-- code: CIN001
-- name: attachment-of-dead-vm
-- title: Volume {volume} is still attached to {vm}, a VM that is gone
-- kind: orphan
-- severity: blocks
-- found_in: cinder.volume_attachment, cinder.volumes, libvirt.disks
-- absent_from: nova.instances, nova_api.build_requests
-- remedy: delete-attachment
-- What it finds: A live attachment in cinder whose server nova does not stand for: no cell has a
--   row of it that is not deleted, and no build request waits for it.
-- Why it matters: The volume can neither be deleted nor attached to another VM, and its owner pays
--   for it. The export to the old host may still be open. If `domain_on` names a host, a forgotten
--   domain there still writes to the volume: end it first, everything else later.
-- When it is wrong: When cinder serves a second nova (another region or cloud) that stackfsck was
--   not shown: the server may be alive there.
select
    a.id as attachment,
    a.instance_uuid as vm,
    a.attached_host as host,
    a.volume_id as volume,
    a.attach_status,
    v.status as volume_status,
    coalesce('deleted at ' || d.deleted_at, 'no row') as vm_in_nova,
    (
        select min(k.host) from libvirt.disks as k
        where k.serial = a.volume_id and k.domain = a.instance_uuid
    ) as domain_on,
    greatest(a.created_at, a.updated_at) as changed_at
from cinder.volume_attachment as a
anti join vm.alive as l
    on l.uuid = a.instance_uuid
left join vm.dead as d
    on d.uuid = a.instance_uuid
left join cinder.volumes as v
    on v.id = a.volume_id
where
    not a.deleted
    and a.instance_uuid is not null
