-- One row per nova-compute service that is not deleted, with its hypervisor where it has one.
select
    s.host,
    n.hypervisor_hostname as node,
    s.cell,
    s.uuid as service_uuid,
    n.uuid as provider,
    s.disabled,
    s.forced_down,
    s.last_seen_up
from nova.services as s
left join nova.compute_nodes as n
    on n.cell = s.cell
    and n.host = s.host
    and n.deleted = 0
where
    s."binary" = 'nova-compute'
    and s.deleted = 0
