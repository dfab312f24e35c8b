"""What tests of repairing do again and again: check, plan, apply, undo, dump."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path

from stackfsck import checks, pipeline
from stackfsck.apply.carry_out import Outcome
from stackfsck.clients.settings import Settings, load
from stackfsck.model.check import Check
from stackfsck.model.inquiry import Inquiry, Limits
from stackfsck.model.plan import Plan
from stackfsck.model.step import Means
from stackfsck.model.watch import Silent
from stackfsck.pipeline import repair
from stackfsck.plan import file as plans
from stackfsck.store import run as runs
from stackfsck.store.run import Run

LIMITS = Limits(pause=timedelta(0), grace=timedelta(0))


@cache
def all_checks() -> tuple[Check, ...]:
    return checks.builtin()


@dataclass
class Broken:
    """One broken cloud, its settings, and its runs."""

    base: Path
    count: int = field(default=0)

    @property
    def settings(self) -> Settings:
        return load(self.base / "cloud" / "stackfsck.toml")

    def check(self) -> Inquiry:
        self.count += 1
        cloud = pipeline.cloud_of(self.settings)
        keep = self.base / f"look-{self.count}.duckdb"
        return pipeline.check(cloud, all_checks(), LIMITS, Silent(), keep)

    def found(self) -> set[tuple[str, str]]:
        """What one look suspects: enough to compare, at half the price of a proof."""
        self.count += 1
        path = self.base / f"look-{self.count}.duckdb"
        pipeline.collect_to(pipeline.cloud_of(self.settings), path, Silent())
        return told(pipeline.check_snapshots([path], all_checks(), LIMITS))

    def plan(self, wish: repair.Wish, inquiry: Inquiry | None = None) -> Plan:
        return repair.plan(inquiry or self.check(), all_checks(), wish, LIMITS)

    def begin(self, plan: Plan) -> Run:
        digest = plans.write(plan, self.base / "plan.json")
        return runs.begin(self.base / "runs", self.base / "plan.json", digest)

    def apply(self, run: Run, allowed: Iterable[Means] = Means) -> Outcome:
        return repair.apply(run, self.settings, frozenset(allowed), lambda *_: None)

    def undo(self, run: Run) -> Outcome:
        return repair.undo(run, self.settings, lambda *_: None)

    def dump(self) -> dict[str, list[str] | str]:
        """Every row of every database, and what every host would answer."""
        folder = self.base / "cloud"
        databases = {
            path.name: sorted(_rows(path)) for path in sorted(folder.glob("databases/*.db"))
        }
        hosts = {p.name: p.read_text() for p in sorted(folder.glob("hosts/*")) if p.is_file()}
        return {**databases, **hosts}


def told(inquiry: Inquiry) -> set[tuple[str, str]]:
    """The findings of an inquiry, to be compared."""
    return {(f.code, f.subject) for f in inquiry.findings}


def _rows(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    try:
        return list(connection.iterdump())
    finally:
        connection.close()
