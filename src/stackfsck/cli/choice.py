"""Which checks a command means."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from stackfsck import checks
from stackfsck.model.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from stackfsck.model.check import Check


def chosen(folders: Iterable[Path] | None, words: Sequence[str] | None) -> tuple[Check, ...]:
    """Return all checks, or those that the words name: a code, its beginning, or a name.

    Raises NotFound for a word that names none, BadCheck for a folder that cannot be used.
    """
    all_of = checks.load(folders or ())
    if not words:
        return all_of
    wanted = {check.code for word in words for check in matching(all_of, word)}
    return tuple(check for check in all_of if check.code in wanted)


def matching(all_of: Iterable[Check], word: str) -> tuple[Check, ...]:
    """Return the checks that one word names; raises NotFound when there is none."""
    all_of = tuple(all_of)
    upper, lower = word.strip().upper(), word.strip().lower()
    found = tuple(c for c in all_of if upper == c.code or lower == c.name)
    if not found and upper.isalpha():
        found = tuple(c for c in all_of if c.code.rstrip("0123456789") == upper)
    if found:
        return found
    known = [c.code for c in all_of] + [c.name for c in all_of]
    near = difflib.get_close_matches(upper, known, 3, 0.5) + difflib.get_close_matches(
        lower, known, 3
    )
    meant = f" Did you mean {' or '.join(dict.fromkeys(near))}?" if near else ""
    raise NotFound(
        f"there is no check {word!r}.{meant}",
        next_step="`stackfsck explain` lists all checks.",
    )


def codes(incomplete: str) -> list[tuple[str, str]]:
    """Return the codes that begin so, with what each says, for the shell's completion."""
    return [
        (check.code, check.name.replace("-", " "))
        for check in checks.builtin()
        if check.code.startswith(incomplete.upper())
    ]
