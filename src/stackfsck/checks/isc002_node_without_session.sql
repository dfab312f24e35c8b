-- code: ISC002
-- name: iscsi-node-without-session
-- title: {host} remembers the target of volume {volume}, which nothing attaches there
-- kind: orphan
-- severity: clutters
-- found_in: host.iscsi_nodes
-- absent_from: host.iscsi_sessions@host, cinder.volume_attachment, cinder.volumes,
--   nova.block_device_mapping, nova.instances, nova.migrations
-- remedy: delete-iscsi-node
-- What it finds: A node record of open-iscsi for a volume's own target, with no session, no
--   attachment for that host and no VM there that has the volume.
-- Why it matters: With `startup` automatic the host logs in again at every boot: at best it waits
--   for a timeout each, at worst it opens what now belongs to somebody else.
-- When it is wrong: Targets that are shared by many volumes carry no volume's id and are not looked
--   at.
with novas as (
    select
        b.volume_id,
        p.host
    from nova.block_device_mapping as b
    inner join vm.places as p
        on p.uuid = b.instance_uuid
    where b.deleted = 0
)

select
    r.iqn,
    r.host,
    coalesce(v.id, r.volume) as volume,
    r.portal,
    r.startup,
    coalesce(v.status, 'gone') as volume_status,
    (
        select any_value(o.instance_uuid) from cinder.volume_attachment as o
        where o.volume_id = v.id and not o.deleted
    ) as vm,
    v.updated_at as changed_at
from host.iscsi_nodes as r
left join cinder.volumes as v
    on coalesce(v._name_id, v.id) = r.volume
    and not v.deleted
anti join host.iscsi_sessions as s
    on s.host = r.host
    and s.iqn = r.iqn
anti join cinder.volume_attachment as a
    on a.volume_id = coalesce(v.id, r.volume)
    and not a.deleted
    and (a.attached_host = r.host or (a.attached_host is null and a.attach_status = 'attached'))
anti join novas as n
    on n.volume_id = coalesce(v.id, r.volume)
    and n.host = r.host
anti join volume.busy as y
    on y.volume = v.id
where r.volume is not null
