"""The command line: one file per command, one place where everything ends."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

    from stackfsck.model.errors import StackfsckError

INTERRUPTED = 130  # what typer makes of Ctrl-C


def main() -> NoReturn:
    """Run the command that the shell gave, and leave with its exit code."""
    signal.signal(signal.SIGTERM, _interrupt)
    sys.exit(run(sys.argv[1:]))


def _interrupt(number: int, frame: FrameType | None) -> None:
    """End as Ctrl-C does, so that files are closed and terminals are put right."""
    del number, frame
    raise KeyboardInterrupt


def run(words: Sequence[str]) -> int:
    """Run one command and return its exit code; whatever went wrong is told on standard error."""
    from typer import TyperException

    from stackfsck.cli.app import make
    from stackfsck.model import errors

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal that cannot show a letter shows its number
            stream.reconfigure(errors="backslashreplace")
    try:
        code = make()(args=list(words), prog_name="stackfsck", standalone_mode=False)
        sys.stdout.flush()
        return _cancelled() if code == INTERRUPTED else int(code or 0)
    except TyperException as error:
        step = f"`{_command_of(error)} --help` tells what it takes."
        problem: StackfsckError = errors.Misused(error.format_message(), next_step=step)
    except errors.StackfsckError as error:
        problem = error
    except KeyboardInterrupt:
        return _cancelled()
    except BrokenPipeError:
        return _reader_left()
    return _failed(problem, words)


def _cancelled() -> int:
    from stackfsck.cli.screen import Screen
    from stackfsck.model.errors import ExitCode

    Screen.of().err.print("\nstackfsck: cancelled; nothing was changed.")
    return ExitCode.CANCELLED


def _command_of(error: Exception) -> str:
    """Return the command that a usage error is about."""
    context = getattr(error, "ctx", None)
    return getattr(context, "command_path", "") or "stackfsck"


def _failed(problem: StackfsckError, words: Sequence[str]) -> int:
    """Tell what went wrong, as JSON too when that was wanted."""
    from stackfsck.cli.screen import Screen, complain
    from stackfsck.report import as_json

    screen = Screen.of(no_color="--no-color" in words)
    complain(screen.err, problem)
    if "--json" in words:
        screen.answer(as_json.error(problem))
    return int(problem.exit_code)


def _reader_left() -> int:
    """Leave without noise when whoever read the answer (`head`) has seen enough."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0
