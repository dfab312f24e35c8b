"""Looks at an embedded cloud as `check` does, once: a folder does not change by itself."""

from datetime import timedelta
from pathlib import Path

from stackfsck import pipeline
from stackfsck.checks import builtin
from stackfsck.clients import settings
from stackfsck.demo.folder import Folder
from stackfsck.model.inquiry import Inquiry, Limits
from stackfsck.model.watch import Silent

LIMITS = Limits(pause=timedelta(0))


def look(folder: Folder, keep: Path) -> Inquiry:
    """Read the cloud into `keep` and judge that one reading with every check."""
    pipeline.collect_to(pipeline.cloud_of(settings.load(folder.settings)), keep, Silent())
    return pipeline.check_snapshots([keep], builtin(), LIMITS)
