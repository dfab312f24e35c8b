"""`stackfsck check`: judge a whole cloud."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated
from uuid import UUID

import typer

from stackfsck import pipeline
from stackfsck.cli import options
from stackfsck.cli.choice import chosen, codes
from stackfsck.cli.live import cloud_of, limits_of, settings_of
from stackfsck.cli.screen import Screen
from stackfsck.judge.whose import names_of
from stackfsck.model.dossier import Candidate
from stackfsck.model.inquiry import Inquiry
from stackfsck.report import as_json, terminal
from stackfsck.report.words import option
from stackfsck.store.snapshot import Snapshot

Only = Annotated[
    list[str] | None,
    typer.Option(
        "--only",
        metavar="CODE",
        help="Only these checks: a code, a name, or a family such as PLC; may be repeated.",
        autocompletion=codes,
        rich_help_panel=options.JUDGING,
    ),
]
Host = Annotated[
    list[str] | None,
    typer.Option(
        "--host",
        metavar="HOST",
        help="Show only findings on this host. Everything is read all the same: "
        "absence needs a complete reading.",
        rich_help_panel=options.ON_SCREEN,
    ),
]
Cell = Annotated[
    list[str] | None,
    typer.Option(
        "--cell",
        metavar="CELL",
        help="Show only findings in this cell.",
        rich_help_panel=options.ON_SCREEN,
    ),
]
Limit = Annotated[
    int,
    typer.Option(
        "--limit",
        min=0,
        metavar="N",
        help="How many VMs to show, the worst first; 0 for all.",
        rich_help_panel=options.ON_SCREEN,
    ),
]


Keep = Annotated[
    Path | None,
    typer.Option("--keep", metavar="FILE", help="Keep what the first look read in this snapshot."),
]


def check(  # noqa: PLR0913 -- one parameter per option
    *,
    config: options.Config = None,
    from_: options.From = None,
    keep: Keep = None,
    own: options.Checks = None,
    only: Only = None,
    grace: options.Grace = None,
    pause: options.Pause = None,
    stuck_after: options.StuckAfter = None,
    host: Host = None,
    cell: Cell = None,
    limit: Limit = 20,
    as_json_: options.AsJson = False,
    no_color: options.NoColor = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> int:
    """Read the whole cloud, judge it, and say what is stale, why, and how sure that is.

    Nothing is changed. The cloud is looked at twice: what is still there after a pause, and rests
    on complete readings, is *proved*; everything else is *suspected*.
    """
    screen = Screen.of(no_color=no_color, quiet=quiet, verbose=verbose)
    checks = chosen(own, only)
    pipeline.fit_checks(check for check in checks if own)
    settings = None if from_ else settings_of(config)
    limits = limits_of(settings, grace=grace, pause=pause, stuck_after=stuck_after)
    with kept(keep) as path:
        if settings:
            with screen.watch() as watch:
                inquiry = pipeline.check(cloud_of(settings), checks, limits, watch, path)
            repeated = option("--config", config)
        else:
            inquiry = pipeline.check_snapshots(from_ or (), checks, limits)
            repeated = option("--from", inquiry.snapshot)
        inquiry = narrowed(inquiry, host, cell)
        names = names_in(inquiry.snapshot, {f.vm for f in inquiry.findings if f.vm})
    if as_json_:
        screen.answer(as_json.inquiry(replace(inquiry, snapshot=keep), names))
    else:
        setting = terminal.Setting(options=repeated, vms=names, most_vms=limit, everything=verbose)
        terminal.show(screen.out, inquiry, setting)
    return inquiry.exit_code


@contextmanager
def kept(keep: Path | None) -> Iterator[Path]:
    """Say where the first look is written; without a file to keep it in, it goes at the end."""
    with TemporaryDirectory(prefix="stackfsck-") as folder:
        yield keep or Path(folder) / "look.duckdb"


def narrowed(inquiry: Inquiry, hosts: list[str] | None, cells: list[str] | None) -> Inquiry:
    """Return the inquiry with the findings of these hosts and cells only."""
    judgement = inquiry.judgement
    findings = tuple(
        finding
        for finding in judgement.findings
        if (not hosts or finding.host in hosts) and (not cells or finding.cell in cells)
    )
    return replace(inquiry, judgement=replace(judgement, findings=findings))


def names_in(snapshot: Path | None, vms: set[UUID]) -> dict[UUID, Candidate]:
    """Return what people call these VMs, as far as a snapshot knows."""
    if snapshot is None or not vms:
        return {}
    with Snapshot.open(snapshot) as opened:
        return names_of(opened, vms)
