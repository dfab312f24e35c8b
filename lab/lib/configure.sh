#!/bin/bash
# Configuration files of every service; see configure.py.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
mkdir -p "$VAR"/{keystone/{fernet,credential},placement,glance/{images,staging,tasks},neutron,cinder/{conversion,coordination},nova/instances,vm2-nova/instances}
mkdir -p "$VAR"/lock-{glance,nova,neutron,cinder}
python3 "$LAB_DIR/lib/configure.py" || die "the configuration could not be written"
