"""A list of everything that tests made, in a file: it tells what an interrupted run left."""

from __future__ import annotations

import threading
from typing import NamedTuple

from lab.labcloud.places import RUN

LIST = RUN / "made-by-tests"
_LOCK = threading.Lock()  # faults are made and mended side by side


class Thing(NamedTuple):
    """One thing: its kind (vm, volume, port, image, provider, rbd, process, path) and its name."""

    kind: str
    name: str


def note(kind: str, name: str) -> Thing:
    """Remember before, or right after, a thing is made."""
    thing = Thing(kind, name)
    with _LOCK, LIST.open("a") as file:
        file.write(f"{kind} {name}\n")
    return thing


def everything() -> list[Thing]:
    """What was noted and not yet swept, in order."""
    if not LIST.exists():
        return []
    words = (line.rstrip("\n").partition(" ") for line in LIST.read_text().splitlines())
    return list(dict.fromkeys(Thing(kind, name) for kind, _, name in words))


def forget(things: list[Thing]) -> None:
    """Strike what is gone off the list."""
    with _LOCK:
        left = [thing for thing in everything() if thing not in set(things)]
        LIST.write_text("".join(f"{thing.kind} {thing.name}\n" for thing in left))
