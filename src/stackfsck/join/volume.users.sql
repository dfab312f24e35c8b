-- One row per VM or host that uses a volume, and who says so.
select
    volume_id as volume,
    instance_uuid as vm,
    null::varchar as host,
    'bdm' as how
from nova.block_device_mapping
where deleted = 0 and volume_id is not null
union
select
    volume_id as volume,
    instance_uuid as vm,
    attached_host as host,
    'attachment' as how
from cinder.volume_attachment
where not deleted and volume_id is not null
union
select
    serial as volume,
    domain as vm,
    host,
    'domain' as how
from libvirt.disks
where serial is not null
union
select
    volume,
    null::uuid as vm,
    host,
    'session' as how
from host.iscsi_sessions
where volume is not null
