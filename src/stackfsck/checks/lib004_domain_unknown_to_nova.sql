-- code: LIB004
-- name: domain-unknown-to-nova
-- title: Domain {name} ({nova_name}) is {state} on {host}, but nova knows no VM {vm}
-- kind: ghost
-- severity: corrupts
-- found_in: libvirt.domains@host
-- absent_from: nova.instances, nova.shadow_instances, nova_api.build_requests
-- remedy: remove-domain
-- What it finds: A domain with nova's metadata, or with a name that nova gives, whose UUID is in no
--   cell, in no archive, and in no build request.
-- Why it matters: Its rows were removed by hand, or purged after archiving. Nobody pays for it,
--   nobody can stop it through the API, and it may still use disks and addresses.
-- When it is wrong: A machine that serves two clouds, or VMs kept from an old one, looks the same:
--   compare the project in the evidence with keystone before anything is removed.
select
    d.host || '/' || d.uuid as domain,
    d.uuid as vm,
    d.host,
    d.name,
    d.state,
    d.nova_name,
    d.nova_project as project,
    d.nova_created as created
from libvirt.domains as d
anti join nova.instances as i
    on i.uuid = d.uuid
anti join nova.shadow_instances as s
    on s.uuid = d.uuid
anti join nova_api.build_requests as b
    on b.instance_uuid = d.uuid
where
    d.is_nova
    or regexp_full_match(d.name, 'instance-[0-9a-f]{8}')
