"""Who is told how far long work has come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from stackfsck.model.coverage import Reading


class Watch(Protocol):
    """Told of every piece of long work: its beginning, its steps, and its end.

    `what` names the piece and is the same in all three calls. Calls come from several threads.
    """

    def begin(self, what: str, total: int | None = None) -> None:
        """Say that a piece of work begins; `total` is the number of steps, None if unknown."""

    def step(self, what: str, count: int = 1) -> None:
        """Say that `count` more steps (rows, hosts, checks) are done."""

    def end(self, what: str, reading: Reading | None = None) -> None:
        """Say that it is over, with how complete it was when it was a reading."""


class Silent:
    """A watch that nobody looks at."""

    def begin(self, what: str, total: int | None = None) -> None:
        """Do nothing."""

    def step(self, what: str, count: int = 1) -> None:
        """Do nothing."""

    def end(self, what: str, reading: Reading | None = None) -> None:
        """Do nothing."""
