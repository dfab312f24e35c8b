-- code: LIB014
-- name: domain-file-without-domain
-- title: File {path} ({kind}) on {host} belongs to no domain
-- kind: orphan
-- severity: clutters
-- found_in: host.vm_files@host
-- absent_from: libvirt.domains@host
-- remedy: quarantine-file
-- What it finds: NVRAM, saved memory or snapshot metadata named after a nova domain that the host
--   does not have.
-- Why it matters: Names are given again (they are made of a number): the next domain of that name
--   would start with another VM's firmware settings, or refuse to start. Saved memory is large.
-- When it is wrong: If a domain was undefined by hand to be defined again, its files are wanted.
select
    f.path,
    f.uuid as vm,
    f.host,
    f.kind,
    f.name,
    f.changed_at
from host.vm_files as f
anti join libvirt.domains as d
    on d.host = f.host
    and (d.name = f.name or d.uuid = f.uuid)
where
    f.kind in ('nvram', 'save', 'snapshot')
    and regexp_full_match(f.name, 'instance-[0-9a-f]{8}')
