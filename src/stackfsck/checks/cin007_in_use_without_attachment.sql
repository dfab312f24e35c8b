-- code: CIN007
-- name: in-use-without-attachment
-- title: Volume {volume} is in-use, and nothing is attached to it
-- kind: contradiction
-- severity: blocks
-- found_in: cinder.volumes, nova.block_device_mapping, libvirt.disks
-- absent_from: cinder.volume_attachment
-- remedy: set-volume-status
-- What it finds: A volume whose status is in-use while cinder has no live attachment of it.
-- Why it matters: It can neither be attached nor deleted, and there is nothing to detach.
-- When it is wrong: If `bdm_of` names a VM or `domain_on` a host, the status is right and the
--   attachment was lost: freeing the volume would let a second VM write to it.
select
    v.id as volume,
    (
        select any_value(b.instance_uuid) from nova.block_device_mapping as b
        where b.volume_id = v.id and b.deleted = 0
    ) as bdm_of,
    (
        select min(d.host) from libvirt.disks as d
        where d.serial = v.id
    ) as domain_on,
    v.display_name as name,
    v.project_id,
    v.attach_status,
    greatest(v.created_at, v.updated_at) as changed_at
from cinder.volumes as v
anti join cinder.volume_attachment as a
    on a.volume_id = v.id
    and not a.deleted
    and coalesce(a.attach_status, '') not like 'error%'
where
    not v.deleted
    and v.status = 'in-use'
    and coalesce(v.migration_status, 'none') in ('none', 'success', 'error')
