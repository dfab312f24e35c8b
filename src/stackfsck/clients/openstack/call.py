"""What a call is: it looks, acts, knows when it is done, and the way back.

An image is what was there before, as the service shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from stackfsck.clients.openstack.api import Answer, Api

Arguments = Mapping[str, Any]
Image = Mapping[str, Any]
Act = Callable[[Api, Arguments, Image], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call.

    `look` returns what is there, None when there is nothing; `is_done` tells from that whether
    the call is (or need not be) made. `is_seen` is False where the service does not show all
    that the call changes: it is then made even if it looks done. `is_slow` calls are answered
    before they are done. Without `back` there is no way back by the API. `core` is what of an
    image tells two apart: generations count up even when everything is as it was.
    """

    look: Callable[[Api, Arguments], Image | None]
    act: Act
    is_done: Callable[[Arguments, Image | None], bool]
    back: Act | None = None
    is_seen: bool = True
    is_slow: bool = False
    has_failed: Callable[[Image], bool] = lambda _: False
    core: Callable[[Image], Any] = dict


def gone(_: Arguments, image: Image | None) -> bool:
    """A thing that is deleted is done when it is not there."""
    return image is None


def thing(answer: Answer, *path: str) -> Image | None:
    """Return the thing in an answer, None when there is none."""
    held = answer.body
    for name in path if answer.is_there else ():
        held = held[name]
    return held if answer.is_there else None
