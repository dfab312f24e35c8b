#!/bin/bash
# nova-compute of host 1.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
export TMPDIR=$RUN/tmp
start nova-compute nova-compute --config-file /etc/nova/nova-cpu.conf
