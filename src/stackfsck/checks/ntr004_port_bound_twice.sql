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
select
    p.id as port,
    any_value(try_cast(p.device_id as uuid)) as vm,
    count(*) as bindings,
    string_agg(b.host, ' ' order by b.host) as hosts,
    any_value(p.device_owner) as device_owner,
    any_value(p.mac_address) as mac_address
from neutron.ml2_port_bindings as b
inner join neutron.ports as p
    on p.id = b.port_id
where
    b.status = 'ACTIVE'
    and p.device_owner like 'compute:%'
group by p.id
having count(*) > 1
