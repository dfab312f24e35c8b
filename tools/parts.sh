#!/usr/bin/env bash
# Install the Debian packages that tests start their own servers from. Nothing is started by this
# script, and services that already run are left alone. Quick when all are there.
#
#   tools/parts.sh          tools/parts.sh --list
set -o pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
. tools/common.sh

parts=(
    mariadb-server mariadb-client        # tests/real: databases
    postgresql                           #
    openvswitch-switch                   # tests/real: ports and bridges
    libvirt-daemon-system libvirt-clients qemu-system-x86 qemu-utils    # tests/real: domains
    python3-libvirt                      # same, where a host has no virsh
    openssh-server openssh-client sudo   # tests/real: hosts over ssh, as another user
    memcached                            # tests/real: console tokens
    iproute2 procps                      # tests/real: links, processes
)

missing() {
    local package
    for package in "${parts[@]}"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
    done
}

if [ "${1:-}" = --list ]; then
    printf '%s\n' "${parts[@]}"
    exit 0
fi
packages=$(missing)
if [ -z "$packages" ]; then exit 0; fi
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
