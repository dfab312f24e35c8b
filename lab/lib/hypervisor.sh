# Open vSwitch and libvirt of one compute host. Sourced after common.sh; `in_host` runs a command on that host.
# Both functions take the host's prefix: "" is this machine, "vm2-" the second host.
in_host() { "$@"; }
start_in() { start "$@"; }

switch() { # PREFIX   userspace datapath: needs no kernel module
  local db=$VAR/${1}ovs/conf.db run=/var/run/openvswitch
  mkdir -p "$VAR/${1}ovs"; in_host mkdir -p $run
  [ -e "$db" ] || ovsdb-tool create "$db" /usr/share/openvswitch/vswitch.ovsschema
  start_in "${1}ovsdb-server" ovsdb-server "$db" --remote=punix:$run/db.sock --remote=ptcp:6640:127.0.0.1 \
    --unixctl=$run/ovsdb-server.ctl -vconsole:warn
  waitfor 20 ovsdb in_host ovs-vsctl --no-wait init || return 1
  in_host ovs-vsctl --no-wait set Open_vSwitch . "external-ids:system-id=lab${1:+-vm2}"
  start_in "${1}ovs-vswitchd" ovs-vswitchd unix:$run/db.sock --unixctl=$run/ovs-vswitchd.ctl -vconsole:warn
  waitfor 30 ovs-vswitchd in_host ovs-appctl -t $run/ovs-vswitchd.ctl version || return 1
}
bridges() {
  local b
  for b in br-int br-ex br-tun; do in_host ovs-vsctl --may-exist add-br $b -- set bridge $b datapath_type=netdev; done
  in_host ip link set br-ex up
}
hypervisor() { # PREFIX   libvirtd and its log keeper, in the foreground
  local id=$ETC/${1}host_uuid
  in_host mkdir -p /var/lib/libvirt/images /run/libvirt
  [ -e "$id" ] || cat /proc/sys/kernel/random/uuid > "$id"
  keep_original qemu.conf libvirtd.conf
  in_host cp "$LAB_DIR/etc/libvirt/qemu.conf" /etc/libvirt/qemu.conf
  sed "s/@HOST_UUID@/$(cat "$id")/" "$LAB_DIR/etc/libvirt/libvirtd.conf.in" | in_host tee /etc/libvirt/libvirtd.conf > /dev/null
  start_in "${1}virtlogd" virtlogd
  start_in "${1}libvirtd" libvirtd
  waitfor 40 libvirtd in_host virsh -c qemu:///system list || return 1
}
keep_original() {   # this machine's own files come back with `lab down --wipe`
  local f
  for f in "$@"; do
    [ -e "$ETC/$f.orig" ] || [ ! -e "/etc/libvirt/$f" ] || cp "/etc/libvirt/$f" "$ETC/$f.orig"
  done
}
ceph_secret() {   # libvirt opens volumes as client.cinder
  local id xml old
  [ -e "$ETC/rbd_secret_uuid" ] || cat /proc/sys/kernel/random/uuid > "$ETC/rbd_secret_uuid"
  id=$(cat "$ETC/rbd_secret_uuid") xml=$ETC/secret.xml
  if ! in_host virsh -q -c qemu:///system secret-list | grep -q "$id"; then
    # a lab that lived in another folder left a secret with the same usage name: libvirt allows one
    for old in $(in_host virsh -q -c qemu:///system secret-list | awk '/client.cinder secret/ {print $1}'); do
      in_host virsh -q -c qemu:///system secret-undefine "$old"
    done
    echo "<secret ephemeral='no' private='no'><uuid>$id</uuid><usage type='ceph'><name>client.cinder secret</name></usage></secret>" > "$xml"
    in_host virsh -q -c qemu:///system secret-define "$xml"
  fi
  in_host virsh -q -c qemu:///system secret-set-value "$id" "$(ceph auth get-key client.cinder)" 2>/dev/null
}
