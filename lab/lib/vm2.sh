#!/bin/bash
# The second compute host: its own network, mounts, processes and name on the same kernel.
#   vm2.sh up | exec COMMAND... | crash | stop
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$LAB_DIR/lib/hypervisor.sh"
NETNS=lab-$LAB_HOST2
init_pid() { alive vm2-init && pgrep -P "$(pid_of vm2-init)" | head -1; }

in_host() {
  local pid; pid=$(init_pid); [ -n "$pid" ] || die "$LAB_HOST2 does not run: lab/lab up"
  nsenter -t "$pid" -m -n -p -u -i -- "$@"
}
# nsenter stays outside as the parent: the process to remember is its child.
start_in() { # NAME COMMAND...
  local name=$1 outer inner i init; shift
  alive "$name" && return 0
  init=$(init_pid)   # not below: a substitution there would be a child of the process that is looked for
  setsid nohup nsenter -t "$init" -m -n -p -u -i -- setsid "$@" >> "$LOG/$name.log" 2>&1 < /dev/null &
  outer=$!
  for ((i = 0; i < 50; i++)); do inner=$(pgrep -P $outer) && break; sleep .1; done
  [ -n "$inner" ] || die "$name did not start on $LAB_HOST2, see $LOG/$name.log"
  record "$name" "$inner"
}
network() {
  ip netns list | grep -qw "$NETNS" || ip netns add "$NETNS"
  if ip link show lab1 > /dev/null 2>&1; then ip link set lab1 netns "$NETNS"; fi
  ip -n "$NETNS" -br addr show lab1 | grep -q "$LAB_VM2_IP/" || ip -n "$NETNS" addr add "$LAB_VM2_IP/24" dev lab1
  ip -n "$NETNS" link set lo up && ip -n "$NETNS" link set lab1 up
}
machine() {   # unshare stays outside; the init is its child and takes every process of the host along when it ends
  start vm2-init ip netns exec "$NETNS" unshare --mount --pid --fork --uts --ipc --kill-child=KILL \
    bash "$LAB_DIR/lib/vm2-init.sh"
  waitfor 10 "$LAB_HOST2" in_host test -e /run/lab-ready
}
compute() {
  local neutron="--config-file /etc/neutron/neutron.conf --config-file /etc/neutron/plugins/ml2/ml2_conf.ini"
  export TMPDIR=$RUN/vm2-tmp; mkdir -p "$TMPDIR"
  start_in vm2-sshd /usr/sbin/sshd -D -e -f "$ETC/sshd_config" -o "ListenAddress=$LAB_VM2_IP"
  switch vm2- && hypervisor vm2- && ceph_secret && bridges || return 1
  start_in vm2-neutron-ovs-agent neutron-openvswitch-agent $neutron --config-file /etc/neutron/plugins/ml2/openvswitch_agent.ini
  start_in vm2-nova-compute nova-compute --config-file /etc/nova/nova-cpu.conf
}
# A power cut: nothing on the host gets a chance to tidy up.
crash() {
  alive vm2-init || return 0
  kill -KILL "$(init_pid)"
  local f; for f in "$RUN"/vm2-*.pid; do rm -f "$f"; done
  sleep 1; say "$LAB_HOST2 is down"
}
quiet() {
  local name; for name in nova-compute neutron-ovs-agent; do stop "vm2-$name" 25 & done; wait
  for name in libvirtd virtlogd ovs-vswitchd ovsdb-server sshd; do stop "vm2-$name" 20; done
}
case $1 in
  up) network && machine && compute ;;
  exec) shift; in_host "$@" ;;
  crash) crash ;;
  stop) quiet ;;
  end) quiet; crash; ip netns list | grep -qw "$NETNS" && ip netns del "$NETNS"; true ;;
  guests) alive vm2-init && pgrep -f qemu-system --ns "$(init_pid)" --nslist pid > /dev/null ;;
  *) die "vm2.sh up|exec|crash|stop|end|guests" ;;
esac
