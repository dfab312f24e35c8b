"""How the cloud tests compare findings with wounds, and say what is wrong."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable

from lab.faults import Wound
from lab.labcloud.fsck import Json

GRACE = 130  # seconds: a little more than the grace time of `check`


def age(since: float) -> None:
    """Wait until what happened at `since` (monotonic seconds) is older than the grace time."""
    time.sleep(max(0.0, since + GRACE - time.monotonic()))


SHORT = ("--grace", "10s")


def settle() -> None:
    """Wait as long as `SHORT` says, for tests of wounds that nothing repairs by itself."""
    time.sleep(12)


def told(findings: Iterable[Json]) -> str:
    """Findings as lines for a failure message."""
    lines = [
        f"{one['certainty']} {one['code']} {one['subject']}: {one['title']}" for one in findings
    ]
    return "\n".join(lines) or "no findings"


def found(wound: Wound, code: str, findings: Iterable[Json]) -> Json | None:
    """The finding of `code` that a wound expects, or None."""
    return next(
        (one for one in findings if (one["code"], one["subject"]) == (code, wound.expects[code])),
        None,
    )


def foreign(wounds: Iterable[Wound], findings: Iterable[Json]) -> list[Json]:
    """The findings that show nothing which any wound touched: false alarms."""
    names = {name for wound in wounds for name in (*wound.touches, *wound.expects.values())}
    sums = {code for wound in wounds for code in wound.also}
    return [
        one
        for one in findings
        if one["code"] not in sums and not any(name in json.dumps(one) for name in names)
    ]
