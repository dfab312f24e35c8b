"""`stackfsck trace`: everything about one VM."""

from typing import Annotated

import typer

from stackfsck.cli import options
from stackfsck.cli.live import cloud_of, limits_of, settings_of
from stackfsck.cli.screen import Screen
from stackfsck.judge.dossier import seen_twice
from stackfsck.model.dossier import Dossier
from stackfsck.model.errors import ExitCode
from stackfsck.report import as_json
from stackfsck.report import dossier as report
from stackfsck.report.words import option


def trace(  # noqa: PLR0913 -- one parameter per option
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
    from_: options.From = None,
    grace: options.Grace = None,
    pause: options.Pause = None,
    as_json_: options.AsJson = False,
    no_color: options.NoColor = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> int:
    """Show every trace of one VM, who refers to whom, what happened, and what it comes to.

    Only the rows of this VM are read; the cloud is not collected. What looks wrong is looked at
    again after a pause.
    """
    from stackfsck import pipeline

    screen = Screen.of(no_color=no_color, quiet=quiet, verbose=verbose)
    settings = None if from_ else settings_of(config)
    limits = limits_of(settings, grace=grace, pause=pause)
    if settings:
        with screen.watch() as watch:
            dossier = pipeline.trace(cloud_of(settings), vm, limits, watch)
    else:
        looks = [pipeline.trace_snapshot(path, vm, limits) for path in from_ or ()]
        dossier = looks[0] if len(looks) == 1 else seen_twice(looks[0], looks[-1])
    if as_json_:
        screen.answer(as_json.dossier(dossier))
    else:
        repeated = [word for path in from_ or () for word in option("--from", path)]
        repeated += option("--config", config)
        report.show(screen.out, dossier, options=tuple(repeated), everything=verbose)
    return _exit_code(dossier)


def _exit_code(dossier: Dossier) -> ExitCode:
    code = ExitCode.CLEAN
    if dossier.findings or dossier.verdict.accuses:
        code |= ExitCode.LEFT
    if dossier.gaps:
        code |= ExitCode.UNREAD
    return code
