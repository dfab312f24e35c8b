-- code: CON002
-- name: expired-token-of-gone-host
-- title: {tokens} expired console tokens in {cell} are of {host}, which has no nova-compute
-- kind: orphan
-- severity: clutters
-- found_in: nova.console_auth_tokens@cell
-- absent_from: nova.services@cell
-- remedy: remove-console-token
-- What it finds: Expired rows of console_auth_tokens of a host without a nova-compute service.
-- Why it matters: Only the host itself removes its expired tokens; a host that is gone never will,
--   and the table grows.
-- When it is wrong: A host that comes back under the same name removes them itself.
select
    t.cell || '/' || t.host as gone_host,
    t.cell,
    t.host,
    count(*) as tokens
from nova.console_auth_tokens as t
cross join run.clock as k
anti join nova.services as s
    on s.cell = t.cell
    and s.host = t.host
    and s."binary" = 'nova-compute'
    and s.deleted = 0
where
    t.host is not null
    and t.expires < epoch(k.now)
group by t.cell, t.host
