"""All commands, put together."""

from typing import Annotated

import typer

from stackfsck import __version__

HELP = """fsck for OpenStack clouds: every trace of a VM, which of them are stale, and the proof.

Looking changes nothing; `plan` and `apply` repair, `undo` takes it back.
To see it at work on a broken cloud of its own: `stackfsck demo`.
"""
EPILOG = (
    "Exit codes, summed: 0 clean · 1 repaired · 4 findings · 8 not everything could be read · "
    "16 wrong usage · 32 cancelled"
)
LOOK, REPAIR, LEARN = "Look at a cloud", "Repair it", "Learn"


def make() -> typer.Typer:
    """Return the command line with all its commands."""
    from typer import completion as shells

    from stackfsck.cli import (
        check,
        collect,
        completion,
        demo,
        doctor,
        explain,
        plan,
        quarantine,
        runs,
        tables,
        trace,
    )

    shells.completion_init()  # type: ignore[attr-defined]  # the shells are unknown without it
    app = typer.Typer(
        help=HELP,
        epilog=EPILOG,
        add_completion=False,
        rich_markup_mode="markdown",
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(invoke_without_command=True)(_stackfsck)
    app.command(rich_help_panel=LOOK)(doctor.doctor)
    app.command(rich_help_panel=LOOK)(check.check)
    app.command(rich_help_panel=LOOK)(trace.trace)
    app.command(rich_help_panel=LOOK)(collect.collect)
    app.command(rich_help_panel=REPAIR)(plan.plan)
    app.command(rich_help_panel=REPAIR)(runs.apply)
    app.command(rich_help_panel=REPAIR)(runs.undo)
    app.command("runs", rich_help_panel=REPAIR)(runs.runs_)
    app.command(rich_help_panel=REPAIR)(runs.resume)
    app.command(rich_help_panel=REPAIR)(runs.pause)
    app.command(rich_help_panel=REPAIR)(runs.stop)
    app.add_typer(quarantine.make(), name="quarantine", rich_help_panel=REPAIR)
    app.command(rich_help_panel=LEARN)(demo.demo)
    app.command(rich_help_panel=LEARN)(explain.explain)
    app.command(rich_help_panel=LEARN)(tables.tables)
    app.command(rich_help_panel=LEARN)(completion.completion)
    return app


def _version(value: bool) -> None:  # noqa: FBT001 -- typer calls it so
    if value:
        typer.echo(f"stackfsck {__version__}")
        raise typer.Exit


def _stackfsck(
    context: typer.Context,
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    """Show the help when no command is given."""
    del version
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
