"""The probe under the oldest Python that it is made for, where a machine has one."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.real.probing import probe, understand

from stackfsck.clients.hosts.base import probe_script


def oldest() -> str | None:
    """Return a Python 3.6, from pyenv (whose shims on PATH may lead nowhere) or from PATH."""
    kept = sorted(Path.home().glob(".pyenv/versions/3.6.*/bin/python3.6"))
    return str(kept[0]) if kept else shutil.which("python3.6")


@pytest.mark.skipif(oldest() is None, reason="no Python 3.6 on this machine")
def test_an_old_python_sees_the_same() -> None:
    tables = ["host.links", "host.mounts", "host.multipaths", "host.iscsi_nodes", "host.facts"]
    python = oldest()
    assert python is not None
    done = subprocess.run(
        [python, "-I", "-B", "-", json.dumps({"tables": tables})],
        input=probe_script(),
        capture_output=True,
        timeout=120,
        check=True,
    )
    old, new = understand(done.stdout.decode()), probe({"tables": tables})
    for seen in (old, new):
        seen.rows["host.facts"][0]["clock"] = None
    assert old.whole
    assert old.ended == new.ended
    assert {row["name"] for row in old.rows["host.links"]} != set()
    assert old.rows["host.facts"] == new.rows["host.facts"]
