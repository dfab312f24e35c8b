-- One row per host on which traces of a live VM may be: its own, and both ends of its moves.
select
    uuid,
    host
from vm.live
where host is not null
union
select
    m.uuid,
    unnest([m.source_compute, m.dest_compute]) as host
from vm.moves as m
semi join vm.live as l
    on l.uuid = m.uuid
