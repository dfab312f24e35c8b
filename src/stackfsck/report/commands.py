"""The lines to type next: whole on every terminal, so that they can be copied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.text import Text

from stackfsck.report import paint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

_GAP = 3


def show(console: Console, lines: Iterable[tuple[str, str]]) -> None:
    """Print commands, each with its purpose beside it where there is room, else above it."""
    lines = list(lines)
    if not lines:
        return
    console.print(Padding(Text("What to type next", style=paint.HEADING), (1, 0, 0, 0)))
    longest = max(len(typed) for typed, _ in lines)
    beside = all(2 + longest + _GAP + len(why) <= console.width for _, why in lines)
    for typed, why in lines:
        line = Text("  ")
        if not beside:
            line.append(f"# {why}\n  ", style=paint.QUIET)
        line.append(typed, style=paint.COMMAND)
        if beside:
            line.append(" " * (longest - len(typed) + _GAP) + why, style=paint.QUIET)
        console.print(line, soft_wrap=True)
