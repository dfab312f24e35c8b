-- code: GLA001
-- name: shelved-image-of-dead-vm
-- title: Image {image} ({name}) holds the shelved disk of {vm}, a VM that is gone
-- kind: orphan
-- severity: leaks
-- found_in: glance.images, glance.image_properties
-- absent_from: nova.instances, nova_api.build_requests
-- remedy: deactivate-image
-- What it finds: An image that nova made when it shelved a VM (image_type snapshot, a name that
--   ends in `-shelved`, the VM's uuid as instance_uuid) and nova does not stand for the VM any
--   more.
-- Why it matters: Nova asks glance to delete it with the VM, and only logs when that fails:
--   gigabytes that nobody looks for.
-- When it is wrong: An image that was put aside (deactivated) is not reported again.
--   A user may have named an ordinary snapshot so, and a glance shared between
--   regions holds images of the other region's VMs. Deleting an image has no way back.
select
    i.id as image,
    try_cast(u.value as uuid) as vm,
    i.name,
    i.size as bytes,
    i.status,
    i.protected,
    i.owner as project_id,
    coalesce('deleted at ' || d.deleted_at, 'no row') as vm_in_nova,
    greatest(i.created_at, i.updated_at) as changed_at
from glance.images as i
inner join glance.image_properties as u
    on u.image_id = i.id
inner join glance.image_properties as t
    on t.image_id = i.id
anti join vm.alive as a
    on a.uuid = try_cast(u.value as uuid)
left join vm.dead as d
    on d.uuid = try_cast(u.value as uuid)
where
    not i.deleted
    and not u.deleted
    and not t.deleted
    and u.name = 'instance_uuid'
    and try_cast(u.value as uuid) is not null
    and t.name = 'image_type'
    and t.value = 'snapshot'
    and i.name like '%-shelved'
    and i.status <> 'deactivated'
