"""What is being read, and how far it is: moving bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from stackfsck.report import paint, words
from stackfsck.report.words import number, plain, shown

if TYPE_CHECKING:
    from types import TracebackType

    from rich.console import Console
    from rich.progress import TaskID

    from stackfsck.model.coverage import Reading

_MOST_BARS = 6


class Bars:
    """Progress on a terminal: one line for all, and one for each of the first few under way.

    Every method may be called from several threads. Used as a context manager; leaving it
    takes the bars away.
    """

    def __init__(self, console: Console) -> None:
        """Draw on this console (standard error)."""
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None, complete_style="cyan", finished_style="cyan"),
            TaskProgressColumn(),
            TextColumn("{task.fields[rows]}", style=paint.QUIET),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            expand=True,
        )
        self._lock = threading.Lock()
        self._tasks: dict[str, TaskID] = {}
        self._counted: set[str] = set()  # whose steps are no rows: waiting, judging
        self._read = self._rows = 0
        self._failed: set[str] = set()
        self._all = self._progress.add_task("reading", total=None, rows="")

    def __enter__(self) -> Self:
        """Begin to draw."""
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the bars away."""
        self._progress.stop()

    def begin(self, what: str, total: int | None = None) -> None:
        """Say that something begins; `total` is how many steps it has, if that is known."""
        with self._lock:
            self._tasks[what] = self._progress.add_task(
                plain(what, limit=40).replace("[", "\\["), total=total, rows="", visible=False
            )
            if total is not None:
                self._counted.add(what)
            self._show_few()

    def _show_few(self) -> None:
        """Show the first few of what is under way; the others wait for their place."""
        for number_of_task, task in enumerate(self._tasks.values()):
            self._progress.update(task, visible=number_of_task < _MOST_BARS)

    def step(self, what: str, count: int = 1) -> None:
        """Say that something came `count` steps (rows, hosts) further."""
        with self._lock:
            self._rows += 0 if what in self._counted else count
            if (task := self._tasks.get(what)) is not None:
                self._progress.advance(task, count)
                done = int(self._progress.tasks[self._progress.task_ids.index(task)].completed)
                self._progress.update(task, rows=number(done))

    def end(self, what: str, reading: Reading | None = None) -> None:
        """Say that something ended, and how completely it was read."""
        with self._lock:
            if (task := self._tasks.pop(what, None)) is not None:
                self._progress.remove_task(task)
            self._show_few()
            self._read += what not in self._counted
            if reading and not reading.proves_absence and str(reading) not in self._failed:
                self._failed.add(str(reading))
                told = shown(f"not read to its end: {reading}", paint.WARNING)
                self._progress.console.print(told)
            failed = f", {number(len(self._failed))} not read to the end" if self._failed else ""
            summary = f"{words.count(self._read, 'source')}{failed}"
            self._progress.update(
                self._all, description=summary, rows=words.count(self._rows, "row")
            )


class Lines:
    """Progress where no terminal is: one line per source that was read, and no more."""

    def __init__(self, console: Console, *, verbose: bool) -> None:
        """Write to this console; without `verbose` only what failed is told."""
        self._console = console
        self._verbose = verbose
        self._failed: set[str] = set()  # the second look need not repeat what the first said

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Do nothing: lines stay."""

    def begin(self, what: str, total: int | None = None) -> None:
        """Say that something begins."""
        if self._verbose:
            steps = f" ({number(total)})" if total else ""
            self._console.print(shown(f"reading {what}{steps}"), soft_wrap=True)

    def step(self, what: str, count: int = 1) -> None:
        """Say nothing: a log is no place for every step."""

    def end(self, what: str, reading: Reading | None = None) -> None:
        """Say how it ended."""
        if reading and not reading.proves_absence:
            if str(reading) in self._failed:
                return
            self._failed.add(str(reading))
            line = shown(f"not read to its end: {reading}", paint.WARNING)
            self._console.print(line, soft_wrap=True)
        elif self._verbose:
            rows = f": {words.count(reading.rows, 'row')}" if reading else ""
            self._console.print(shown(f"read {what}{rows}"), soft_wrap=True)


class Silence:
    """No progress at all."""

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Do nothing."""

    def begin(self, what: str, total: int | None = None) -> None:
        """Say nothing."""

    def step(self, what: str, count: int = 1) -> None:
        """Say nothing."""

    def end(self, what: str, reading: Reading | None = None) -> None:
        """Say nothing."""
