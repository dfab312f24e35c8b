#!/bin/bash
# dump.sh FOLDER: schemas, foreign keys and rows of every database, and what the hosts and the APIs show.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$LAB_HOME/openrc"
folder=${1:?usage: lab/lab dump FOLDER}; mkdir -p "$folder"/{schema,system}
rows() { # SOCKET DATABASE
  local dump="mysqldump -S $1 -uroot --skip-comments"
  $dump --no-data --routines --triggers "$2" | sed 's/ AUTO_INCREMENT=[0-9]*//' > "$folder/schema/$2.sql"
  $dump --single-transaction --hex-blob --skip-extended-insert --complete-insert "$2" > "$folder/$2.sql"
}
for d in nova_api nova_cell0 cinder neutron glance placement keystone; do rows "$VAR/mysql/mysqld.sock" $d; done
rows "$VAR/mysql-cell1/mysqld.sock" nova
for f in sql sql_cell1; do
  $f -B -N -e "select table_schema, table_name, column_name, column_type, is_nullable, column_default from information_schema.columns
    where table_schema not in ('mysql', 'information_schema', 'performance_schema', 'sys') order by 1, 2, ordinal_position"
done > "$folder/schema/columns.tsv"
for f in sql sql_cell1; do
  $f -B -N -e "select constraint_schema, table_name, column_name, referenced_table_name, referenced_column_name from information_schema.key_column_usage
    where referenced_table_name is not null and constraint_schema <> 'mysql' order by 1, 2, 3"
done > "$folder/schema/foreign_keys.tsv"
host() { # PREFIX COMMAND...   of one compute host
  local p=$1; shift
  for d in $("$@" virsh -q -c qemu:///system list --all --name); do "$@" virsh -q -c qemu:///system dumpxml "$d" > "$folder/system/$p$d.xml"; done
  "$@" virsh -c qemu:///system list --all > "$folder/system/${p}virsh-list.txt"
  "$@" ip -j -d link > "$folder/system/${p}ip-link.json"
  "$@" ovs-vsctl -f json list Interface > "$folder/system/${p}ovs-interface.json"
  "$@" ovs-vsctl -f json list Port > "$folder/system/${p}ovs-port.json"
  "$@" find "$VAR/nova/instances" -printf '%y %s %p\n' > "$folder/system/${p}instances.txt"
}
host "$LAB_HOST-"
alive vm2-init && host "$LAB_HOST2-" bash "$LAB_DIR/lib/vm2.sh" exec
rbd -p volumes ls -l > "$folder/system/rbd-volumes.txt"
for c in "server list --all-projects --long" "volume list --all-projects --long" "port list --long" "compute service list" "resource provider list"; do
  openstack $c -f json > "$folder/system/api-${c// /_}.json" 2>/dev/null
done
say "written to $folder"
