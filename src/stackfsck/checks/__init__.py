"""The checks: one .sql file each, and the one loader for ours and the operators' own.

A file begins with a header of comment lines, ``-- field: value``; a line that begins with three
spaces after the dashes continues the one before it. The query follows. The guide
docs/guide/own-checks.md teaches it.
"""

from __future__ import annotations

import re
from importlib import resources
from typing import TYPE_CHECKING

from stackfsck.model.check import Check, Kind, Severity, Source
from stackfsck.model.errors import BadCheck

if TYPE_CHECKING:
    from collections.abc import Iterable
    from importlib.resources.abc import Traversable
    from pathlib import Path

REQUIRED = (
    "code",
    "name",
    "title",
    "kind",
    "severity",
    "found_in",
    "absent_from",
    "What it finds",
    "Why it matters",
    "When it is wrong",
)
OPTIONAL = ("remedy", "in_transit")
CODE = re.compile(r"[A-Z]{2,8}[0-9]{3}")


def builtin() -> tuple[Check, ...]:
    """Return stackfsck's own checks, ordered by code."""
    return _load(resources.files(__name__).iterdir())


def load(folders: Iterable[Path]) -> tuple[Check, ...]:
    """Return our checks and those in an operator's folders, ordered by code.

    Raises BadCheck for a folder that is not there, a file that cannot be used, or a code that
    is used twice.
    """
    checks = list(builtin())
    for folder in folders:
        if not folder.is_dir():
            raise BadCheck(f"there is no folder {folder}", next_step="Correct --checks.")
        checks += _load(folder.iterdir())
    _refuse_doubles(checks)
    return tuple(sorted(checks, key=lambda check: check.code))


def parse(text: str, origin: str) -> Check:
    """Read one check file; `origin` names it in messages.

    Raises BadCheck, which says what is wrong with the header.
    """
    fields, sql = _split(text, origin)
    missing = [name for name in REQUIRED if name not in fields]
    if missing:
        raise BadCheck(f"{origin}: the header lacks {', '.join(missing)}")
    if not CODE.fullmatch(fields["code"]):
        raise BadCheck(f"{origin}: {fields['code']!r} is not a code such as ABC001")
    if fields.get("in_transit", "judged") != "judged":
        raise BadCheck(f"{origin}: in_transit can only say `judged`")
    try:
        return Check(
            code=fields["code"],
            name=fields["name"],
            title=fields["title"],
            kind=Kind(fields["kind"]),
            severity=Severity(fields["severity"]),
            found_in=_sources(fields["found_in"]),
            absent_from=_sources(fields["absent_from"]),
            what=fields["What it finds"],
            why=fields["Why it matters"],
            wrong=fields["When it is wrong"],
            sql=sql,
            remedy=fields.get("remedy", ""),
            judges_transit="in_transit" in fields,
            origin=origin,
        )
    except ValueError as error:
        raise BadCheck(f"{origin}: {error}") from error


def _load(files: Iterable[Traversable]) -> tuple[Check, ...]:
    """Parse every .sql file among these."""
    chosen = sorted((f for f in files if f.name.endswith(".sql")), key=lambda f: f.name)
    try:
        checks = [parse(file.read_text("utf-8"), file.name) for file in chosen]
    except (OSError, UnicodeDecodeError) as error:
        raise BadCheck(f"a check file cannot be read: {error}") from error
    _refuse_doubles(checks)
    return tuple(sorted(checks, key=lambda check: check.code))


def _split(text: str, origin: str) -> tuple[dict[str, str], str]:
    """Part the header from the query."""
    fields: dict[str, str] = {}
    name = ""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if not line.startswith("--"):
            return fields, "\n".join(lines[number:]).strip().rstrip(";")
        if line.startswith("--   ") and name:
            fields[name] = f"{fields[name]} {line[5:].strip()}"
            continue
        name, colon, value = (part.strip() for part in line[2:].partition(":"))
        if not colon or name not in REQUIRED + OPTIONAL:
            raise BadCheck(f"{origin}: line {number + 1} of the header is not understood: {line}")
        if name in fields:
            raise BadCheck(f"{origin}: the header says {name} twice")
        fields[name] = value
    raise BadCheck(f"{origin}: there is no query below the header")


def _sources(text: str) -> tuple[Source, ...]:
    """Read a list of sources; an empty list is written as a dash."""
    return tuple(Source.parse(part) for part in text.split(",") if part.strip() not in {"", "-"})


def _refuse_doubles(checks: Iterable[Check]) -> None:
    """Raise BadCheck when two checks have the same code."""
    seen: dict[str, str] = {}
    for check in checks:
        if check.code in seen:
            both = f"{seen[check.code]} and {check.origin}"
            raise BadCheck(f"{both} both have the code {check.code}")
        seen[check.code] = check.origin
