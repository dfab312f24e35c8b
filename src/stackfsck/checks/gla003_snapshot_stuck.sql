-- code: GLA003
-- name: snapshot-stuck
-- title: Image {image} ({name}) waits for the disk of {vm} since {since}
-- kind: stuck
-- severity: clutters
-- found_in: glance.images, glance.image_properties
-- absent_from: nova.instances, nova_api.build_requests
-- remedy: delete-image
-- What it finds: An image of a VM that has no data yet (queued, saving, uploading, importing)
--   although the VM is gone, or the VM has no task and the image is older than the stuck time.
-- Why it matters: The snapshot never came and never will; its user goes on waiting for it.
-- When it is wrong: An upload of a very large disk whose task somebody reset by hand.
select
    i.id as image,
    try_cast(u.value as uuid) as vm,
    i.name,
    i.status,
    coalesce(i.updated_at, i.created_at) as since,
    if(l.uuid is null, 'gone', coalesce(l.vm_state, 'waiting')) as vm_in_nova,
    i.owner as project_id,
    greatest(i.created_at, i.updated_at) as changed_at
from glance.images as i
cross join run.clock as k
inner join glance.image_properties as u
    on u.image_id = i.id
left join vm.alive as a
    on a.uuid = try_cast(u.value as uuid)
left join vm.live as l
    on l.uuid = a.uuid
    and not l.hidden
where
    not i.deleted
    and not u.deleted
    and u.name = 'instance_uuid'
    and try_cast(u.value as uuid) is not null
    and i.status in ('queued', 'saving', 'uploading', 'importing')
    and (
        a.uuid is null
        or (l.task_state is null and coalesce(i.updated_at, i.created_at) < k.stuck_before)
    )
