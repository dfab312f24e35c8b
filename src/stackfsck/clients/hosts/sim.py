"""A folder that plays hosts: ``<folder>/<host>.jsonl`` holds the lines that the probe prints."""

from __future__ import annotations

import asyncio
import json
import re
from typing import TYPE_CHECKING, Any

from stackfsck.clients.hosts import sim_act
from stackfsck.model.errors import Unreadable

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping
    from pathlib import Path

from dataclasses import dataclass

FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
AT_A_TIME = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedHost:
    """A host that a file answers for: the demo's, a recorded one, or a test's."""

    name: str
    folder: Path

    async def look(self, parameters: Mapping[str, object]) -> AsyncGenerator[bytes, None]:
        """Yield the file's lines, of the tables that are asked for; raises Unreadable."""
        if not FILE_NAME.fullmatch(self.name):
            raise Unreadable(f"{self.name!r} is no name of a file")
        try:
            lines = (self.folder / f"{self.name}.jsonl").read_bytes().splitlines()
        except OSError as error:
            raise Unreadable(f"{self.name}: no route to host ({error.strerror})") from error
        wanted = parameters.get("tables")
        for number, line in enumerate(lines):
            if number % AT_A_TIME == 0:
                await asyncio.sleep(0)  # other hosts answer meanwhile, as real ones do
            if wanted is None or _is_of(line, wanted):
                yield _counted(line, parameters.get("ceph_watchers"))

    async def act(self, request: Mapping[str, object]) -> Mapping[str, Any]:
        """Change the file as the act would change the host; raises Unreadable."""
        if not FILE_NAME.fullmatch(self.name):
            raise Unreadable(f"{self.name!r} is no name of a file")
        try:
            return sim_act.act(self.folder / f"{self.name}.jsonl", request)
        except OSError as error:
            raise Unreadable(f"{self.name}: no route to host ({error.strerror})") from error


def _counted(line: bytes, images: object) -> bytes:
    """Count the watchers of an image when that is asked for: nobody, unless the file says more."""
    if not isinstance(images, list) or b'"ceph.images"' not in line:
        return line
    said = json.loads(line)
    image = said.get("r", {})
    if f"{image.get('pool')}/{image.get('name')}" in images and image.get("watchers") is None:
        image["watchers"] = 0
    return json.dumps(said).encode()


def _is_of(line: bytes, wanted: object) -> bool:
    """Whether a line speaks of one of these tables; a line that cannot be read passes."""
    try:
        table = json.loads(line).get("t")
    except (ValueError, AttributeError):
        return True
    return table is None or (isinstance(wanted, (list, tuple, set, frozenset)) and table in wanted)


def simulated_hosts(folder: Path) -> list[SimulatedHost]:
    """Return all hosts of a folder, by name; raises Unreadable when there is no such folder."""
    if not folder.is_dir():
        raise Unreadable(f"there is no folder {folder}")
    names = sorted(path.stem for path in folder.glob("*.jsonl"))
    return [SimulatedHost(name=name, folder=folder) for name in names]
