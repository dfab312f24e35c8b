-- code: NOV018
-- name: leftover-ec2-id
-- title: The EC2 id of VM {instance} is kept in {cell}, where no such VM is
-- kind: orphan
-- severity: clutters
-- found_in: nova.strays@cell
-- absent_from: nova.instances@cell
-- remedy: remove-children
-- What it finds: A live row of instance_id_mappings whose UUID no row of instances has.
-- Why it matters: Noise only. Nova up to Ocata never removed these rows, and a delete by hand
--   usually forgets them.
-- When it is wrong: Where the EC2 API is still offered, old ids may be wanted for reference.
select
    s.instance,
    s.instance as vm,
    s.cell
from nova.strays as s
anti join nova.instances as i
    on i.cell = s.cell
    and i.uuid = s.instance
where
    s.why = 'no parent'
    and s.child = 'instance_id_mappings'
