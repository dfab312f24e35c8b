#!/bin/bash
# Process 1 of the second host: gives it its own places, then waits and buries the dead.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
set -e
own() { # FOLDER [NAME]   a folder of host 1 is hidden behind one of host 2
  local mine=$VAR/vm2-root/${2:-$(basename "$1")}
  mkdir -p "$mine" "$1"
  mount --bind "$mine" "$1"
}
mount --make-rprivate /
mount -t proc proc /proc
hostname "$LAB_HOST2"
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/{libvirt,openvswitch,sshd,lock,netns}
own /etc/libvirt etc-libvirt
own /var/lib/libvirt lib-libvirt
own /var/cache/libvirt cache-libvirt
own /var/log/libvirt log-libvirt
own /etc/openvswitch etc-openvswitch
mkdir -p "$VAR/vm2-nova/instances"
mount --bind "$VAR/vm2-nova" "$VAR/nova"
mount --bind "$ETC/vm2/nova" "$ETC/nova"
mount --bind "$ETC/vm2/neutron" "$ETC/neutron"
[ -s "$VAR/vm2-root/machine-id" ] || tr -d - < /proc/sys/kernel/random/uuid > "$VAR/vm2-root/machine-id"
[ ! -e /etc/machine-id ] || mount --bind "$VAR/vm2-root/machine-id" /etc/machine-id
touch /run/lab-ready
set +e
while :; do sleep 3600 & wait $!; done
