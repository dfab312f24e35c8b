"""Colours and marks: one meaning each, in every report."""

from stackfsck.model.check import Severity
from stackfsck.model.coverage import Outcome
from stackfsck.model.dossier import Speaks, Verdict
from stackfsck.model.finding import Certainty

HEADING = "bold"
QUIET = "dim"
CODE = "bold cyan"
COMMAND = "bold"
GOOD = "green"
BAD = "red"
WARNING = "yellow"

SEVERITY = {
    Severity.CORRUPTS: "bold white on red",
    Severity.BLOCKS: "bold red",
    Severity.LEAKS: "yellow",
    Severity.CLUTTERS: "blue",
}
CERTAINTY = {Certainty.PROVED: "bold", Certainty.SUSPECTED: "italic dim"}
OUTCOME = {
    Outcome.COMPLETE: GOOD,
    Outcome.PARTIAL: WARNING,
    Outcome.FAILED: BAD,
    Outcome.NONE: QUIET,
}
VERDICT = {
    Verdict.ALIVE: "bold green",
    Verdict.TRANSIT: "bold cyan",
    Verdict.ZOMBIE: "bold red",
    Verdict.GHOST: "bold red",
    Verdict.STRAY: "bold red",
    Verdict.SPLIT: "bold white on red",
    Verdict.REMAINS: "bold yellow",
    Verdict.GONE: "bold",
    Verdict.OPEN: "bold magenta",
}
SPEAKS = {
    Speaks.ALIVE: ("+", GOOD),
    Speaks.DEAD: ("-", BAD),
    Speaks.MOVING: ("~", "cyan"),
    Speaks.SILENT: ("?", WARNING),
}
