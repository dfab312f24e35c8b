"""Where a command speaks: answers on standard output, everything else on standard error."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from stackfsck.report import as_json
from stackfsck.report.progress import Bars, Lines, Silence
from stackfsck.report.words import plain, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import IO

    from stackfsck.model.errors import StackfsckError
    from stackfsck.model.watch import Watch

WIDEST = 200
WITHOUT_TERMINAL = 120  # columns of a file or a pipe: wide enough for whole titles


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """The two consoles of one command, and how much it says."""

    out: Console
    err: Console
    quiet: bool = False
    verbose: bool = False
    json: bool = False

    @classmethod
    def of(
        cls,
        *,
        no_color: bool = False,
        quiet: bool = False,
        verbose: bool = False,
        json: bool = False,
    ) -> Screen:
        """Make the screen that the options of a command ask for."""
        out, err = console(sys.stdout, no_color=no_color), console(sys.stderr, no_color=no_color)
        return cls(out=out, err=err, quiet=quiet, verbose=verbose, json=json)

    @contextmanager
    def watch(self) -> Iterator[Watch]:
        """Show how far long work is, as the terminal and the options allow."""
        if self.quiet:
            yield Silence()
        elif self.err.is_terminal:
            with Bars(self.err) as bars:
                yield bars
        else:
            yield Lines(self.err, verbose=self.verbose)

    def answer(self, shape: Mapping[str, Any]) -> None:
        """Write a JSON answer."""
        as_json.write(self.out.file, shape)

    def say(self, words: str) -> None:
        """Say something by the way, on standard error, unless silence is wanted."""
        if not self.quiet:
            self.err.print(shown(words), soft_wrap=True)


def console(stream: IO[str], *, no_color: bool = False) -> Console:
    """Return a console that reads nothing into texts: no markup, no emoji, no highlighting."""
    terminal = stream.isatty()
    width = shutil.get_terminal_size((WITHOUT_TERMINAL, 24)).columns
    if not terminal and "COLUMNS" not in os.environ:
        width = WITHOUT_TERMINAL
    return Console(
        file=stream,
        width=min(width, WIDEST),
        no_color=no_color or None,
        markup=False,
        emoji=False,
        highlight=False,
    )


def complain(err: Console, error: StackfsckError) -> None:
    """Say what went wrong and what to do next."""
    first, *others = str(error).split("\n")
    err.print(Text("stackfsck: ", style="bold red").append_text(shown(first)), soft_wrap=True)
    for line in others:
        err.print(shown(line), soft_wrap=True)
    if error.next_step:
        err.print(Text(f"next step: {plain(error.next_step)}", style="bold"), soft_wrap=True)
