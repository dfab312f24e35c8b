#!/bin/bash
# Waits until every service that runs reports itself alive, then makes flavors, image and networks.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$LAB_HOME/openrc"
hosts=1; alive vm2-nova-compute && hosts=2
compute_up() {
  openstack compute service list -f json |
    jq -e --argjson n $hosts '[.[] | select(.State == "up") | .Binary] | (map(select(. == "nova-compute")) | length >= $n) and index("nova-conductor") and index("nova-scheduler")'
}
volume_up() { openstack volume service list -f json | jq -e '[.[] | select(.State == "up")] | length >= 2'; }
network_up() { openstack network agent list -f json | jq -e --argjson n $((hosts + 2)) '[.[] | select(.Alive == true)] | length >= $n'; }
waitfor 150 nova compute_up || exit 1
waitfor 90 cinder volume_up || exit 1
waitfor 150 neutron network_up || exit 1
nova-manage cell_v2 discover_hosts > "$LOG/discover.log" 2>&1
once resources python3 "$LAB_DIR/lib/bootstrap.py" resources
