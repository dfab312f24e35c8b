"""What carries out changes: one hand for each kind of place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Protocol

from stackfsck.model.step import Step, Way

Image = Mapping[str, Any]
"""What was there before a change, as plain JSON: all that putting it back needs."""

Note = Callable[[Image], None]
"""Writes the before-image down; raises JournalBroken, and then nothing may be changed."""


class State(Enum):
    """How a place stands to a step whose end nobody saw."""

    BEFORE = "before"  # as the before-image says: the change was not made
    AFTER = "after"  # the change was made
    OTHER = "other"  # neither: somebody else was there


class WayClosed(Exception):
    """This way cannot be taken here; the next one may. Nothing was changed."""


class Hand(Protocol):
    """Makes the changes of one kind of place, and takes them back."""

    def change(self, step: Step, way: Way, note: Note) -> bool:
        """Look again, hand the before-image to `note`, and only then change.

        Returns False, without a note, when there is nothing left to change. Raises Moved when
        the place is not as it was judged, WayClosed when this way does not lead there, and
        StepFailed when the change was tried in vain. After Moved and WayClosed nothing is changed.
        """

    def state(self, step: Step, way: Way, before: Image) -> State:
        """Say whether a change whose end nobody saw was made; raises Unreadable."""

    def put_back(self, step: Step, way: Way, before: Image) -> None:
        """Make the place as the before-image says.

        Raises Moved when it was changed by others since, StepFailed when it cannot be done.
        """
