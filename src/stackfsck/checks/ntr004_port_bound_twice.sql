-- code: NTR004
-- name: port-bound-twice
-- title: Port {port} is actively bound to {bindings} hosts at once: {hosts}
-- kind: contradiction
-- severity: corrupts
-- found_in: neutron.ml2_port_bindings, neutron.ports
-- absent_from: -
-- remedy: delete-port-binding
-- What it finds: A port of a VM with more than one active binding.
-- Why it matters: Two hosts answer for one address: traffic goes to either, and neither neutron nor
--   nova will choose.
-- When it is wrong: Only one binding may be active by neutron's own rules; distributed router ports
--   are kept in another table.
with twice as (
    select
        port_id,
        count(*) as bindings
    from neutron.ml2_port_bindings
    where status = 'ACTIVE'
    group by port_id
    having count(*) > 1
)

select
    p.id as port,
    try_cast(p.device_id as uuid) as vm,
    t.bindings,
    (
        select string_agg(b.host, ' ' order by b.host) from neutron.ml2_port_bindings as b
        where b.port_id = t.port_id and b.status = 'ACTIVE'
    ) as hosts,
    p.device_owner,
    p.mac_address
from twice as t
inner join neutron.ports as p
    on p.id = t.port_id
where p.device_owner like 'compute:%'
