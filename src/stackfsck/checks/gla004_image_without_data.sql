-- code: GLA004
-- name: image-without-data
-- title: Image {image} ({name}) is active and has no data
-- kind: contradiction
-- severity: blocks
-- found_in: glance.images
-- absent_from: glance.image_locations
-- remedy: deactivate-image
-- What it finds: An active image with a size and no live location in any store.
-- Why it matters: Every VM built or unshelved from it fails. If VMs run on a copy of it in the
--   image cache, they can be built on old hosts and not on new ones.
-- When it is wrong: Images of volume-booted VMs have size 0 and no data by design; they are left
--   out.
select
    i.id as image,
    i.name,
    i.size as bytes,
    i.visibility,
    i.owner as project_id,
    greatest(i.created_at, i.updated_at) as changed_at
from glance.images as i
anti join glance.image_locations as l
    on l.image_id = i.id
    and not l.deleted
where
    not i.deleted
    and i.status = 'active'
    and i.size > 0
