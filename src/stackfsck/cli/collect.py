"""`stackfsck collect`: read a cloud into a file that can be carried away."""

from pathlib import Path
from typing import Annotated

import typer

from stackfsck.cli import options
from stackfsck.cli.live import cloud_of, settings_of
from stackfsck.cli.screen import Screen
from stackfsck.model.errors import ExitCode
from stackfsck.report import collected as report


def collect(
    snapshot: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write; a new one.")],
    *,
    config: options.Config = None,
    as_json_: options.AsJson = False,
    no_color: options.NoColor = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> int:
    """Read the whole cloud into a snapshot, to be judged later or elsewhere.

    The file holds no passwords, tokens or keys. `check --from FILE` judges it; two files, taken a
    few minutes apart, can prove.
    """
    from stackfsck import pipeline

    screen = Screen.of(no_color=no_color, quiet=quiet, verbose=verbose)
    with screen.watch() as watch:
        coverage = pipeline.collect_to(cloud_of(settings_of(config)), snapshot, watch)
    if as_json_:
        screen.answer(report.shape(snapshot, coverage))
    else:
        report.show(screen.out, snapshot, coverage)
    whole = all(reading.proves_absence for reading in coverage)
    return ExitCode.CLEAN if whole else ExitCode.UNREAD
