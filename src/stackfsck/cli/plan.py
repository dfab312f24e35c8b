"""`stackfsck plan`: what would be changed, in which order, rehearsed, as a file."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from stackfsck import pipeline
from stackfsck.cli import options
from stackfsck.cli.check import kept
from stackfsck.cli.choice import chosen, matching
from stackfsck.cli.live import cloud_of, limits_of, settings_of
from stackfsck.cli.screen import Screen
from stackfsck.model.errors import ExitCode, Misused
from stackfsck.pipeline import repair
from stackfsck.plan import file as plans
from stackfsck.plan.make import Guards
from stackfsck.remedies.base import Choices, Volumes
from stackfsck.report import plan as report
from stackfsck.report.words import command

WHAT = "What is planned"

Words = Annotated[
    list[str] | None,
    typer.Argument(metavar="[VM|CODE]…", help="VMs by UUID, and checks by code, name or family."),
]
Everything = Annotated[
    bool, typer.Option("--all", help="Everything that is proved.", rich_help_panel=WHAT)
]
Out = Annotated[
    Path, typer.Option("--out", "-o", metavar="FILE", help="Where the plan is written.")
]
Keeping = Annotated[
    Volumes,
    typer.Option(
        "--volumes",
        help="What becomes of volumes of dead VMs; nova's own marks are obeyed in any case.",
        rich_help_panel=WHAT,
    ),
]
Hard = Annotated[
    bool,
    typer.Option(
        "--hard",
        help="Remove nova's rows for good instead of marking them.",
        rich_help_panel=WHAT,
    ),
]
Allow = Annotated[
    list[str] | None,
    typer.Option(
        "--allow",
        metavar="WORD",
        help="Agree to what needs your word: no-way-back, volumes.",
        rich_help_panel=WHAT,
    ),
]
AtMost = Annotated[
    int, typer.Option("--at-most", min=1, help="VMs that one plan may touch.", rich_help_panel=WHAT)
]
Protect = Annotated[
    list[str] | None,
    typer.Option("--protect", metavar="VM", help="Never touch this VM.", rich_help_panel=WHAT),
]


def plan(  # noqa: PLR0913 -- one parameter per option
    words: Words = None,
    *,
    everything: Everything = False,
    out: Out = Path("stackfsck-plan.json"),
    volumes: Keeping = Volumes.DETACH,
    hard: Hard = False,
    allow: Allow = None,
    at_most: AtMost = 50,
    protect: Protect = None,
    config: options.Config = None,
    own: options.Checks = None,
    grace: options.Grace = None,
    pause: options.Pause = None,
    stuck_after: options.StuckAfter = None,
    no_color: options.NoColor = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> int:
    """Check the cloud, and plan the repair of what is proved; nothing is changed.

    The plan is rehearsed on a copy before it is written: at no step may a record go that another
    one names, and at the end nothing new may be wrong. `stackfsck apply` carries it out.
    """
    screen = Screen.of(no_color=no_color, quiet=quiet, verbose=verbose)
    checks = chosen(own, None)
    codes, vms = _meant(words or (), own)
    if not words and not everything:
        raise Misused(
            "what shall be planned?", next_step="Name VMs or codes, or say --all for everything."
        )
    settings = settings_of(config)
    limits = limits_of(settings, grace=grace, pause=pause, stuck_after=stuck_after)
    wish = repair.Wish(
        codes=codes,
        vms=vms,
        choices=Choices(volumes=volumes, hard=hard),
        guards=_guards(at_most, protect, allow),
    )
    with kept(None) as path:
        with screen.watch() as watch:
            inquiry = pipeline.check(cloud_of(settings), checks, limits, watch, path)
        made = repair.plan(inquiry, checks, wish, limits)
    report.show(screen.out, made, everything=verbose)
    if not made.steps:
        return ExitCode.LEFT if made.refused else ExitCode.CLEAN
    digest = plans.write(made, out)
    screen.out.print(f"\nWritten to {out}, digest {digest}. To carry it out:")
    screen.out.print("  " + command("apply", *_config(config), out))
    return ExitCode.LEFT


def _guards(at_most: int, protect: Iterable[str] | None, allow: Iterable[str] | None) -> Guards:
    """Return the limits of a plan; who raises the number of VMs means it, whatever their share."""
    usual = Guards()
    return Guards(
        most_vms=at_most,
        most_share=1.0 if at_most != usual.most_vms else usual.most_share,
        protected=frozenset(_uuid(vm) for vm in protect or ()),
        consents=frozenset(allow or ()),
    )


def _meant(
    words: list[str] | tuple[()], own: list[Path] | None
) -> tuple[frozenset[str], frozenset[str]]:
    """Part words into the codes of checks and the UUIDs of VMs; raises NotFound for neither."""
    codes: set[str] = set()
    vms: set[str] = set()
    for word in words:
        try:
            vms.add(str(UUID(word)))
        except ValueError:
            codes |= {check.code for check in matching(chosen(own, None), word)}
    return frozenset(codes), frozenset(vms)


def _uuid(word: str) -> UUID:
    """Return the UUID of a VM; raises Misused."""
    try:
        return UUID(word)
    except ValueError as error:
        raise Misused(f"{word!r} is not the UUID of a VM") from error


def _config(config: Path | None) -> tuple[str | Path, ...]:
    """Return the option that names the settings, to be typed again."""
    return ("--config", config) if config else ()
