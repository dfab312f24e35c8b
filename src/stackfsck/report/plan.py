"""A plan and a run in words: what goes, what is kept, what has no way back, and how it went."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from stackfsck.model.step import Means, Undo
from stackfsck.report import paint
from stackfsck.report.words import count, plain, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rich.console import Console

    from stackfsck.model.plan import Plan, Refusal
    from stackfsck.model.step import Step

WAYS = {
    Means.API: "API",
    Means.FORCED: "forced API",
    Means.SQL: "SQL",
    Means.HOST: "host",
    Means.CACHE: "memcached",
}
MOST_REFUSED = 10


def show(console: Console, made: Plan, *, everything: bool = False) -> None:
    """Print a plan: its steps by VM in their order, then what has no way back, then refusals."""
    console.print()
    console.print(Text("The plan", style=paint.HEADING))
    for vm, steps in _by_vm(made).items():
        console.print()
        console.print(Padding(shown(f"VM {vm}" if vm else "Of no VM", "bold"), (0, 0, 0, 2)))
        console.print(Padding(_steps(steps, everything=everything), (0, 0, 0, 4)))
    _show_lost(console, made.steps)
    _show_refused(console, made.refused, everything=everything)
    console.print()
    console.print(summary(made))


def summary(made: Plan) -> Text:
    """Say in a line how much a plan changes."""
    lost = sum(step.undo is Undo.IMPOSSIBLE for step in made.steps)
    words = f"{count(len(made.steps), 'step')} for {count(len(made.findings), 'finding')} "
    words += f"on {count(len(made.vms), 'VM')}; "
    words += f"{lost} without a way back." if lost else "every step has a way back."
    return Text(words, style=paint.WARNING if lost else paint.GOOD)


def _by_vm(made: Plan) -> dict[str, list[Step]]:
    """Group the steps by VM, in the order in which they are carried out."""
    grouped: dict[str, list[Step]] = defaultdict(list)
    for wave in made.waves():
        for step in wave:
            grouped[str(step.vm or "")].append(step)
    return grouped


def _steps(steps: Iterable[Step], *, everything: bool) -> Table:
    """Draw the steps of one VM: what, why, by which ways."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(overflow="fold", ratio=1)
    grid.add_column(no_wrap=True, style=paint.CODE)
    grid.add_column(no_wrap=True, style=paint.QUIET)
    for step in sorted(steps, key=lambda s: (s.stage, s.id)):
        ways = " → ".join(dict.fromkeys(WAYS[way.means] for way in step.ways))
        back = "" if step.undo is Undo.EXACT else f", undo {step.undo.value}"
        grid.add_row(shown(step.title), " ".join(step.because), ways + back)
        for effect in step.effects if everything else ():
            where = " ".join(f"{n}={plain(v)}" for n, v in effect.where.items())
            words = f"  {effect.verb.value} {effect.table} {where}"
            grid.add_row(shown(words, paint.QUIET), "", "")
    return grid


def _show_lost(console: Console, steps: Iterable[Step]) -> None:
    """Print what cannot be taken back, apart from the rest."""
    lost = [step for step in steps if step.undo is Undo.IMPOSSIBLE]
    if lost:
        console.print()
        console.print(Text("Without a way back", style=f"bold {paint.BAD}"))
        for step in lost:
            console.print(Padding(shown(step.title, paint.BAD), (0, 0, 0, 2)))


def _show_refused(console: Console, refused: Iterable[Refusal], *, everything: bool) -> None:
    """Print what was asked for and is not in the plan."""
    refused = list(refused)
    if not refused:
        return
    console.print()
    console.print(Text("Not in the plan", style=paint.HEADING))
    for one in refused if everything else refused[:MOST_REFUSED]:
        words = shown(f"{one.what}: {one.why}")
        if one.lift:
            words.append(f"  ({plain(one.lift)})", style=paint.QUIET)
        console.print(Padding(words, (0, 0, 0, 2)))
    if not everything and len(refused) > MOST_REFUSED:
        more = f"  and {len(refused) - MOST_REFUSED} more: --verbose shows them"
        console.print(Text(more, style=paint.QUIET))


def show_outcome(
    console: Console, counts: Mapping[str, int], reasons: Mapping[str, str], *, stopped: bool
) -> None:
    """Print how a run ended: how many steps how, and why those that did not go well did not."""
    console.print()
    parts = [f"{number} {phase}" for phase, number in sorted(counts.items())]
    console.print(Text("Steps: " + (", ".join(parts) or "none"), style=paint.HEADING))
    for step, reason in sorted(reasons.items()):
        console.print(Padding(shown(f"{step}: {reason}", paint.WARNING), (0, 0, 0, 2)))
    if stopped:
        console.print(Text("Stopped on request; resume it when you like.", style=paint.WARNING))


def show_left(console: Console, left: Iterable[tuple[str, str, str, str]]) -> None:
    """Print what the verification found: which findings of the plan are still there."""
    left = sorted(left)
    if not left:
        console.print(Text("Verified: all that was planned is gone.", style=paint.GOOD))
        return
    words = f"Verified: {count(len(left), 'finding')} still there."
    console.print(Text(words, style=paint.BAD))
    for code, subject, cell, host in left:
        place = " ".join(filter(None, (cell, host)))
        console.print(Padding(shown(f"{code} {subject} {place}"), (0, 0, 0, 2)))
