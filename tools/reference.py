"""Writes docs/reference from the code: checks, tables, commands, exit codes, configuration.

`python tools/reference.py` writes the pages; `--check` only says whether they are current (exit 1
when not). A test holds them to the code, too.
"""

import inspect
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from pathlib import Path

import typer.core
import typer.main

from stackfsck.catalogue import STORES, TABLES, tables_of
from stackfsck.catalogue.table import Column, Scope, SoftDelete, Table
from stackfsck.checks import builtin
from stackfsck.cli import app
from stackfsck.clients import host_settings, settings
from stackfsck.clients.hosts.base import HostAddress
from stackfsck.model import errors
from stackfsck.model.check import Check, Kind, Severity, Source
from stackfsck.model.errors import ExitCode
from stackfsck.model.inquiry import Limits

FOLDER = Path(__file__).parents[1] / "docs" / "reference"
NOTE = "<!-- Written by tools/reference.py from the code; `make docs` writes it anew. -->\n"

STORES_IN_WORDS = {
    "nova": "Nova's cell databases",
    "nova_api": "Nova's API database",
    "placement": "Placement",
    "cinder": "Cinder",
    "neutron": "Neutron",
    "glance": "Glance",
    "keystone": "Keystone",
    "libvirt": "libvirt on the compute hosts",
    "vswitch": "Open vSwitch on the compute hosts",
    "host": "The compute hosts themselves",
    "ceph": "Ceph",
    "memcached": "memcached",
}
PREFIXES = {
    "NOV": "VMs in nova's cells",
    "API": "Nova's API database",
    "PLC": "Placement",
    "CIN": "Volumes and attachments",
    "NTR": "Ports",
    "GLA": "Images",
    "LIB": "Domains and files on compute hosts",
    "OVS": "Network devices on compute hosts",
    "ISC": "Connections to volumes on compute hosts",
    "CEP": "Ceph",
    "CON": "Console tickets",
    "NVQ": "Quota in old novas",
}
SEVERITIES = {
    Severity.CORRUPTS: "two owners of one disk, address or device: data is in danger",
    Severity.BLOCKS: "an operation on a living VM or volume fails because of it",
    Severity.LEAKS: "capacity or quota is lost",
    Severity.CLUTTERS: "noise, and a trap for whoever reads the records",
}
KINDS = {
    Kind.ZOMBIE: "the record is alive, the domain is gone",
    Kind.GHOST: "the domain is alive, the record is gone",
    Kind.ORPHAN: "the owner is gone",
    Kind.STRAY: "in the wrong place",
    Kind.STUCK: "on its way for too long",
    Kind.CONTRADICTION: "two stores disagree",
    Kind.LEAK: "a count or reservation that nobody owns",
}
CODES = {
    ExitCode.CLEAN: "Nothing was found, and everything that was asked for was read.",
    ExitCode.CORRECTED: "Something was corrected.",
    ExitCode.LEFT: "Something was found and is still there.",
    ExitCode.UNREAD: "Not everything could be read, or an operation failed.",
    ExitCode.USAGE: "A word, an option, a setting or a check file is wrong; nothing was read.",
    ExitCode.CANCELLED: "Cancelled by the operator (Ctrl-C).",
}
SOFT_DELETES = {
    SoftDelete.NONE: "rows are removed, never marked",
    SoftDelete.ID: "a row is deleted when `deleted` is its own id",
    SoftDelete.FLAG: "a row is deleted when `deleted` is true",
    SoftDelete.HIDDEN: "a row is deleted in its own way",
}
SCOPES = {Scope.GLOBAL: "one per cloud", Scope.CELL: "one per cell", Scope.HOST: "one per host"}


def checks() -> Iterator[str]:
    """Yield the lines of the page on checks."""
    all_of = builtin()
    yield "# Checks\n"
    yield f"{len(all_of)} checks, by the store that holds the stale record. The same text comes"
    yield "from `stackfsck explain CODE`; `--sql` shows the query. A finding is *proved* only when"
    yield "everything that its check names below was read to its end, twice.\n"
    yield "| severity | what the record does to the cloud |\n|---|---|"
    yield from (f"| {severity.value} | {SEVERITIES[severity]} |" for severity in Severity)
    yield "\n| kind | what is wrong with it |\n|---|---|"
    yield from (f"| {kind.value} | {KINDS[kind]} |" for kind in Kind)
    for prefix, group in groupby(all_of, key=lambda check: re.sub(r"\d", "", check.code)):
        yield f"\n## {prefix}: {PREFIXES[prefix]}"
        for check in group:
            yield from _check(check)


def _check(check: Check) -> Iterator[str]:
    yield f"\n### {check.code} {check.name}\n"
    yield f"> {check.title}\n"
    yield f"{check.kind.value} · {check.severity.value}\n"
    yield f"**What it finds.** {check.what}\n"
    yield f"**Why it matters.** {check.why}\n"
    yield f"**When it is wrong.** {check.wrong}\n"
    yield f"Found in {_sources(check.found_in)}. Absent from {_sources(check.absent_from)}."
    if check.judges_transit:
        yield "VMs in transit are judged, too."
    if check.remedy:
        yield f"Remedy: {check.remedy}."


def _sources(sources: Iterable[Source]) -> str:
    return ", ".join(f"`{source}`" for source in sources) or "nothing"


def tables() -> Iterator[str]:
    """Yield the lines of the page on tables."""
    yield "# Tables\n"
    yield f"The {len(TABLES)} tables that stackfsck knows. A snapshot has those that travel, with"
    yield "the columns that travel; checks are queries over them. Tables of a cell or host have"
    yield "that as their first column. `stackfsck tables NAME` shows the same."
    for store in STORES:
        yield f"\n## {store}: {STORES_IN_WORDS[store]}"
        for table in tables_of(store):
            yield from _table(table)


