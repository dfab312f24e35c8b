-- code: LIB006
-- name: vm-running-twice
-- title: VM {instance} runs on {hosts} at the same time
-- kind: contradiction
-- severity: corrupts
-- found_in: libvirt.domains
-- absent_from: nova.migrations
-- in_transit: judged
-- remedy: stop-second-copy
-- What it finds: One UUID with a running domain on more than one host, while no live migration is
--   under way.
-- Why it matters: Both copies write to the same disks and answer on the same address: the file
--   system is being destroyed now. An evacuation of a host that was not really dead does this.
-- When it is wrong: Right after a live migration the source may take some seconds to stop. Never
--   stop a copy before you know which one the users' data went to.
select
    d.uuid as instance,
    d.uuid as vm,
    string_agg(d.host, ', ' order by d.host) as hosts,
    count(*) as copies
from libvirt.domains as d
cross join run.clock as k
anti join nova.migrations as m
    on m.instance_uuid = d.uuid
    and m.migration_type = 'live-migration'
    and (
        m.status not in ('completed', 'cancelled', 'failed', 'error')
        or m.updated_at > k.now - interval 10 minutes
    )
where d.state = 'running'
group by d.uuid
having count(distinct d.host) > 1
