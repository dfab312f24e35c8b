-- One row per volume and reason why its records may disagree for a while.
select
    id as volume,
    'its status is ' || status as reason
from cinder.volumes
where
    not deleted
    and (
        status like '%ing'
        or status in ('maintenance', 'backing-up', 'restoring-backup', 'awaiting-transfer')
    )
    and status not in ('error_deleting', 'error_extending', 'error_managing')
union
select
    id as volume,
    'its migration is ' || migration_status as reason
from cinder.volumes
where
    not deleted
    and migration_status not in ('none', 'success', 'error')
