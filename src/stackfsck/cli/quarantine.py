"""`stackfsck quarantine list|restore|purge`: what runs have put aside instead of deleting it."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from stackfsck.cli import options
from stackfsck.cli.live import settings_of
from stackfsck.cli.runs import Runs, root_of
from stackfsck.cli.screen import Screen
from stackfsck.clients.durations import duration
from stackfsck.model.errors import ExitCode, Misused, NotFound, Refused, StackfsckError
from stackfsck.pipeline import quarantine
from stackfsck.pipeline.quarantine import Kept
from stackfsck.report.words import shown

HELP = "What repairs have put aside instead of deleting it: list it, put it back, or purge it."
LIST = "See `stackfsck quarantine list`."

Which = Annotated[
    list[str] | None,
    typer.Argument(metavar="[WHAT]...", help="Paths or images as `list` shows them, or runs."),
]
OlderThan = Annotated[
    str | None,
    typer.Option("--older-than", metavar="TIME", help="All that was put aside longer ago: 30d."),
]
Yes = Annotated[
    int | None,
    typer.Option("--yes", metavar="NUMBER", help="Agree unasked to purging so many things."),
]


def make() -> typer.Typer:
    """Return the group of commands."""
    group = typer.Typer(help=HELP, no_args_is_help=True)
    group.command("list")(list_)
    group.command()(restore)
    group.command()(purge)
    return group


def list_(*, runs: Runs = None, no_color: options.NoColor = False) -> int:
    """List what is put aside, oldest first: since when, where, what, and by which run."""
    screen = Screen.of(no_color=no_color)
    for one in quarantine.kept(root_of(runs)):
        where = one.step.scope or one.step.store
        line = f"{one.since:%Y-%m-%d %H:%M}  {where}  {one.what}  {one.run.name}"
        screen.out.print(shown(line), soft_wrap=True)
    return ExitCode.CLEAN


def restore(
    which: Which = None,
    *,
    runs: Runs = None,
    config: options.Config = None,
    no_color: options.NoColor = False,
) -> int:
    """Put things back where they were; what is in the way is left and named."""
    screen = Screen.of(no_color=no_color)
    settings, failed = settings_of(config), False
    for one in reversed(_meant(root_of(runs), which, None)):
        try:
            phase = quarantine.restore(one, settings)
        except StackfsckError as error:
            failed = True
            screen.out.print(shown(f"failed    {one.what}: {error}"), soft_wrap=True)
        else:
            failed = failed or phase != "undone"
            screen.out.print(shown(f"{phase or 'nothing':8}  {one.what}"), soft_wrap=True)
    return ExitCode.UNREAD if failed else ExitCode.CORRECTED


def purge(
    which: Which = None,
    *,
    older_than: OlderThan = None,
    yes: Yes = None,
    runs: Runs = None,
    config: options.Config = None,
    no_color: options.NoColor = False,
) -> int:
    """Delete what was put aside, for good. Images in Ceph's trash are left to Ceph."""
    screen = Screen.of(no_color=no_color)
    meant = [one for one in _meant(root_of(runs), which, older_than) if one.step.store != "ceph"]
    settings, failed = settings_of(config), False
    for one in meant:
        screen.out.print(shown(f"{one.step.scope}  {one.what}"), soft_wrap=True)
    _consent(screen, len(meant), yes)
    for one in meant:
        try:
            quarantine.purge(one, settings)
        except StackfsckError as error:
            failed = True
            screen.out.print(shown(f"failed  {one.what}: {error}"), soft_wrap=True)
    return ExitCode.UNREAD if failed else ExitCode.CORRECTED


def _meant(root: Path, which: list[str] | None, older_than: str | None) -> list[Kept]:
    """Return what the operator means; raises Misused without a word, NotFound for nothing."""
    if not which and older_than is None:
        raise Misused("which of it?", next_step=LIST)
    latest = datetime.now(UTC).replace(tzinfo=None)
    if older_than is not None:
        latest -= duration(older_than)
    names = set(which or ())
    meant = [
        one
        for one in quarantine.kept(root)
        if one.since <= latest and (not names or names & {one.what, one.name, one.run.name})
    ]
    if not meant:
        raise NotFound(
            "nothing like that is put aside", next_step="See `stackfsck quarantine list`."
        )
    return meant


def _consent(screen: Screen, number: int, yes: int | None) -> None:
    """Ask for the number of things; raises Refused."""
    if yes is not None:
        if yes != number:
            raise Refused(f"it would be {number} things, not {yes}")
        return
    if not sys.stdin.isatty():
        raise Refused("nobody is there to agree", next_step=f"Agree beforehand: --yes {number}.")
    screen.err.print("\nThere is no way back. Type the number of things to go on:")
    if input("> ").strip() != str(number):
        raise Refused("nothing was deleted")