def _table(table: Table) -> Iterator[str]:
    yield f"\n### {table.name}\n"
    yield f"{table.meaning}\n"
    yield f"{', '.join(_traits(table))}.\n"
    yield "| column | type | meaning | refers to |\n|---|---|---|---|"
    for column in table.columns:
        yield (
            f"| {column.name} | {column.type.value} | {_meaning(column)} "
            f"| {f'`{column.refers_to}`' if column.refers_to else ''} |"
        )


def _traits(table: Table) -> Iterator[str]:
    yield SCOPES[table.scope].capitalize()
    yield SOFT_DELETES[table.soft_delete]
    if table.key:
        yield f"key `{', '.join(table.key)}`"
    if table.vm:
        yield f"the VM is `{table.vm}`"
    if not table.copied:
        yield "asked in its own database, never copied"
    if release := _range(table.since, table.until):
        yield release
    if table.optional:
        yield "may be missing"


def _meaning(column: Column) -> str:
    notes = [_range(column.since, column.until)]
    if column.secret:
        notes.append("secret, never copied")
    elif not column.copied:
        notes.append("not copied")
    said = "; ".join(note for note in notes if note)
    return column.meaning.replace("|", "\\|") + (f" ({said})" if said else "")


def _range(since: str, until: str) -> str:
    if since and until:
        return f"{since} to {until}"
    return f"since {since}" if since else f"until {until}" if until else ""


def commands() -> Iterator[str]:
    """Yield the lines of the page on commands."""
    yield "# Commands\n"
    group = typer.main.get_command(app.make())
    yield f"{inspect.cleandoc(app.HELP)}\n"
    yield f"{app.EPILOG}. See [exit-codes.md](exit-codes.md)."
    if not isinstance(group, typer.core.TyperGroup):
        raise TypeError("the command line has no commands")
    for name, command in group.commands.items():
        yield f"\n## stackfsck {name}\n"
        yield f"{inspect.cleandoc(command.help or '')}\n"
        yield from _parameters(command.params)


def _parameters(parameters: Iterable[object]) -> Iterator[str]:
    shown = [p for p in parameters if not getattr(p, "hidden", False)]
    if not shown:
        return
    yield "| word | meaning |\n|---|---|"
    for parameter in shown:
        meaning = " ".join((getattr(parameter, "help", "") or "").split()).replace("|", "\\|")
        yield f"| {_word(parameter)} | {meaning}{_usual(parameter)} |"


def _word(parameter: object) -> str:
    opts = list(getattr(parameter, "opts", ())) + list(getattr(parameter, "secondary_opts", ()))
    metavar = getattr(parameter, "metavar", None) or ""
    if isinstance(parameter, typer.core.TyperArgument):
        return f"`{metavar or str(parameter.name).upper()}`"
    flag = getattr(parameter, "is_flag", False)
    value = "" if flag else f" {metavar or str(getattr(parameter, 'name', '')).upper()}"
    return ", ".join(f"`{opt}{value}`" for opt in opts)


def _usual(parameter: object) -> str:
    default = getattr(parameter, "default", None)
    if default in (None, False, "", (), []) or callable(default):
        return ""
    return f" Usually {default}."


def exit_codes() -> Iterator[str]:
    """Yield the lines of the page on exit codes."""
    yield "# Exit codes\n"
    yield "As fsck(8) does, a command answers with a sum: 12 says that something was found and"
    yield "that not everything could be read.\n"
    yield "| code | name | meaning |\n|---|---|---|"
    yield from (f"| {code.value} | {code.name} | {CODES[code]} |" for code in CODES)
    yield "\n## What can go wrong\n"
    yield f"```\n{inspect.cleandoc(errors.__doc__ or '').partition(chr(10) * 2)[2]}\n```"


def configuration() -> Iterator[str]:
    """Yield the lines of the page on configuration."""
    yield "# Configuration\n"
    yield f"{inspect.cleandoc(settings.__doc__ or '')}\n"
    yield "The file is `--config`, or what `STACKFSCK_CONFIG` names, or"
    yield "`~/.config/stackfsck/stackfsck.toml`, or `/etc/stackfsck/stackfsck.toml`.\n"
    yield "## Limits\n"
    yield f"{inspect.cleandoc(Limits.__doc__ or '')}\n"
    usual = Limits()
    yield "| key | usually |\n|---|---|"
    for name in ("grace", "pause", "stuck_after"):
        yield f"| {name} | {getattr(usual, name).total_seconds():g} s |"
    yield "\n## Hosts\n"
    yield f"{inspect.cleandoc(host_settings.__doc__ or '')}\n"
    yield f"Transports: {', '.join(f'`{way}`' for way in host_settings.Transport)}.\n"
    yield f"{inspect.cleandoc(HostAddress.__doc__ or '')}"


PAGES: dict[str, Callable[[], Iterator[str]]] = {
    "checks.md": checks,
    "tables.md": tables,
    "commands.md": commands,
    "exit-codes.md": exit_codes,
    "configuration.md": configuration,
}


def pages() -> dict[str, str]:
    """Return every page by its file's name."""
    return {name: NOTE + "\n".join(lines()) + "\n" for name, lines in PAGES.items()}


def stale() -> list[str]:
    """Return the names of pages that are not as the code says."""
    return [
        name
        for name, text in pages().items()
        if not (FOLDER / name).is_file() or (FOLDER / name).read_text("utf-8") != text
    ]


def main(words: list[str]) -> int:
    """Write the pages, or only say whether they are current."""
    if "--check" in words:
        for name in (old := stale()):
            print(f"docs/reference/{name} is not as the code says: run `make docs`")
        return 1 if old else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
