-- code: CIN011
-- name: attachment-of-gone-volume
-- title: Attachment {attachment} belongs to volume {volume}, which is deleted
-- kind: orphan
-- severity: blocks
-- found_in: cinder.volume_attachment
-- absent_from: cinder.volumes
-- remedy: delete-attachment
-- What it finds: A live attachment whose volume is marked deleted, or has no row any more because
--   it was removed with foreign key checks off.
-- Why it matters: Purging old rows from cinder's database stops at it, and the storage may still
--   export the volume to the host.
-- When it is wrong: Deleting a volume deletes its attachments in the same transaction, so a
--   complete reading cannot see one without the other.
select
    a.id as attachment,
    a.instance_uuid as vm,
    a.attached_host as host,
    a.volume_id as volume,
    a.attach_status,
    coalesce('deleted at ' || v.deleted_at, if(v.deleted, 'deleted', 'no row')) as volume_in_cinder,
    greatest(a.created_at, a.updated_at) as changed_at
from cinder.volume_attachment as a
left join cinder.volumes as v
    on v.id = a.volume_id
where
    not a.deleted
    and (v.id is null or v.deleted)
