-- code: CIN013
-- name: volume-of-two-vms
-- title: Volume {volume} is attached to {vms} VMs and is not made for it
-- kind: contradiction
-- severity: corrupts
-- found_in: cinder.volumes, cinder.volume_attachment
-- absent_from: -
-- remedy: delete-attachment
-- What it finds: A volume without the multiattach flag with live attachments of different VMs.
-- Why it matters: Two guests that mount one ordinary filesystem destroy it. Usually one of the two
--   attachments is a remnant; `attached_to` names both, and their domains tell which.
-- When it is wrong: A volume that cinder moves between backends may be shared for a moment.
with shared as (
    select volume_id
    from cinder.volume_attachment
    where
        not deleted
        and attach_status in ('attached', 'attaching', 'detaching')
    group by volume_id
    having min(instance_uuid) <> max(instance_uuid)
)

select
    v.id as volume,
    count(distinct a.instance_uuid) as vms,
    string_agg(distinct a.instance_uuid::varchar, ' ') as attached_to,
    string_agg(distinct a.attached_host, ' ') as hosts,
    v.status,
    v.display_name as name,
    greatest(max(a.created_at), max(a.updated_at)) as changed_at
from shared as x
inner join cinder.volumes as v
    on v.id = x.volume_id
inner join cinder.volume_attachment as a
    on a.volume_id = x.volume_id
where
    not v.deleted
    and not coalesce(v.multiattach, false)
    and not a.deleted
    and a.attach_status in ('attached', 'attaching', 'detaching')
group by v.id, v.status, v.display_name
