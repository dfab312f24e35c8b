-- One row per VM: the last moment at which nova wrote anything about it.
select
    uuid,
    max(moment) as moment
from (
    select
        uuid,
        greatest(created_at, updated_at, deleted_at) as moment
    from nova.instances
    union all
    select
        instance_uuid as uuid,
        greatest(created_at, updated_at) as moment
    from nova.migrations
    union all
    select
        instance_uuid as uuid,
        greatest(created_at, updated_at, deleted_at) as moment
    from nova.block_device_mapping
    union all
    select
        instance_uuid as uuid,
        greatest(created_at, updated_at) as moment
    from nova_api.build_requests
    union all
    select
        instance_uuid as uuid,
        greatest(created_at, updated_at) as moment
    from nova_api.instance_mappings
)
where uuid is not null and moment is not null
group by uuid
