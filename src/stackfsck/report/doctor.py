"""What `doctor` says: can everything be read, with which rights, and what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from stackfsck.report import paint
from stackfsck.report.words import count, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from stackfsck.model.inquiry import Probe


def show(console: Console, probes: Sequence[Probe]) -> None:
    """Print every source that was tried, and a last line that says whether all is well."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold", max_width=max(console.width // 3, 16))
    grid.add_column(ratio=1, overflow="fold")
    for probe in probes:
        mark = Text("ok", style=paint.GOOD) if probe.ok else Text("no", style=f"bold {paint.BAD}")
        detail = shown(probe.detail, "" if probe.ok else paint.BAD)
        if probe.next_step:
            detail.append("\n→ ").append_text(shown(probe.next_step, paint.COMMAND))
        grid.add_row(mark, shown(probe.name), detail)
    console.print(Padding(grid, (1, 0, 1, 0)))
    console.print(_summary(probes))


def _summary(probes: Sequence[Probe]) -> Text:
    missing = sum(not probe.ok for probe in probes)
    if not probes:
        return Text("There is nothing to read: no source is configured.", style=paint.BAD)
    if missing:
        words = f"{count(missing, 'source')} of {len(probes)} cannot be read; what rests on "
        return Text(
            words + ("it" if missing == 1 else "them") + " will not be proved.", style=paint.BAD
        )
    return Text(f"All {count(len(probes), 'source')} can be read.", style=paint.GOOD)
