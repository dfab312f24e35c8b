-- code: API008
-- name: group-member-of-dead-vm
-- title: Server group {server_group} still counts VM {instance}, which is gone
-- kind: orphan
-- severity: clutters
-- found_in: nova_api.instance_group_member, nova_api.instance_groups
-- absent_from: nova.instances, nova_api.build_requests
-- remedy: remove-group-member
-- What it finds: A member of a server group that no cell has alive and nobody builds.
-- Why it matters: The member counts against the quota of members, and the API hides it, so nobody
--   can see why the group is full.
-- When it is wrong: Until the VM's row is archived nova keeps the member too; it does no harm then,
--   and archiving removes it.
select
    m.instance_uuid as instance,
    m.instance_uuid as vm,
    g.name as server_group,
    g.uuid as group_id,
    g.project_id,
    greatest(m.created_at, m.updated_at) as changed_at
from nova_api.instance_group_member as m
left join nova_api.instance_groups as g
    on g.id = m.group_id
anti join nova.instances as i
    on i.uuid = m.instance_uuid
anti join nova_api.build_requests as b
    on b.instance_uuid = m.instance_uuid
where m.instance_uuid is not null
