"""`stackfsck trace`: everything about one VM."""

from typing import Annotated

import typer

from stackfsck.cli import options
from stackfsck.cli.live import cloud_of, limits_of, settings_of
from stackfsck.cli.screen import Screen
from stackfsck.model.dossier import Dossier, Verdict
from stackfsck.model.errors import ExitCode
from stackfsck.report import as_json
from stackfsck.report import dossier as report
from stackfsck.report.words import option


def trace(
    vm: Annotated[
        str,
        typer.Argument(
            metavar="VM",
            help="A UUID, name or IP address; the id of a port, volume, image or attachment; "
            "i-0000001d; instance-0000001d.",
        ),
    ],
    *,
    config: options.Config = None,
    from_: options.FromOne = None,
    as_json_: options.AsJson = False,
    no_color: options.NoColor = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> int:
    """Show every trace of one VM, who refers to whom, what happened, and what it comes to.

    Only the rows of this VM are read; the cloud is not collected.
    """
    from stackfsck import pipeline

    screen = Screen.of(no_color=no_color, quiet=quiet, verbose=verbose)
    if from_:
        dossier = pipeline.trace_snapshot(from_, vm, limits_of(None))
    else:
        settings = settings_of(config)
        with screen.watch() as watch:
            dossier = pipeline.trace(cloud_of(settings), vm, limits_of(settings), watch)
    if as_json_:
        screen.answer(as_json.dossier(dossier))
    else:
        repeated = option("--from", from_) or option("--config", config)
        report.show(screen.out, dossier, options=repeated, everything=verbose)
    return _exit_code(dossier)


WELL = frozenset({Verdict.ALIVE, Verdict.TRANSIT, Verdict.GONE})
"""Verdicts after which nothing has to be put right."""


def _exit_code(dossier: Dossier) -> ExitCode:
    code = ExitCode.CLEAN
    if dossier.findings or dossier.verdict not in WELL | {Verdict.OPEN}:
        code |= ExitCode.LEFT
    if dossier.gaps:
        code |= ExitCode.UNREAD
    return code
