-- code: ISC004
-- name: share-mounted-for-nobody
-- title: {host} has {source} mounted for volumes that no VM there uses
-- kind: orphan
-- severity: clutters
-- found_in: host.mounts
-- absent_from: libvirt.disks@host, nova.share_mapping
-- remedy: unmount-share
-- What it finds: A file share that nova mounted for cinder volumes (a directory named by a hash
--   below `mnt`) without any domain of the host that has a disk on it, and that is not a share of
--   manila.
-- Why it matters: When the file server goes away, the mount hangs every look at the file systems of
--   the host, nova's own among them.
-- When it is wrong: While a VM is being moved here. A cinder-volume service mounts the same shares
--   under its own directory; those are left out.
select
    m.target,
    m.host,
    m.source,
    m.type
from host.mounts as m
anti join libvirt.disks as d
    on d.host = m.host
    and starts_with(d.source, m.target || '/')
anti join nova.share_mapping as s
    on s.export_location = m.source
where
    m.type in ('nfs', 'nfs4', 'cifs', 'fuse.glusterfs', 'fuse.quobyte')
    and regexp_matches(m.target, '/mnt/[0-9a-f]{32}$')
    and m.target not like '%cinder%'
