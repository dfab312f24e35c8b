"""`stackfsck apply` and `undo`, and the words to a run: `resume`, `pause`, `stop`, `runs`."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import platformdirs
import typer

from stackfsck.cli import options
from stackfsck.cli.choice import chosen
from stackfsck.cli.live import cloud_of, limits_of, settings_of
from stackfsck.cli.screen import Screen
from stackfsck.model.errors import ExitCode, Refused
from stackfsck.model.step import Means, Step
from stackfsck.pipeline import repair
from stackfsck.plan import file as plans
from stackfsck.report import plan as report
from stackfsck.report.words import command, shown
from stackfsck.store import run as store
from stackfsck.store.journal import Phase
from stackfsck.store.run import PAUSE, STOP, Run

Runs = Annotated[
    Path | None,
    typer.Option("--runs", metavar="DIR", help="Where runs are kept; else in your state folder."),
]
Name = Annotated[str, typer.Argument(metavar="RUN", help="A run's name, its beginning, or last.")]
Without = Annotated[
    list[Means] | None,
    typer.Option("--without", help="Never change anything by this means; may be repeated."),
]
Yes = Annotated[
    str | None,
    typer.Option("--yes", metavar="DIGEST", help="Agree to the plan with this digest unasked."),
]


def root_of(runs: Path | None) -> Path:
    """Return the folder of all runs."""
    return runs or platformdirs.user_state_path("stackfsck") / "runs"


def apply(
    plan: Annotated[Path, typer.Argument(metavar="PLAN", help="A file made by `stackfsck plan`.")],
    *,
    yes: Yes = None,
    without: Without = None,
    runs: Runs = None,
    config: options.Config = None,
    no_color: options.NoColor = False,
    quiet: options.Quiet = False,
) -> int:
    """Carry out a plan: look again, write down, change; then verify.

    Every step looks once more at what it rests on; what has moved since is left alone and named.
    """
    screen = Screen.of(no_color=no_color, quiet=quiet)
    kept = plans.read(plan)
    report.show(screen.out, kept.plan)
    _consent(screen, kept, yes)
    run = store.begin(root_of(runs), plan, kept.digest)
    screen.say(f"run {run.name}; undo it with: {command('undo', run.name)}")
    return _carry_on(screen, run, config, without)


def resume(
    name: Name = "last",
    *,
    without: Without = None,
    runs: Runs = None,
    config: options.Config = None,
    no_color: options.NoColor = False,
    quiet: options.Quiet = False,
) -> int:
    """Go on with a run that was paused, stopped, killed, or failed in part."""
    run = store.find(root_of(runs), name)
    for word in (PAUSE, STOP):
        run.ask(word, on=False)
    return _carry_on(Screen.of(no_color=no_color, quiet=quiet), run, config, without)


def undo(
    name: Name = "last",
    *,
    runs: Runs = None,
    config: options.Config = None,
    no_color: options.NoColor = False,
    quiet: options.Quiet = False,
) -> int:
    """Take back what a run has done, newest first; what others changed since is left and named."""
    screen = Screen.of(no_color=no_color, quiet=quiet)
    run = store.find(root_of(runs), name)
    outcome = repair.undo(run, settings_of(config), _telling(screen))
    report.show_outcome(screen.out, outcome.counts, outcome.reasons, stopped=outcome.stopped)
    failed = outcome.counts.keys() - {"undone"}
    return ExitCode.UNREAD if failed or outcome.stopped else ExitCode.CORRECTED


def runs_(*, runs: Runs = None, no_color: options.NoColor = False) -> int:
    """List all runs, oldest first, with how many steps ended how."""
    screen = Screen.of(no_color=no_color)
    root = root_of(runs)
    for run in store.runs(root):
        kept = plans.read(run.plan)
        with run.journal() as journal:
            ended = repair.standing(kept.plan, journal)
        states = ", ".join(f"{number} {phase}" for phase, number in sorted(ended.items()))
        screen.out.print(
            shown(f"{run.name}  {len(kept.plan.steps)} steps  {states or 'not begun'}")
        )
    return ExitCode.CLEAN


def pause(name: Name = "last", *, runs: Runs = None) -> int:
    """Let a run that goes on in another terminal wait before its next step; `resume` ends that."""
    store.find(root_of(runs), name).ask(PAUSE)
    return ExitCode.CLEAN


def stop(name: Name = "last", *, runs: Runs = None) -> int:
    """Let a run that goes on in another terminal end before its next step."""
    store.find(root_of(runs), name).ask(STOP)
    return ExitCode.CLEAN


def _consent(screen: Screen, kept: plans.Kept, yes: str | None) -> None:
    """Ask for the number of VMs, or compare the digest; raises Refused."""
    if yes is not None:
        if yes != kept.digest:
            raise Refused(f"the plan's digest is {kept.digest}, not {yes}")
        return
    if not sys.stdin.isatty():
        raise Refused(
            "nobody is there to agree", next_step=f"Agree beforehand with --yes {kept.digest}."
        )
    number = len(kept.plan.vms)
    screen.err.print("\nType the number of VMs that are touched to go on, anything else to leave:")
    if input("> ").strip() != str(number):
        raise Refused("nothing was changed")


def _carry_on(screen: Screen, run: Run, config: Path | None, without: list[Means] | None) -> int:
    """Carry out a run from wherever it stands, then verify it."""
    settings = settings_of(config)
    allowed = frozenset(Means) - frozenset(without or ())
    outcome = repair.apply(run, settings, allowed, _telling(screen))
    report.show_outcome(screen.out, outcome.counts, outcome.reasons, stopped=outcome.stopped)
    if outcome.stopped:
        return ExitCode.CANCELLED
    with screen.watch() as watch:
        left = repair.verify(
            run, cloud_of(settings), chosen(None, None), limits_of(settings), watch
        )
    report.show_left(screen.out, left)
    code = ExitCode.CORRECTED if outcome.is_whole else ExitCode.CORRECTED | ExitCode.UNREAD
    return code | (ExitCode.LEFT if left else ExitCode.CLEAN)


def _telling(screen: Screen) -> Callable[[Step, Phase], None]:
    """Return what says how each step ended."""
    return lambda step, phase: screen.say(f"{phase.value:8} {step.title}")
