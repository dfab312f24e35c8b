-- code: CON003
-- name: memcached-token-of-dead-vm
-- title: Memcached {server} keeps a console token for VM {vm}, which is gone
-- kind: orphan
-- severity: clutters
-- found_in: memcached.tokens
-- absent_from: nova.instances, nova_api.build_requests
-- remedy: remove-cached-token
-- What it finds: A console token of the old nova-consoleauth service for a VM that no cell has
--   alive.
-- Why it matters: Until it lapses it opens the console that now listens on the same host and port,
--   which may be another user's VM.
-- When it is wrong: Tokens lapse by themselves, after ten minutes where nothing else is set.
select
    t.server || '/' || t.key as token,
    t.instance as vm,
    t.server,
    t.expires
from memcached.tokens as t
cross join run.clock as k
anti join vm.alive as a
    on a.uuid = t.instance
where
    t.instance is not null
    and (t.expires is null or t.expires > k.now)
