#!/bin/bash
# The guests' disk: 24 MiB, syslinux + Debian's cloud kernel + busybox with virtio, DHCP and ACPI (hot-unplug needs a guest that answers).
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$LAB_HOME/guest" || die "no guest kernel: run lab/lab install"
[ -e guest.img ] && exit 0
modules=$(ls -d k/lib/modules/*/kernel)
rm -rf root; mkdir -p root/{bin,proc,sys,dev,lib,etc/acpi/PWRF,tmp}
cp /bin/busybox root/bin/busybox
cp "$LAB_DIR/etc/guest/init" root/init
printf '#!/bin/sh\npoweroff -f\n' > root/etc/acpi/PWRF/00000080
chmod +x root/init root/etc/acpi/PWRF/00000080
add() { # MODULE   after the modules that it depends on
  local file need
  grep -qx "$1" root/lib/order 2>/dev/null && return
  file=$(find "$modules" -name "$1.ko" | head -1); [ -n "$file" ] || return
  for need in $(modinfo -F depends "$file" | tr , ' '); do add "$need"; done
  cp "$file" root/lib/; echo "$1" >> root/lib/order
}
for m in virtio_pci virtio_net virtio_blk evdev button; do add $m; done
(cd root && find . | cpio -o -H newc --quiet | gzip -9 > ../initrd.gz)
cp "$LAB_DIR/etc/guest/syslinux.cfg" .
truncate -s 24M disk.new && mkfs.vfat -F 16 disk.new > /dev/null
mcopy -i disk.new vmlinuz initrd.gz syslinux.cfg ::/ && syslinux --install disk.new && mv disk.new guest.img
