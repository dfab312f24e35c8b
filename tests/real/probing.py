"""Runs the probe as a host would: by itself, from standard input."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from stackfsck.clients.hosts.base import probe_script

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass
class Seen:
    """What the probe printed: rows by table, and how each table ended."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    ended: dict[str, str] = field(default_factory=dict)
    whole: bool = False

    def by(self, table: str, key: str) -> dict[Any, dict[str, Any]]:
        """Return the rows of a table by one of their columns."""
        return {row[key]: row for row in self.rows[table]}


def understand(output: str) -> Seen:
    """Sort the probe's lines."""
    seen = Seen()
    for line in output.splitlines():
        said = json.loads(line)
        if "r" in said:
            seen.rows[said["t"]].append(said["r"])
        elif "t" in said:
            ending = next(word for word in ("done", "partial", "failed") if word in said)
            seen.ended[said["t"]] = ending if ending == "done" else f"{ending}: {said[ending]}"
            assert said["rows"] == len(seen.rows[said["t"]])
        else:
            seen.whole = said == {"end": True}
    return seen


def probe(
    parameters: Mapping[str, object],
    prefix: Sequence[str] = (),
    path: str = "",
    python: str = sys.executable,
) -> Seen:
    """Run the probe here, or where a prefix leads; `path` is put before PATH."""
    environment = {
        **os.environ,
        "PATH": f"{path}:{os.environ['PATH']}" if path else os.environ["PATH"],
    }
    done = subprocess.run(
        [*prefix, python, "-I", "-B", "-", json.dumps(dict(parameters))],
        input=probe_script(),
        capture_output=True,
        env=environment,
        timeout=120,
        check=True,
    )
    assert done.stderr == b""
    return understand(done.stdout.decode())
