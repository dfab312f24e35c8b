"""`stackfsck completion`: what a shell has to be told to complete commands and codes."""

from enum import StrEnum
from typing import Annotated

import typer
from typer import completion as shells


class Shell(StrEnum):
    """The shells that are known."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


def completion(
    shell: Annotated[Shell, typer.Argument(help="Your shell.")] = Shell.BASH,
) -> int:
    """Print a script that teaches your shell to complete commands, options and codes.

    For bash: `stackfsck completion bash > /etc/bash_completion.d/stackfsck`
    """
    script = shells.get_completion_script(  # type: ignore[attr-defined]  # typer does not list it
        prog_name="stackfsck", complete_var="_STACKFSCK_COMPLETE", shell=shell.value
    )
    typer.echo(script)
    return 0
