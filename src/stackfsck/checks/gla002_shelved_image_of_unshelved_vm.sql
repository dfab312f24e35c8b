-- code: GLA002
-- name: shelved-image-of-unshelved-vm
-- title: Image {image} ({name}) was made to shelve {vm}, which is {vm_state} again
-- kind: orphan
-- severity: leaks
-- found_in: glance.images, glance.image_properties, nova.instances
-- absent_from: -
-- remedy: deactivate-image
-- What it finds: The image of a shelved VM (named after the VM, image_type snapshot) although the
--   VM is not shelved any more and nothing is being done to it.
-- Why it matters: Unshelving deletes this image at its end; one that is left is used by nobody.
-- When it is wrong: An image that was put aside (deactivated) is not reported again.
--   When the user made a snapshot and gave it the name that nova would have given
--   it.
select
    i.id as image,
    l.uuid as vm,
    l.cell,
    i.name,
    i.size as bytes,
    i.status,
    i.protected,
    l.vm_state,
    i.owner as project_id,
    greatest(i.created_at, i.updated_at) as changed_at
from glance.images as i
inner join glance.image_properties as u
    on u.image_id = i.id
inner join glance.image_properties as t
    on t.image_id = i.id
inner join vm.live as l
    on l.uuid = try_cast(u.value as uuid)
where
    not i.deleted
    and not u.deleted
    and not t.deleted
    and u.name = 'instance_uuid'
    and t.name = 'image_type'
    and t.value = 'snapshot'
    and i.name = l.display_name || '-shelved'
    and l.vm_state not in ('shelved', 'shelved_offloaded')
    and i.status <> 'deactivated'
    and l.task_state is null
    and not l.hidden
