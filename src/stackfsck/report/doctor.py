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


FEW = 6  # hosts of which the same is true and that have a line each


def show(console: Console, probes: Sequence[Probe], *, everything: bool = False) -> None:
    """Print every source that was tried, and a last line that says whether all is well.

    Many hosts of which the same is true have one line together, unless `everything` is wanted.
    """
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold", max_width=max(console.width // 3, 16))
    grid.add_column(ratio=1, overflow="fold")
    groups: dict[object, list[Probe]] = {}
    for probe in probes:
        groups.setdefault(_alike(probe, everything=everything), []).append(probe)
    for alike in groups.values():
        if len(alike) > FEW:
            grid.add_row(*_together(alike))
        else:
            for probe in alike:
                grid.add_row(*_line(probe))
    console.print(Padding(grid, (1, 0, 1, 0)))
    console.print(_summary(probes))


def _alike(probe: Probe, *, everything: bool) -> object:
    """Return what the hosts of one line have in common; everything else stands alone."""
    if everything or not probe.name.startswith("host "):
        return probe.name
    return (probe.ok, "" if probe.ok else probe.detail, probe.next_step)


def _together(alike: list[Probe]) -> tuple[Text, Text, Text]:
    """Tell of many hosts in one line."""
    first, last = (one.name.removeprefix("host ") for one in (alike[0], alike[-1]))
    mark, _, detail = _line(alike[0])
    names = shown(f"{first} … {last}; -v names all")
    if not alike[0].ok:
        names.append("\n").append_text(detail)
    return mark, Text(count(len(alike), "host")), names


def _mark(probe: Probe) -> Text:
    return Text("ok", style=paint.GOOD) if probe.ok else Text("no", style=f"bold {paint.BAD}")


def _line(probe: Probe) -> tuple[Text, Text, Text]:
    detail = Text().append_text(shown(probe.detail, "" if probe.ok else paint.BAD))
    if probe.next_step:
        detail.append("\n→ ").append_text(shown(probe.next_step, paint.COMMAND))
    return _mark(probe), shown(probe.name), detail


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
