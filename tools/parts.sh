#!/usr/bin/env bash
# Install the Debian packages that tests start their own servers from. Nothing is started by this
# script, and services that already run are left alone. Quick when all are there.
#
#   tools/parts.sh          tools/parts.sh --list
set -o pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
. tools/common.sh

# package                 the program that shows that it is there
parts='
mariadb-server            mariadbd
mariadb-client            mariadb
postgresql                pg_ctlcluster
openvswitch-switch        ovs-vswitchd
openvswitch-common        ovs-vsctl
libvirt-daemon            libvirtd
libvirt-daemon-system     virtlogd
libvirt-clients           virsh
qemu-system-x86           qemu-system-x86_64
qemu-utils                qemu-img
openssh-server            sshd
openssh-client            ssh
memcached                 memcached
iproute2                  ip
procps                    ps
sudo                      sudo
'

missing() {
    local package program
    while read -r package program; do
        [ -z "$package" ] || command -v "$program" >/dev/null || echo "$package"
    done <<<"$parts"
}

[ "${1:-}" = --list ] && { echo "$parts" | awk 'NF { print $1 }'; exit 0; }

packages=$(missing)
[ -z "$packages" ] && exit 0
say "installing what tests need: ${packages//$'\n'/ }"

# Packages start their services when they are installed, unless this file says 101 ("not allowed").
policy=/usr/sbin/policy-rc.d
saved=$(mktemp -d) || die "no temporary directory can be made in ${TMPDIR:-/tmp}"
put_back() {
    if [ -e "$saved/policy" ]; then
        as_root cp -p "$saved/policy" "$policy"
    else
        as_root rm -f "$policy"
    fi
    rm -rf "$saved"
}
if [ -e "$policy" ]; then cp -p "$policy" "$saved/policy" || die "$policy cannot be kept"; fi
trap put_back EXIT
trap 'exit 1' INT TERM HUP
printf '#!/bin/sh\nexit 101\n' >"$saved/new" && chmod 755 "$saved/new"
as_root cp -p "$saved/new" "$policy" || die "$policy cannot be written; services would be started"

# shellcheck disable=SC2086  # one argument per package
apt_install $packages || warn "apt could not install everything (see above)"
hash -r
packages=$(missing)
[ -z "$packages" ] || die "still missing: ${packages//$'\n'/ }"
say "installed; none of it was started"
