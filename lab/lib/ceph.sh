#!/bin/bash
# One monitor, one manager, one OSD on a plain sparse file, with cephx. Pools: volumes, images, vms.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
C=$VAR/ceph AS="--setuser ceph --setgroup ceph"
ADMIN=/etc/ceph/ceph.client.admin.keyring

conf() {
  mkdir -p "$C"/{mon,mgr,osd,run,log} /etc/ceph
  [ -e "$C/fsid" ] || cat /proc/sys/kernel/random/uuid > "$C/fsid"
  FSID=$(cat "$C/fsid")
  sed "s|@FSID@|$FSID|; s|@CEPH@|$C|g; s|@IP@|$LAB_IP|g" "$LAB_DIR/etc/ceph/ceph.conf.in" > /etc/ceph/ceph.conf
}
monitor() {
  if [ ! -e "$C/mon/a/keyring" ]; then
    ceph-authtool --create-keyring "$C/keyring.mon" --gen-key -n mon. --cap mon 'allow *' > /dev/null
    ceph-authtool --create-keyring $ADMIN --gen-key -n client.admin --cap mon 'allow *' --cap osd 'allow *' \
      --cap mds 'allow *' --cap mgr 'allow *' > /dev/null
    ceph-authtool "$C/keyring.mon" --import-keyring $ADMIN > /dev/null
    monmaptool --create --addv a "[v1:$LAB_IP:6789]" --fsid "$FSID" --clobber "$C/monmap" > /dev/null
    mkdir -p "$C/mon/a"; chown -R ceph: "$C"
    ceph-mon $AS --mkfs -i a --monmap "$C/monmap" --keyring "$C/keyring.mon" || return 1
  fi
  chown ceph: "$C" "$C"/*
  start ceph-mon ceph-mon -f $AS -i a
  waitfor 60 ceph-mon timeout 5 ceph -s
}
manager() {
  if [ ! -e "$C/mgr/a/keyring" ]; then
    mkdir -p "$C/mgr/a"
    ceph auth get-or-create mgr.a mon 'allow profile mgr' osd 'allow *' mds 'allow *' > "$C/mgr/a/keyring"
    chown -R ceph: "$C/mgr"
  fi
  start ceph-mgr ceph-mgr -f $AS -i a
}
osd() {
  if [ ! -e "$C/osd/0/ready" ]; then
    local id key; id=$(cat /proc/sys/kernel/random/uuid) key=$(ceph-authtool --gen-print-key)
    mkdir -p "$C/osd/0"
    echo "{\"cephx_secret\": \"$key\"}" | ceph osd new "$id" -i - > /dev/null
    ceph-authtool --create-keyring "$C/osd/0/keyring" --name osd.0 --add-key "$key" > /dev/null
    chown -R ceph: "$C/osd"
    ceph-osd $AS -i 0 --mkfs --osd-uuid "$id" >> "$LOG/ceph-osd.log" 2>&1 || return 1
    touch "$C/osd/0/ready"
  fi
  start ceph-osd ceph-osd -f $AS -i 0
  waitfor 60 ceph-osd bash -c 'ceph osd stat -f json | jq -e ".num_up_osds == 1"'
}
pools() {
  local p all='profile rbd pool=volumes, profile rbd pool=vms, profile rbd pool=images'
  for p in volumes images vms; do
    ceph osd pool ls | grep -qx $p && continue
    { ceph osd pool create $p 8 8; ceph osd pool application enable $p rbd; rbd pool init $p; } > /dev/null 2>&1
  done
  ceph auth get-or-create client.cinder mon 'profile rbd' osd "$all" mgr 'profile rbd' > /etc/ceph/ceph.client.cinder.keyring
}
conf && monitor && manager && osd && pools || die "Ceph did not start, see $LOG/ceph-*.log and $C/log"
. "$LAB_DIR/lib/hypervisor.sh"
ceph_secret
say "Ceph up: $(ceph health)"
