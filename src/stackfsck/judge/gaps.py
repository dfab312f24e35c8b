"""The first law: what was not read to its end cannot prove that something is not there."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from stackfsck.model.check import Check, Reach, Source

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stackfsck.model.coverage import Reading


class Gaps:
    """All readings of one snapshot, asked for what they leave open."""

    def __init__(self, readings: Iterable[Reading]) -> None:
        """Sort the readings by source and scope."""
        self._by_source: dict[str, dict[str, Reading]] = defaultdict(dict)
        for reading in readings:
            kept = self._by_source[reading.source].get(reading.scope)
            if kept is None or kept.proves_absence:  # the worse of two readings counts
                self._by_source[reading.source][reading.scope] = reading

    def of_source(self, source: Source, *, cell: str = "", host: str = "") -> tuple[str, ...]:
        """Name what is missing of a source before an absence in it can be believed.

        With a reach of cell or host only the finding's own scope counts; a finding that does not
        say where it is needs them all.
        """
        readings = self._by_source.get(source.table, {})
        scope = {Reach.CELL: cell, Reach.HOST: host}.get(source.reach, "")
        if scope:
            reading = readings.get(scope)
            if reading is None:
                return (f"{source.table} in {scope}: not read",)
            return () if reading.proves_absence else (str(reading),)
        if not readings:
            return (f"{source.table}: not read",)
        return tuple(str(r) for _, r in sorted(readings.items()) if not r.proves_absence)

    def of_check(
        self,
        check: Check,
        transit: frozenset[str],
        *,
        cell: str = "",
        host: str = "",
        is_about_a_vm: bool = True,
    ) -> tuple[str, ...]:
        """Name everything whose loss could have invented what a check answered.

        `transit` are the tables that say which VMs are in transit: without them a healthy VM in
        the middle of a move looks broken. What is not about a VM cannot be in transit.
        """
        whole = {source.table for source in check.absent_from if source.reach is Reach.ALL}
        implied = () if check.judges_transit or not is_about_a_vm else sorted(transit - whole)
        sources = [*check.absent_from, *(Source(table) for table in implied)]
        gaps = [gap for s in sources for gap in self.of_source(s, cell=cell, host=host)]
        return tuple(dict.fromkeys(gaps))

    def unread_of(self, check: Check) -> tuple[str, ...]:
        """Name every reading that a check rests on, in any way, and that is not whole."""
        sources = {source.table: Source(source.table) for source in check.found_in}
        sources |= {source.table: Source(source.table) for source in check.absent_from}
        return tuple(gap for name in sorted(sources) for gap in self.of_source(sources[name]))
