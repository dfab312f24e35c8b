-- code: LIB009
-- name: process-without-domain
-- title: Process {pid} on {host} runs VM {vm} ({name}), but libvirt has no such domain
-- kind: ghost
-- severity: corrupts
-- found_in: libvirt.processes@host, nova.instances, nova_api.build_requests
-- absent_from: libvirt.domains@host
-- remedy: report-only
-- What it finds: A qemu process with a UUID that nova knows, or with a name that nova gives, for
--   which the host's libvirt has no domain.
-- Why it matters: Libvirt lost it (its state directory was removed, or it was restarted badly).
--   Nova believes the VM to be off or gone while it writes to its disks.
-- When it is wrong: With one libvirt per container the process may belong to another libvirt of the
--   same host.
select
    p.host || '/' || p.pid as process,
    p.uuid as vm,
    p.host,
    p.pid,
    p.name,
    p.started as changed_at
from libvirt.processes as p
anti join libvirt.domains as d
    on d.host = p.host
    and d.uuid = p.uuid
where
    p.uuid is not null
    and (
        regexp_full_match(p.name, 'instance-[0-9a-f]{8}')
        or p.uuid in (select uuid from vm.known)
    )
