"""Durations as people write them, the same in settings and on the command line."""

import re
from datetime import timedelta

from stackfsck.model.errors import Misused

_UNITS = {
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)\s*")
_LONGEST = timedelta(days=36_500)


def duration(text: str) -> timedelta:
    """Read "30s", "10m", "24h", "7d" or "1h30m"; a bare 0 needs no unit. Raises Misused."""
    word = text.strip().lower()
    parts = _PART.findall(word)
    if word == "0":
        return timedelta(0)
    if not parts or _PART.sub("", word):
        raise Misused(
            f"{text!r} is no duration", next_step="write it with its unit: 30s, 10m, 24h, 7d"
        )
    try:
        whole = sum((float(number) * _UNITS[unit] for number, unit in parts), timedelta(0))
    except OverflowError:
        whole = _LONGEST + timedelta(1)
    if whole > _LONGEST:
        raise Misused(f"{text!r} is longer than a hundred years")
    return whole
