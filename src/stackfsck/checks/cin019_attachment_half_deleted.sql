-- code: CIN019
-- name: attachment-half-deleted
-- title: Attachment {attachment} of volume {volume} is half deleted: {contradiction}
-- kind: contradiction
-- severity: clutters
-- found_in: cinder.volume_attachment
-- absent_from: -
-- remedy: complete-attachment-delete
-- What it finds: A row of volume_attachment whose deleted flag, attach status and times do not
--   agree, or whose flag is null.
-- Why it matters: Counted by one query and not by another, it makes a volume look busy or free by
--   turns; without a time of deletion it is never purged.
-- When it is wrong: Never in a complete row.
select
    a.id as attachment,
    a.instance_uuid as vm,
    a.volume_id as volume,
    case
        when a.deleted is null then 'deleted is null'
        when a.deleted and a.deleted_at is null then 'deleted without a time'
        when a.deleted then 'deleted with status ' || a.attach_status
        when a.deleted_at is not null then 'deleted at ' || a.deleted_at || ', flag not set'
        else 'status ' || a.attach_status || ', flag not set'
    end as contradiction,
    a.attach_status,
    a.deleted,
    a.deleted_at,
    greatest(a.created_at, a.updated_at) as changed_at
from cinder.volume_attachment as a
where
    a.deleted is null
    or (a.deleted and (a.deleted_at is null or a.attach_status in ('attached', 'attaching')))
    or (not a.deleted and (a.deleted_at is not null or a.attach_status in ('detached', 'deleted')))
