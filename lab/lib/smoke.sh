#!/bin/bash
# Boots a plain VM, one from a volume, one with a volume; looks at every layer; takes all away and looks for leftovers.
#   smoke.sh boot    only boots them (lab-plain, lab-bfv, lab-vol) and leaves them
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$LAB_HOME/openrc"
set -o pipefail
bad=0 begin=$SECONDS prefix=smoke
[ "${1:-}" = boot ] && prefix=lab
declare -A id port
# everything is on host 1, where this script can look
HERE="--os-compute-api-version 2.95 --availability-zone nova:$LAB_HOST"

ok() { # WHAT COMMAND...
  local what=$1; shift
  if "$@" > /dev/null 2>&1; then echo "OK   $what"; else echo "FAIL $what"; bad=1; fi
}
os() { timeout 180 openstack "$@" 2>/dev/null; }
is() { [ "$(os "$1" show "$2" -f value -c status)" = "$3" ]; }       # KIND NAME STATUS
becomes() { local i; for ((i = 0; i < 30; i++)); do is "$@" && return; sleep 1; done; return 1; }
boot() { # NAME MORE...
  local name=$1; shift
  os server show "$name" -f value -c id > /dev/null && return
  os server create $HERE --flavor m1.nano --image tiny --network private --wait "$@" "$name" -f value -c id > /dev/null
}
boot_all() {
  boot $prefix-plain; boot $prefix-bfv --boot-from-volume 1; boot $prefix-vol
  os volume show $prefix-data -f value -c id > /dev/null || os volume create --size 1 $prefix-data > /dev/null
  is volume $prefix-data in-use || { becomes volume $prefix-data available && os server add volume $prefix-vol $prefix-data > /dev/null; }
  ok "$prefix-data in-use" becomes volume $prefix-data in-use
}
look() { # VM   on every layer of host 1
  local v=$1 n=$prefix-$1 d
  ok "$n ACTIVE" becomes server "$n" ACTIVE
  id[$v]=$(os server show "$n" -f value -c id)
  port[$v]=$(os port list --server "${id[$v]}" -f value -c id)
  ok "$n domain runs" bash -c "[ \$(virsh -q -c qemu:///system domstate ${id[$v]}) = running ]"
  for d in tap qbr qvb qvo; do ok "$n $d${port[$v]:0:11}" ip link show "$d${port[$v]:0:11}"; done
  ok "$n port on br-int" bash -c "ovs-vsctl list-ports br-int | grep -qx qvo${port[$v]:0:11}"
  ok "$n allocation" bash -c "openstack resource provider allocation show ${id[$v]} -f value | grep -q VCPU"
  ok "$n has its address" bash -c "for i in \$(seq 40); do openstack console log show ${id[$v]} | grep -q 'DHCP OK' && exit 0; sleep 1; done; exit 1"
}
gone() { # VM
  local n=$prefix-$1
  ok "$n gone from nova" bash -c "! openstack server show ${id[$1]}"
  ok "$n gone from libvirt" bash -c "! virsh -q -c qemu:///system domstate ${id[$1]}"
  ok "$n has no device" bash -c "! ip -br link | grep -q ${port[$1]:0:11}"
  ok "$n has no folder" bash -c "[ ! -e $VAR/nova/instances/${id[$1]} ]"
  ok "$n has no port" bash -c "! openstack port show ${port[$1]}"
}
boot_all
for v in plain bfv vol; do look $v; done
ok "$prefix-vol has the volume's disk" bash -c "virsh -q -c qemu:///system domblklist ${id[vol]} | grep -q volumes/volume-"
if [ $prefix = lab ]; then echo "$([ $bad = 0 ] && echo OK || echo FAIL) in $((SECONDS - begin)) s"; exit $bad; fi
os server remove volume smoke-vol smoke-data; ok "volume detached" becomes volume smoke-data available
ok "volume deleted" bash -c "openstack volume delete smoke-data"
os server shelve --offload --wait smoke-plain; ok "shelved" is server smoke-plain SHELVED_OFFLOADED
os server unshelve --wait smoke-plain; ok "unshelved" becomes server smoke-plain ACTIVE
root=$(os server show smoke-bfv -f json -c volumes_attached | jq -r '.volumes_attached[0].id')
os server delete --wait smoke-plain smoke-bfv smoke-vol
[ -n "$root" ] && becomes volume "$root" available && os volume delete "$root"
for v in plain bfv vol; do gone $v; done
sleep 3
ok "root volume gone from Ceph" bash -c "! rbd -p volumes ls | grep -q volume-$root"
nova-manage placement audit --verbose > "$LOG/audit.log" 2>/dev/null; ok "placement audit" [ $? = 0 ]
nova-manage placement heal_allocations --verbose > "$LOG/heal.log" 2>/dev/null; ok "nothing to heal" [ $? = 4 ]
echo "$([ $bad = 0 ] && echo OK || echo FAIL) in $((SECONDS - begin)) s"; exit $bad
