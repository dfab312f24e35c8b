"""`stackfsck tables`: what is read of a cloud, and what each column means."""

from typing import Annotated

import typer

from stackfsck.catalogue import TABLES
from stackfsck.catalogue.table import Table
from stackfsck.cli import options
from stackfsck.cli.screen import Screen
from stackfsck.model.errors import NotFound
from stackfsck.report import as_json
from stackfsck.report import tables as report


def _names(incomplete: str) -> list[str]:
    return [name for name in TABLES if name.startswith(incomplete)]


def tables(
    name: Annotated[
        str,
        typer.Argument(
            metavar="[NAME]",
            help="A table (nova.instances) or store (nova); without one all are listed.",
            autocompletion=_names,
        ),
    ] = "",
    *,
    as_json_: options.AsJson = False,
    no_color: options.NoColor = False,
) -> int:
    """List the tables that a snapshot holds; with a name, its columns."""
    screen = Screen.of(no_color=no_color)
    found = _matching(name)
    if as_json_:
        screen.answer(as_json.tables(found))
    elif name in TABLES:
        report.show_one(screen.out, found[0])
    else:
        report.show_all(screen.out, found)
    return 0


def _matching(name: str) -> tuple[Table, ...]:
    """Return the tables of this name or store; raises NotFound when there are none."""
    found = tuple(t for t in TABLES.values() if name in {"", t.name, t.store})
    if not found:
        raise NotFound(
            f"there is no table or store {name!r}",
            next_step="`stackfsck tables` lists all of them.",
        )
    return found
