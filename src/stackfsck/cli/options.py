"""The options that several commands share, with one meaning everywhere."""

from pathlib import Path
from typing import Annotated

import typer

ON_SCREEN = "What is shown"
JUDGING = "How it is judged"

Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        metavar="FILE",
        envvar="STACKFSCK_CONFIG",
        help="The settings; by default ~/.config/stackfsck/stackfsck.toml or "
        "/etc/stackfsck/stackfsck.toml, else the services' own files.",
    ),
]
AsJson = Annotated[
    bool, typer.Option("--json", help="Answer with one JSON object.", rich_help_panel=ON_SCREEN)
]
NoColor = Annotated[
    bool,
    typer.Option(
        "--no-color", help="No colours (NO_COLOR does the same).", rich_help_panel=ON_SCREEN
    ),
]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="No progress.", rich_help_panel=ON_SCREEN)
]
Verbose = Annotated[
    bool, typer.Option("--verbose", "-v", help="All of it.", rich_help_panel=ON_SCREEN)
]
From = Annotated[
    list[Path] | None,
    typer.Option(
        "--from",
        "-f",
        metavar="SNAPSHOT",
        help="Read this file (made by `collect`) instead of the cloud. "
        "Given twice, the two are two looks, and can prove.",
    ),
]
Checks = Annotated[
    list[Path] | None,
    typer.Option("--checks", metavar="DIR", help="Your own checks, too; may be repeated."),
]
Grace = Annotated[
    str | None,
    typer.Option(
        "--grace",
        metavar="TIME",
        help="Leave alone what changed less than this before: 120s, 5m, 1h.",
        rich_help_panel=JUDGING,
    ),
]
Pause = Annotated[
    str | None,
    typer.Option(
        "--pause", metavar="TIME", help="Time between the two looks.", rich_help_panel=JUDGING
    ),
]
StuckAfter = Annotated[
    str | None,
    typer.Option(
        "--stuck-after",
        metavar="TIME",
        help="What has been on its way for so long is stuck: 24h, 2d.",
        rich_help_panel=JUDGING,
    ),
]
