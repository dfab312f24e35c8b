-- One row per host with a nova-compute service: whether it has reported within three minutes.
-- (nova's own service_down_time is 60 s; a busy conductor may be late.)
select
    c.host,
    bool_or(
        not coalesce(c.forced_down, false)
        and coalesce(c.last_seen_up >= k.now - interval 3 minutes, false)
    ) as up
from host.computes as c
cross join run.clock as k
group by c.host
