-- code: CIN014
-- name: volume-stuck
-- title: Volume {volume} has been {status} since {since}
-- kind: stuck
-- severity: blocks
-- found_in: cinder.volumes, cinder.workers
-- absent_from: cinder.volume_attachment
-- remedy: set-volume-status
-- What it finds: A volume in a state that is meant to pass (creating, attaching, detaching,
--   deleting, uploading, retyping …) and has not been written to for longer than the stuck time, or
--   `reserved` with no attachment that reserves it.
-- Why it matters: The API refuses everything but a look at it. The service that worked on it was
--   most likely restarted half way; `worker` says whether it left a note to itself.
-- When it is wrong: Copying a very large volume (retype, upload, backup) can take longer than the
--   stuck time: look for the copy on the volume host before you reset anything.
select
    v.id as volume,
    v.status,
    coalesce(v.updated_at, v.created_at) as since,
    v.attach_status,
    v.host as backend,
    v.display_name as name,
    v.project_id,
    exists(
        select 1 from cinder.workers as w
        where try_cast(w.resource_id as uuid) = v.id and not w.deleted
    ) as worker
from cinder.volumes as v
cross join run.clock as k
where
    not v.deleted
    and coalesce(v.updated_at, v.created_at) < k.stuck_before
    and (
        v.status in (
            'creating', 'attaching', 'detaching', 'deleting', 'uploading', 'downloading',
            'retyping', 'extending', 'managing', 'backing-up', 'restoring-backup'
        )
        or (
            v.status = 'reserved'
            and not exists (
                select 1 from cinder.volume_attachment as a
                where a.volume_id = v.id and not a.deleted
            )
        )
    )
