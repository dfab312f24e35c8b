"""From the words of the command line to what the pipeline wants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stackfsck.clients import settings as files
from stackfsck.clients.durations import duration
from stackfsck.model.errors import Misused
from stackfsck.model.inquiry import Limits

if TYPE_CHECKING:
    from datetime import timedelta
    from pathlib import Path

    from stackfsck.clients.settings import Settings
    from stackfsck.collect.cloud import Cloud


def settings_of(config: Path | None) -> Settings:
    """Read the settings; raises Misused when they are wrong."""
    return files.load(config)


def cloud_of(settings: Settings) -> Cloud:
    """Return the cloud that the settings, and the services' own files, name."""
    from stackfsck import pipeline

    return pipeline.cloud_of(settings)


def limits_of(
    settings: Settings | None,
    *,
    grace: str | None = None,
    pause: str | None = None,
    stuck_after: str | None = None,
) -> Limits:
    """Return the limits of judging: an option counts before the settings."""
    usual = settings.limits if settings else Limits()
    return Limits(
        grace=_span("--grace", grace, usual.grace),
        pause=_span("--pause", pause, usual.pause),
        stuck_after=_span("--stuck-after", stuck_after, usual.stuck_after),
    )


def _span(option: str, text: str | None, usual: timedelta) -> timedelta:
    if text is None:
        return usual
    try:
        return duration(text)
    except Misused as error:
        raise Misused(f"{option}: {error}", next_step=error.next_step) from error
