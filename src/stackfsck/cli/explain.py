"""`stackfsck explain`: what a check means."""

from typing import Annotated

import typer

from stackfsck.cli import options
from stackfsck.cli.choice import chosen, codes, matching
from stackfsck.cli.screen import Screen
from stackfsck.report import as_json
from stackfsck.report import explain as report


def explain(
    code: Annotated[
        str,
        typer.Argument(
            metavar="[CODE]",
            help="A code or name; without one all are listed.",
            autocompletion=codes,
        ),
    ] = "",
    *,
    sql: Annotated[bool, typer.Option("--sql", help="Show the query, too.")] = False,
    own: options.Checks = None,
    as_json_: options.AsJson = False,
    no_color: options.NoColor = False,
) -> int:
    """Tell what a check finds, why it matters, and when it is wrong."""
    screen = Screen.of(no_color=no_color)
    all_of = chosen(own, None)
    found = matching(all_of, code) if code else all_of
    if as_json_:
        screen.answer(as_json.checks(found))
    elif not code:
        report.show_all(screen.out, found)
    else:
        for check in found:
            report.show(screen.out, check, sql=sql)
    return 0
