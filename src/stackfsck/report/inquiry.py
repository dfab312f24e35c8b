"""What a report has to be told; the pipeline's answer has this form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from stackfsck.model.coverage import Reading
    from stackfsck.model.finding import Finding, Held, Unjudged


class Inquiry(Protocol):
    """All that a run of the checks answered."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found, worst first."""

    @property
    def coverage(self) -> tuple[Reading, ...]:
        """How completely each source was read."""

    @property
    def held(self) -> tuple[Held, ...]:
        """What was left out, and why."""

    @property
    def unjudged(self) -> tuple[Unjudged, ...]:
        """The checks that could not be judged (everywhere), and what they miss."""

    @property
    def snapshot(self) -> Path:
        """The file that holds what was read."""

    @property
    def took(self) -> float:
        """How long reading and judging took, in seconds."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What else the operator should know, such as tables that the catalogue does not."""
