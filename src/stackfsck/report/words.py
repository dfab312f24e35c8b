"""How stackfsck writes words that others chose, and how it counts.

Display names, host names, error texts and identifiers come from tenants, hypervisors and
databases: any of them may hold terminal escapes, line breaks, or characters that reverse the
direction of a line. Every such text passes through :func:`plain` before it is printed, or through
:func:`shown`, which also keeps rich from reading it as markup. Nothing else escapes anything.
"""

import shlex
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from rich.text import Text

_SHORT_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
# Unicode categories that change the terminal, hide text or turn its direction: control, format
# (bidirectional overrides, zero width), surrogate, private use, unassigned, line and paragraph
# separators.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_STEPS = (("day", 86400), ("hour", 3600), ("minute", 60))
_MOST_MARKS = 2
_EXACT_SECONDS = 10
_KIBI = 1024


def plain(value: object, *, limit: int = 0) -> str:
    """Return ``value`` as one safe line.

    Unsafe characters are written as Python escapes, so they can still be told apart. More than
    two combining marks in a row are dropped (they would cover the lines above). With a
    ``limit``, the end of a longer text is replaced by an ellipsis.
    """
    line = "".join(_safe_characters(str(value)))
    return line if not limit or len(line) <= limit else line[: max(limit - 1, 0)] + "…"


def _safe_characters(text: str) -> Iterable[str]:
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if category in _UNSAFE:
            yield _escape(character)
        elif category == "Zs":
            yield " "
        elif marks <= _MOST_MARKS:
            yield character


def _escape(character: str) -> str:
    if character in _SHORT_ESCAPES:
        return _SHORT_ESCAPES[character]
    return character.encode("unicode_escape").decode("ascii")


def shown(value: object, style: str = "", *, limit: int = 0) -> Text:
    """Return ``value`` as rich text that is neither markup nor terminal control."""
    return Text(plain(value, limit=limit), style=style)


def command(*words: object) -> str:
    """Return the line to type in a shell for these words, each quoted where it has to be."""
    return shlex.join(plain(word) for word in words)


def option(name: str, value: object) -> tuple[str, ...]:
    """Return an option and its value as words of a command; nothing for no value."""
    return () if value is None else (name, str(value))


def number(many: int) -> str:
    """Return a number with its thousands set apart."""
    return f"{many:,}"


def count(many: int, singular: str, plural: str = "") -> str:
    """Return "1 finding", "2 findings", "1,204 boxes"."""
    return f"{number(many)} {singular if many == 1 else plural or singular + 's'}"


def listed(items: Iterable[object], *, most: int = 0, joined: str = ", ") -> str:
    """Join items to one safe line, naming at most ``most`` and counting the others."""
    words = [plain(item) for item in items]
    if not most or len(words) <= most:
        return joined.join(words)
    return f"{joined.join(words[:most])} and {number(len(words) - most)} more"


def span(length: timedelta) -> str:
    """Return a length of time in its largest whole unit, as in "3 days" or "0.4 seconds"."""
    seconds = abs(length.total_seconds())
    for unit, size in _STEPS:
        if seconds >= 2 * size or (unit != "minute" and seconds >= size):
            return count(int(seconds // size), unit)
    exact = seconds < _EXACT_SECONDS
    return f"{seconds:.1f} seconds" if exact else count(int(seconds), "second")


def age(moment: datetime, now: datetime) -> str:
    """Return how long before ``now`` a moment was; times without a zone are UTC."""
    length = _utc(now) - _utc(moment)
    return f"in {span(length)}" if length < timedelta(0) else f"{span(length)} ago"


def clock(moment: datetime) -> str:
    """Return a moment as ``2026-01-02 03:04:05`` in UTC."""
    return f"{_utc(moment):%Y-%m-%d %H:%M:%S}"


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def number_of_bytes(many: int) -> str:
    """Return an amount of bytes with a binary unit, as in "1.5 GiB"."""
    amount = float(many)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if amount < _KIBI:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= _KIBI
    return f"{amount:.1f} TiB"
