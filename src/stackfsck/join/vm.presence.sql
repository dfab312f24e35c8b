-- One row per UUID that any store takes for a VM, and in which stores it stands.
select
    uuid,
    bool_or(store = 'nova') as nova,
    bool_or(store = 'deleted') as deleted,
    bool_or(store = 'mapping') as mapping,
    bool_or(store = 'request_spec') as request_spec,
    bool_or(store = 'placement') as placement,
    bool_or(store = 'cinder') as cinder,
    bool_or(store = 'neutron') as neutron,
    bool_or(store = 'libvirt') as libvirt,
    bool_or(store = 'directory') as directory,
    bool_or(store = 'ceph') as ceph
from (
    select
        uuid,
        if(deleted = 0, 'nova', 'deleted') as store
    from nova.instances
    union all
    select
        instance_uuid,
        'mapping'
    from nova_api.instance_mappings
    union all
    select
        instance_uuid,
        'request_spec'
    from nova_api.request_specs
    union all
    select
        try_cast(c.uuid as uuid),
        'placement'
    from placement.consumers as c
    semi join placement.allocations as a
        on a.consumer_id = c.uuid
    union all
    select
        instance_uuid,
        'cinder'
    from cinder.volume_attachment
    where not deleted
    union all
    select
        try_cast(device_id as uuid),
        'neutron'
    from neutron.ports
    where device_owner like 'compute:%'
    union all
    select
        uuid,
        'libvirt'
    from libvirt.domains
    union all
    select
        uuid,
        'directory'
    from host.instance_dirs
    union all
    select
        uuid,
        'ceph'
    from ceph.images
)
where uuid is not null
group by uuid
