"""Stackfsck itself, called as an operator calls it, with settings for this lab."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.labcloud.places import ADDRESS_2, HOME, HOST, HOST_2, INSTANCES

STACKFSCK = Path(sys.executable).parent / "stackfsck"
Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What `stackfsck check` answered: its exit code, and its JSON."""

    code: int
    report: Json

    @property
    def findings(self) -> list[Json]:
        """All findings."""
        return list(self.report["findings"])

    @property
    def proved(self) -> list[Json]:
        """The findings that are proved."""
        return [one for one in self.findings if one["certainty"] == "proved"]

    def unread(self) -> list[Json]:
        """The readings that are not complete."""
        fine = ("complete", "none")
        return [one for one in self.report["coverage"] if one["outcome"] not in fine]


def settings(folder: Path) -> Path:
    """Write a stackfsck.toml for the lab: the databases come from the services' own files."""
    path = folder / "stackfsck.toml"
    path.write_text(
        f"""
[files]
roots = ["/etc"]

[[hosts]]
name = "{HOST}"
transport = "local"
instances_path = "{INSTANCES}"

[[hosts]]
name = "{HOST_2}"
address = "{ADDRESS_2}"
user = "root"
identity = "{HOME}/ssh/id_ed25519"
known_hosts = "{HOME}/ssh/known_hosts"
instances_path = "{INSTANCES}"

[memcached]
servers = ["127.0.0.1:11211"]

[ceph]
host = "{HOST}"
pools = ["vms", "volumes"]
"""
    )
    return path


def stackfsck(
    *words: str, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run stackfsck and return all that it said."""
    return subprocess.run(
        (str(STACKFSCK), *words),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
        env=None if env is None else dict(env),
    )


def check(config: Path, *words: str) -> Answer:
    """Run `stackfsck check --json`.

    Raises:
        AssertionError: it did not answer with JSON.
    """
    done = stackfsck("check", "--json", "--quiet", "--config", str(config), *words)
    try:
        report = json.loads(done.stdout)
    except json.JSONDecodeError as error:
        said = (done.stderr or done.stdout)[-3000:]
        raise AssertionError(f"stackfsck ended with {done.returncode}: {said}") from error
    return Answer(code=done.returncode, report=report)
