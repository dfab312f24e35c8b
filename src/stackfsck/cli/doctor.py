"""`stackfsck doctor`: can everything be read, and what is missing."""

from stackfsck.cli import options
from stackfsck.cli.live import settings_of
from stackfsck.cli.screen import Screen
from stackfsck.model.errors import ExitCode
from stackfsck.report import as_json
from stackfsck.report import doctor as report


def doctor(
    *,
    config: options.Config = None,
    as_json_: options.AsJson = False,
    no_color: options.NoColor = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> int:
    """Try every source of the cloud: can it be read, with which rights, and what is missing."""
    from stackfsck import pipeline

    screen = Screen.of(no_color=no_color, quiet=quiet, verbose=verbose)
    settings = settings_of(config)
    with screen.watch() as watch:
        probes = pipeline.doctor(settings, watch)
    if as_json_:
        screen.answer(as_json.probes(probes))
    else:
        report.show(screen.out, probes, everything=verbose)
    well = bool(probes) and all(probe.ok for probe in probes)
    return ExitCode.CLEAN if well else ExitCode.UNREAD
