#!/bin/bash
# The control plane: databases, APIs, schedulers, conductors, agents of host 1.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
export TMPDIR=$RUN/tmp; mkdir -p "$TMPDIR"
alive neutron-api || rm -f "$TMPDIR"/neutron*    # neutron keeps its start time in a file named by its parent's number
NEUTRON="--config-file /etc/neutron/neutron.conf --config-file /etc/neutron/plugins/ml2/ml2_conf.ini"
KEYSTONE=http://$LAB_IP:5000/v3

database() { # SQL-FUNCTION USER DATABASE
  local at
  for at in 127.0.0.1 localhost; do
    echo "create user if not exists '$2'@'$at' identified by '$LAB_PASSWORD'; grant all on $3.* to '$2'@'$at';"
  done | { echo "create database if not exists $3 character set utf8mb3;"; cat; } | "$1" || die "no database $3"
}
databases() {
  local d
  for d in keystone placement glance neutron cinder; do database sql $d $d; done
  database sql nova nova_api; database sql nova nova_cell0; database sql_cell1 nova nova
  once keystone-schema keystone-manage db_sync
  once placement-schema placement-manage db sync
  once glance-schema glance-manage db_sync
  once cinder-schema cinder-manage db sync
  once neutron-schema neutron-db-manage $NEUTRON upgrade heads
  once nova-api-schema nova-manage api_db sync
  once nova-cell0 nova-manage cell_v2 map_cell0 --database_connection "mysql+pymysql://nova:$LAB_PASSWORD@127.0.0.1:3306/nova_cell0?charset=utf8"
  once nova-schema nova-manage db sync
  once nova-cell1 nova-manage cell_v2 create_cell --name cell1
  once keystone-fernet keystone-manage fernet_setup --keystone-user root --keystone-group root
  once keystone-credential keystone-manage credential_setup --keystone-user root --keystone-group root
  once keystone-bootstrap keystone-manage bootstrap --bootstrap-password "$LAB_PASSWORD" --bootstrap-admin-url "$KEYSTONE" \
    --bootstrap-internal-url "$KEYSTONE" --bootstrap-public-url "$KEYSTONE" --bootstrap-region-id RegionOne
}
api() { # NAME PORT MODULE THREADS [MORE...]
  local name=$1 port=$2 module=$3 threads=$4; shift 4
  start "$name" uwsgi --http-socket "$LAB_IP:$port" --module "$module:application" --master --die-on-term \
    --processes 2 --threads "$threads" --enable-threads --lazy-apps --thunder-lock --buffer-size 65535 \
    --add-header 'Connection: close' --procname-prefix "$name " --worker-reload-mercy 5 --reload-mercy 5 \
    --need-app --disable-logging --log-master --virtualenv "$VENV" "$@"
}
answers() { curl -s -o /dev/null -m 5 "http://$LAB_IP:$1/"; }
apis() {
  api keystone 5000 keystone.wsgi.api 4
  api placement 8778 placement.wsgi.api 4
  waitfor 60 keystone answers 5000 || exit 1
  once identity python3 "$LAB_DIR/lib/bootstrap.py" identity
  # nova uploads images in chunks that are larger than uwsgi's 1 MB
  api glance 9292 glance.wsgi.api 2 --chunked-input-limit 67108864 --chunked-input-timeout 60
  api neutron-api 9696 neutron.wsgi.api 4
  OS_CINDER_DISABLE_EVENTLET_PATCHING=1 api cinder-api 8776 cinder.wsgi.api 4
  api nova-api 8774 nova.wsgi.osapi_compute 4
  # a second API for the same cloud: what is deleted there stays restorable (vm_state soft-delete)
  OS_NOVA_CONFIG_FILES="api-paste.ini;nova.conf;soft-delete.conf" api nova-api-soft 8775 nova.wsgi.osapi_compute 2
}
consumed() { # QUEUE
  "$ETC/rabbit" rabbitmqctl -q list_queues name consumers | awk -v q="$1" '$1 == q && $2 > 0 {found = 1} END {exit !found}'
}
# A restarted userspace vswitch makes the agents' internal ports again in the root namespace, next to dead copies in
# qdhcp-/qrouter-: drop both, the agents plug anew.
drop_dead_internal_ports() {
  local p f n
  alive neutron-dhcp-agent || alive neutron-l3-agent && return
  for p in $(ovs-vsctl list-ports br-int | grep -E '^(tap|qr-|qg-)'); do
    [ "$(ovs-vsctl get Interface "$p" type)" = internal ] && ovs-vsctl del-port br-int "$p"
  done
  for f in "$VAR"/neutron/dhcp/*/pid; do
    [ -s "$f" ] && p=$(cat "$f") && grep -q "$VAR/neutron/dhcp" "/proc/$p/cmdline" 2>/dev/null && kill "$p"
  done
  for n in $(ip netns | cut -d' ' -f1 | grep -E '^(qdhcp|qrouter)-[0-9a-f]{8}-'); do ip netns del "$n"; done
}
services() {
  waitfor 90 neutron-api answers 9696 || exit 1
  start neutron-rpc-server neutron-rpc-server $NEUTRON
  start neutron-periodic-workers neutron-periodic-workers $NEUTRON
  start nova-conductor nova-conductor
  start nova-scheduler nova-scheduler
  # an agent that starts before neutron listens loses a minute or more in a timeout
  waitfor 90 neutron-rpc consumed q-plugin; waitfor 60 neutron-reports consumed q-reports-plugin
  . "$LAB_DIR/lib/hypervisor.sh"; bridges
  drop_dead_internal_ports
  start neutron-ovs-agent neutron-openvswitch-agent $NEUTRON --config-file /etc/neutron/plugins/ml2/openvswitch_agent.ini
  start neutron-dhcp-agent neutron-dhcp-agent $NEUTRON --config-file /etc/neutron/dhcp_agent.ini
  start neutron-l3-agent neutron-l3-agent $NEUTRON --config-file /etc/neutron/l3_agent.ini
  start cinder-scheduler cinder-scheduler
  start cinder-volume cinder-volume
  local p
  for p in nova-api:8774 glance:9292 cinder-api:8776 placement:8778; do waitfor 90 "${p%:*}" answers "${p#*:}" || exit 1; done
}
databases && apis && services
