"""A plan as a file: JSON that people can read, with a digest that tells whether it was edited."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any
from uuid import UUID

from stackfsck.model.change import Change, Moment, Own, Premise, Those, Verb
from stackfsck.model.errors import PlanStale
from stackfsck.model.plan import Plan, Refusal
from stackfsck.model.step import Means, Stage, Step, Undo, Way

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Kept:
    """A plan that was read from a file, and the digest that consent is given to."""

    plan: Plan
    digest: str


def write(plan: Plan, path: Path) -> str:
    """Write a plan (0600: it names what users have) and return its digest."""
    body = _plain(plan)
    digest = _digest(body)
    text = json.dumps({"format": FORMAT, "digest": digest, "plan": body}, indent=1)
    path.touch(mode=0o600)
    path.write_text(text + "\n", "utf-8")
    return digest


def read(path: Path) -> Kept:
    """Read a plan back; raises PlanStale when it is none, was edited, or has another format."""
    try:
        held = json.loads(path.read_text("utf-8"))
        digest, body = held["digest"], held["plan"]
    except FileNotFoundError as error:
        raise PlanStale(
            f"there is no plan {path}", next_step="Make one: stackfsck plan."
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PlanStale(f"{path} is not a plan: {error}", next_step="Plan again.") from error
    if held.get("format") != FORMAT:
        raise PlanStale(f"{path} is of another format", next_step="Plan again.")
    if digest != _digest(body):
        raise PlanStale(f"{path} was edited since it was made", next_step="Plan again.")
    return Kept(_plan(body), digest)


def _digest(body: Mapping[str, Any]) -> str:
    """Return the digest of a plan's content: SHA-256 over its canonical form, shortened."""
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


def _plain(value: Any) -> Any:  # noqa: ANN401, PLR0911 -- any part of a plan
    """Turn a part of a plan into plain JSON."""
    if isinstance(value, Own):
        return {"own": value.column, "plus": value.plus}
    if isinstance(value, Moment):
        return {"moment": True}
    if isinstance(value, Those):
        return {"those": [value.table, value.column, dict(value.where)]}
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, frozenset):
        return sorted(_plain(part) for part in value)
    if isinstance(value, tuple | list):
        return [_plain(part) for part in value]
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, datetime) else _text(value)


def _text(value: Any) -> Any:  # noqa: ANN401 -- what JSON holds
    """Write UUIDs as text; the rest is plain already."""
    return str(value) if isinstance(value, UUID) else value


def _plan(body: Mapping[str, Any]) -> Plan:
    """Build a plan from its content."""
    return Plan(
        cloud=body["cloud"],
        read_at=datetime.fromisoformat(body["read_at"]),
        steps=tuple(_step(step) for step in body["steps"]),
        findings=tuple((f[0], f[1], f[2], f[3]) for f in body["findings"]),
        refused=tuple(Refusal(**refusal) for refusal in body["refused"]),
    )


def _step(body: Mapping[str, Any]) -> Step:
    """Build a step from its content."""
    return Step(
        **{
            **body,
            "stage": Stage(body["stage"]),
            "vm": UUID(body["vm"]) if body["vm"] else None,
            "because": tuple(body["because"]),
            "effects": tuple(_change(change) for change in body["effects"]),
            "premises": tuple(Premise(**premise) for premise in body["premises"]),
            "ways": tuple(Way(**{**way, "means": Means(way["means"])}) for way in body["ways"]),
            "undo": Undo(body["undo"]),
            "after": frozenset(body["after"]),
        }
    )


def _change(body: Mapping[str, Any]) -> Change:
    """Build a change from its content."""
    return Change(
        verb=Verb(body["verb"]),
        table=body["table"],
        scope=body["scope"],
        where={name: _value(value) for name, value in body["where"].items()},
        values={name: _value(value) for name, value in body["values"].items()},
    )


def _value(value: Any) -> Any:  # noqa: ANN401 -- see _plain
    """Give a value its meaning back."""
    if not isinstance(value, dict):
        return value
    if "own" in value:
        return Own(value["own"], value["plus"])
    if "those" in value:
        table, column, where = value["those"]
        return Those(table=table, column=column, where=where)
    return Moment()
