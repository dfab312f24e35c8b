#!/bin/bash
# Stops only what `up` started: by process number and start time, never by name.
#   down.sh          guests of host 1 go on (as on a real compute host), but their volumes hang until `up`
#   down.sh --vms    ends nova's guests first
#   down.sh --wipe   also undefines them, removes the devices, the data, and what was written outside LAB_HOME
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
mode=${1:-}
case $mode in ''|--vms|--wipe) ;; *) die "down knows --vms and --wipe" ;; esac
[ -d "$RUN" ] || exit 0
exec 9> "$RUN/lock"; flock -w 600 9 || die "another lab/lab up or down is running"
VIRSH="virsh -q -c qemu:///system"
INFRA="sshd ceph-osd ceph-mgr ceph-mon libvirtd virtlogd ovs-vswitchd ovsdb-server rabbitmq epmd memcached mariadb-cell1 mariadb"

end_guests() {
  local d
  alive libvirtd || return 0
  for d in $($VIRSH list --all --name | grep '^instance-'); do
    $VIRSH destroy "$d" > /dev/null 2>&1
    [ "$mode" = --wipe ] && $VIRSH undefine --managed-save --nvram --snapshots-metadata "$d" > /dev/null
  done
}
end_services() {   # every OpenStack service at once; they take seconds each
  local name
  for name in $(tac "$RUN/order" 2>/dev/null | awk '!seen[$0]++' | grep -v '^vm2-'); do
    case " $INFRA " in *" $name "*) ;; *) stop "$name" 25 & ;; esac
  done
  wait
}
end_children() {   # dnsmasq and radvd of the agents, by the agents' own pid files
  local file pid
  for file in "$VAR"/neutron/dhcp/*/pid "$VAR"/neutron/external/pids/*.pid; do
    [ -s "$file" ] || continue
    pid=$(cat "$file")
    tr '\0' ' ' < "/proc/$pid/cmdline" 2>/dev/null | grep -q "$VAR/neutron" && kill "$pid"
  done
}
wipe() {
  local link ns service
  for link in $(ip -br link | cut -d' ' -f1 | cut -d@ -f1 | grep -E '^(qbr|qvb|qvo|tap|vxlan_sys|ovs-netdev$|br-(int|ex|tun)$|lab0$)'); do
    ip link del "$link" 2>/dev/null
  done
  for ns in $(ip netns list | cut -d' ' -f1 | grep -E '^(qdhcp|qrouter)-'); do ip netns del "$ns"; done
  for service in keystone placement glance nova neutron cinder; do
    [ -L /etc/$service ] && rm /etc/$service
    [ -e /etc/$service.distro ] && mv /etc/$service.distro /etc/$service
  done
  [ -e "$ETC/qemu.conf.orig" ] && cp "$ETC/qemu.conf.orig" /etc/libvirt/qemu.conf
  [ -e "$ETC/libvirtd.conf.orig" ] && cp "$ETC/libvirtd.conf.orig" /etc/libvirt/libvirtd.conf
  rm -f /etc/ceph/ceph.conf /etc/ceph/ceph.client.{admin,cinder}.keyring /etc/ssh/ssh_config.d/stackfsck-lab.conf
  sed -i '/# stackfsck-lab$/d' /etc/hosts 2>/dev/null || { grep -v '# stackfsck-lab$' /etc/hosts > /tmp/hosts.$$; cat /tmp/hosts.$$ > /etc/hosts; rm /tmp/hosts.$$; }
  rm -rf "$VAR" "$RUN" "$ETC" "$LAB_HOME/ssh" "$LAB_HOME/openrc"
}
[ -n "$mode" ] && end_guests
# host 2 is one process tree: without guests, or when they are to end, it goes as a whole
if [ -z "$mode" ] && bash "$LAB_DIR/lib/vm2.sh" guests; then bash "$LAB_DIR/lib/vm2.sh" stop; else bash "$LAB_DIR/lib/vm2.sh" end; fi
end_services
end_children
for name in $INFRA; do stop "$name" 60; done
rm -f "$RUN/order"
[ "$mode" = --wipe ] && wipe
exit 0
