#!/bin/bash
# Debian packages, the guest's kernel, one Python environment. Idempotent; starts nothing.
set -e
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
mkdir -p "$LAB_HOME"/{var,log,etc,run,guest}
export DEBIAN_FRONTEND=noninteractive
packages="mariadb-server mariadb-client rabbitmq-server memcached
 libvirt-daemon-system libvirt-clients libvirt-daemon libvirt-daemon-driver-qemu libvirt-daemon-driver-storage-rbd
 qemu-system-x86 qemu-utils qemu-block-extra python3-libvirt python3-venv python3-dev python3-pip
 build-essential pkg-config libssl-dev libffi-dev libxml2-dev libxslt1-dev libpq-dev
 openvswitch-switch openvswitch-common iptables nftables ipset ebtables bridge-utils iproute2 dnsmasq-base
 conntrack arping haproxy ceph-mon ceph-osd ceph-mgr ceph-common python3-rados python3-rbd librbd1
 openssh-server openssh-client curl jq bc lsof dmidecode genisoimage sudo procps psmisc kmod
 busybox-static syslinux syslinux-common mtools dosfstools cpio"

# No package may start its service: the lab starts its own, elsewhere.
forbid_starts() {
  [ -e /usr/sbin/policy-rc.d ] && return
  printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d; chmod +x /usr/sbin/policy-rc.d
  trap 'rm -f /usr/sbin/policy-rc.d' EXIT
}
install_packages() {
  local miss=() p before
  for p in $packages; do
    dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || miss+=("$p")
  done
  [ ${#miss[@]} = 0 ] && return
  forbid_starts
  before=$(pgrep -x epmd || true)
  nice apt-get -q -o DPkg::Lock::Timeout=600 update
  nice apt-get -q -o DPkg::Lock::Timeout=600 install -y --no-install-recommends "${miss[@]}"
  # rabbitmq-server's installation leaves an epmd on every address: end just that one
  for p in $(pgrep -x epmd || true); do
    case " $before " in *" $p "*) ;; *) kill "$p" ;; esac
  done
}
unpack_guest_kernel() {   # the kernel of the guests is unpacked, never installed
  [ -e "$LAB_HOME/guest/vmlinuz" ] && return
  cd "$LAB_HOME/guest"
  local kernel; kernel=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/.*Depends: //p' | head -1)
  apt-get -q download "$kernel"
  dpkg -x "$kernel"*.deb k; rm -f "$kernel"*.deb
  cp k/boot/vmlinuz-* vmlinuz
}
make_environment() {
  [ -e "$VENV/.done" ] && return
  cd "$LAB_HOME"
  [ -x "$VENV/bin/python" ] || /usr/bin/python3 -m venv --system-site-packages "$VENV"
  [ -x "$VENV/bin/uv" ] || "$VENV/bin/python" -m pip install -q uv
  VIRTUAL_ENV=$VENV nice "$VENV/bin/uv" pip install -q --no-deps -r "$LAB_DIR/requirements.lock"
  touch "$VENV/.done"
}
install_packages
unpack_guest_kernel
make_environment
# privsep and rootwrap are called through sudo, whose path does not know the environment
for b in privsep-helper nova-rootwrap neutron-rootwrap neutron-rootwrap-daemon cinder-rootwrap; do
  ln -sfn "$VENV/bin/$b" "/usr/local/bin/$b"
done
say "installed in $LAB_HOME"
