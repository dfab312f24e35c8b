-- code: CON001
-- name: console-token-of-dead-vm
-- title: {tokens} console tokens in {cell} are for VM {vm}, which is gone
-- kind: orphan
-- severity: clutters
-- found_in: nova.console_auth_tokens@cell
-- absent_from: nova.instances, nova_api.build_requests
-- remedy: remove-console-token
-- What it finds: Rows of console_auth_tokens whose VM no cell has alive.
-- Why it matters: Nova removes them together with the VM, so they show a deletion by hand. Until
--   they lapse a token opens whatever listens on that host and port now.
-- When it is wrong: Not known.
select
    t.instance_uuid as instance,
    t.instance_uuid as vm,
    t.cell,
    min(t.host) as host,
    count(*) as tokens,
    max(greatest(t.created_at, t.updated_at)) as changed_at
from nova.console_auth_tokens as t
anti join vm.alive as a
    on a.uuid = t.instance_uuid
where t.instance_uuid is not null
group by t.instance_uuid, t.cell
