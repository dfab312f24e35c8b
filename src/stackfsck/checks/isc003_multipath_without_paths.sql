-- code: ISC003
-- name: multipath-without-paths
-- title: Multipath map {name} on {host} has no paths left
-- kind: orphan
-- severity: blocks
-- found_in: host.multipaths
-- absent_from: -
-- remedy: flush-multipath
-- What it finds: A multipath map whose paths are all gone: its volume was unmapped from this host
--   while the map was still there.
-- Why it matters: With queue_if_no_path everything that touches the map hangs, device scans among
--   them: nova-compute stops attaching volumes on this host, for every VM.
-- When it is wrong: When the storage or its network is down, all maps look like this: then it is
--   not the maps that are wrong. A map that is still open must not be flushed.
select
    m.name,
    m.host,
    m.wwid,
    m.devices,
    m.paths
from host.multipaths as m
where m.paths = 0
