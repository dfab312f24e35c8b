-- One row per VM and reason why it may legally be in two places, in none, or half-made: judging it
-- has to wait. States that may last for ever (resized, shelved, soft-deleted) are not transit: the
-- places of such a VM are known, see vm.places. Neither is a task in which nothing has moved for so
-- long that it is stuck: the zombie that hangs in `deleting` shall be told, not waited for.
select
    l.uuid,
    'its task is ' || l.task_state as reason
from vm.live as l
cross join run.clock as k
where
    l.task_state is not null
    and coalesce(l.updated_at, l.created_at, k.now) >= k.stuck_before
union
select
    l.uuid,
    'it is being built' as reason
from vm.live as l
cross join run.clock as k
where
    l.vm_state = 'building'
    and coalesce(l.updated_at, l.created_at, k.now) >= k.stuck_before
union
select
    b.instance_uuid as uuid,
    'it waits to be scheduled' as reason
from nova_api.build_requests as b
anti join vm.live as l
    on l.uuid = b.instance_uuid
    and (l.host is not null or l.vm_state = 'error')
where b.instance_uuid is not null
union
select
    uuid,
    'a ' || coalesce(migration_type, 'migration') || ' is ' || coalesce(status, 'unsaid') as reason
from vm.moves
cross join run.clock
where
    coalesce(status, '') <> 'finished'
    and not (coalesce(migration_type, '') = 'evacuation' and coalesce(status, '') = 'done')
    -- a VM that was deleted while it moved moves no longer, whatever its last migration says
    and (uuid in (select uuid from vm.alive) or updated_at >= stuck_before)
union
select
    uuid,
    'it moves between cells' as reason
from vm.live
group by uuid
having count(*) > 1 and bool_or(hidden)
union
select
    d.uuid,
    'its host ' || d.host || ' is down and will clean up when it is back' as reason
from vm.dead as d
inner join host.up as h
    on h.host = d.host
where not d.cleaned and not h.up
