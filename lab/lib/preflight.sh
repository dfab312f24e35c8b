#!/bin/bash
# Says what is missing before anything is changed.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
missing=()
[ "$(id -u)" = 0 ] || missing+=("root: the lab makes network devices and runs libvirt")
. /etc/os-release 2>/dev/null
[ "${ID:-}" = debian ] && [ "${VERSION_ID:-}" = 12 ] ||
  missing+=("Debian 12: this is ${PRETTY_NAME:-an unknown system}; a Debian 12 VM or container with all capabilities will do")
[[ $LAB_PASSWORD =~ ^[A-Za-z0-9._-]+$ ]] || missing+=("a LAB_PASSWORD of letters, digits, dots, dashes (it goes into addresses)")
kib=$(awk '/^MemAvailable/ {print $2}' /proc/meminfo)
[ -s "$RUN/order" ] || [ "$kib" -ge 10000000 ] || missing+=("10 GB of free memory: there are $((kib / 1024)) MiB")
mkdir -p "$LAB_HOME" 2>/dev/null
free=$(df --output=avail -k "$LAB_HOME" 2>/dev/null | tail -1)
[ "${free:-0}" -ge 12000000 ] || missing+=("12 GB of free disk in $LAB_HOME")
if [ "$(id -u)" = 0 ]; then
  # two device kinds that a container without CAP_NET_ADMIN, or a bare kernel, does not give
  if ip link add lab-try type veth peer name lab-try2 2>/dev/null; then ip link del lab-try
  else missing+=("veth devices: 'ip link add type veth' was refused"); fi
  if ip link add lab-try type bridge 2>/dev/null; then ip link del lab-try
  else missing+=("bridge devices: 'ip link add type bridge' was refused"); fi
  [ -c /dev/net/tun ] || missing+=("/dev/net/tun")
  unshare --mount --pid --fork true 2>/dev/null || missing+=("mount and pid namespaces: 'unshare' was refused")
fi
[ ${#missing[@]} = 0 ] && exit 0
printf 'lab: this machine cannot carry the lab. It lacks\n' >&2
printf '  - %s\n' "${missing[@]}" >&2
exit 1
