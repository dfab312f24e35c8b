"""`stackfsck demo`: a broken cloud in a folder, and what stackfsck says about it."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.text import Text

from stackfsck import checks as loader
from stackfsck import pipeline
from stackfsck.cli import options
from stackfsck.cli.check import kept, names_in
from stackfsck.cli.choice import codes, matching
from stackfsck.cli.live import cloud_of, settings_of
from stackfsck.cli.screen import Screen
from stackfsck.demo.build import build
from stackfsck.demo.faults import inject
from stackfsck.demo.faults.breaker import Fault
from stackfsck.demo.folder import Folder
from stackfsck.model.check import Kind
from stackfsck.model.dossier import Candidate
from stackfsck.model.errors import ExitCode
from stackfsck.model.finding import Finding
from stackfsck.model.inquiry import Inquiry, Limits
from stackfsck.report import commands, terminal
from stackfsck.report import dossier as told_dossier
from stackfsck.report import explain as told_check
from stackfsck.report.groups import rank
from stackfsck.report.words import command, shown

STORY = ("NOV001", "LIB001", "PLC001", "CIN007", "NTR001", "LIB011")
"""What is broken when nobody says what to break: one incident in each layer."""

Inject = Annotated[
    list[str] | None,
    typer.Option(
        "--inject",
        metavar="CODE",
        help="Break the cloud so that this check finds it; may be repeated.",
        autocompletion=codes,
    ),
]


def demo(
    *,
    folder: Annotated[
        Path | None,
        typer.Option("--folder", metavar="DIR", help="Where the cloud is made; else below /tmp."),
    ] = None,
    inject_: Inject = None,
    vms: Annotated[int, typer.Option("--vms", min=20, help="How many VMs the cloud has.")] = 300,
    no_color: options.NoColor = False,
    quiet: options.Quiet = False,
) -> int:
    """Build a broken cloud in a folder and look at it: check, trace, explain.

    Nothing else is touched. The cloud has two cells and twenty hosts, with the services' real
    schemas; everything that has a check can be broken by its code.
    """
    screen = Screen.of(no_color=no_color, quiet=quiet)
    wanted = [found.code for word in inject_ or STORY for found in matching(loader.builtin(), word)]
    root = folder or Path(mkdtemp(prefix="stackfsck-demo-"))
    settings = _make(screen, root, wanted, vms)
    _play(screen, settings)
    _leave(screen, root)
    return ExitCode.CLEAN


def _make(screen: Screen, root: Path, wanted: Sequence[str], vms: int) -> Path:
    """Build the cloud and break it; return its settings file."""
    what = "building a cloud"
    with screen.watch() as watch:
        watch.begin(what, len(wanted) + 1)
        cloud = build(root, vms=vms)
        watch.step(what)
        faults = []
        for code in wanted:
            faults.append(inject(cloud, code))
            watch.step(what)
        watch.end(what)
    _tell(screen.out, cloud, faults, vms)
    return cloud.settings


def _tell(out: Console, cloud: Folder, faults: Sequence[Fault], vms: int) -> None:
    """Say what was built, and what went wrong in it."""
    hosts = len(cloud.hosts())
    out.print()
    out.print(Text("A small OpenStack", style="bold").append(f" in {cloud.root}", style="dim"))
    out.print(
        f"{vms} VMs in two cells on {hosts} hosts, with the services' own databases. "
        "Then, as it happens at night:"
    )
    for fault in faults:
        out.print(Padding(Text("• ").append_text(shown(fault.tells)), (0, 0, 0, 2)))


def _play(screen: Screen, settings: Path) -> None:
    """Type the three commands that an operator would type."""
    out = screen.out
    _type(out, "check", "--config", settings)
    inquiry, names = _check(screen, settings)
    setting = terminal.Setting(options=("--config", str(settings)), vms=names)
    terminal.show(out, inquiry, setting)
    finding = next(iter(sorted(inquiry.findings, key=_interest)), None)
    if finding is None or finding.vm is None:
        return
    _type(out, "trace", "--config", settings, finding.vm)
    with screen.watch() as watch:
        cloud = cloud_of(settings_of(settings))
        dossier = pipeline.trace(cloud, str(finding.vm), Limits(pause=timedelta(0)), watch)
    told_dossier.show(out, dossier, options=("--config", str(settings)), everything=False)
    _type(out, "explain", finding.code)
    told_check.show(out, finding.check, sql=False)


def _check(screen: Screen, settings: Path) -> tuple[Inquiry, dict[UUID, Candidate]]:
    """Check the cloud; nothing moves in it, so the second look may follow at once."""
    limits = Limits(pause=timedelta(0))
    with kept(None) as path:
        with screen.watch() as watch:
            cloud = cloud_of(settings_of(settings))
            inquiry = pipeline.check(cloud, loader.builtin(), limits, watch, path)
        return inquiry, names_in(path, {f.vm for f in inquiry.findings if f.vm})


def _interest(finding: Finding) -> tuple[bool, bool, tuple[bool, int, str, str]]:
    """Order findings by how much the trace of their VM shows: a zombie shows most."""
    return (finding.vm is None, finding.check.kind is not Kind.ZOMBIE, rank(finding))


def _type(out: Console, *words: object) -> None:
    """Show a command as if it were typed."""
    out.print()
    out.print(Rule(style="dim"))
    out.print(Text(f"$ {command('stackfsck', *words)}", style="bold green"), soft_wrap=True)


def _leave(screen: Screen, root: Path) -> None:
    """Say what else there is to try, and how to be rid of the cloud."""
    out = screen.out
    out.print()
    out.print(Rule(style="dim"))
    out.print(
        Text(
            "Nothing was changed: stackfsck looks and proves. Its exit codes tell scripts the same."
        )
    )
    commands.show(
        out,
        (
            (command("stackfsck", "doctor"), "your own cloud: what can be read"),
            (command("stackfsck", "demo", "--inject", "LIB006"), "break something else"),
            (command("stackfsck", "explain"), "everything that is checked"),
            (command("rm", "-r", root), "be rid of this one"),
        ),
    )
