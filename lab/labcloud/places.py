"""Where the lab lives: folders, addresses and passwords, as lab/lib/common.sh has them."""

from __future__ import annotations

import os
import platform
from pathlib import Path

HOME = Path(os.environ.get("LAB_HOME", "/var/tmp/openstack-lab"))  # noqa: S108 – the lab's default
PASSWORD = os.environ.get("LAB_PASSWORD", "labpw")
ADDRESS = os.environ.get("LAB_IP", "10.88.0.1")
ADDRESS_2 = os.environ.get("LAB_VM2_IP", "10.88.0.2")
HOST = os.environ.get("LAB_HOST", platform.node())
HOST_2 = os.environ.get("LAB_HOST2", "vm2")
SCRIPTS = Path(__file__).parent.parent
RUN = HOME / "run"
INSTANCES = HOME / "var/nova/instances"
