"""The same answers for programs: stable names, one `format` per shape.

A shape only ever grows: fields keep their name and meaning while `format` keeps its number. Every
answer is one JSON object in ASCII, so that no text in it can touch a terminal.

* ``check/1``: `findings`, `held`, `unjudged`, `coverage`, `notes`, `summary`, `exit_code`
* ``trace/1``: `vm`, `verdict`, `witnesses`, `records`, `references`, `timeline`, `findings`, `gaps`
* ``explain/1``: `checks` · ``doctor/1``: `probes` · ``tables/1``: `tables`
* ``error/1``: `error`, `next_step`, `exit_code`
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from stackfsck import __version__
from stackfsck.model.finding import Certainty
from stackfsck.report.groups import by_check

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import IO

    from stackfsck.catalogue.table import Table
    from stackfsck.model.check import Check
    from stackfsck.model.coverage import Reading
    from stackfsck.model.dossier import Candidate, Dossier, Name
    from stackfsck.model.errors import StackfsckError
    from stackfsck.model.finding import Finding
    from stackfsck.model.inquiry import Inquiry, Probe

Shape = dict[str, Any]


def write(stream: IO[str], shape: Mapping[str, Any]) -> None:
    """Write one answer, indented, with a line end."""
    json.dump(shape, stream, indent=2, ensure_ascii=True, default=_value)
    stream.write("\n")


def _value(value: object) -> object:
    """Return what JSON has no form for, in the form that these shapes promise."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds") + ("Z" if value.tzinfo is None else "")
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, UUID | Path):
        return str(value)
    raise TypeError(type(value).__name__)


def shape_of(format_: str, **fields: object) -> Shape:
    """Return an answer of this format, which says who gave it."""
    return {"format": format_, "stackfsck": __version__, **fields}


def inquiry(answer: Inquiry, names: Mapping[UUID, Candidate]) -> Shape:
    """Return the shape of a check."""
    proved = sum(f.certainty is Certainty.PROVED for f in answer.findings)
    return shape_of(
        "check/1",
        exit_code=int(answer.exit_code),
        began=answer.began,
        ended=answer.ended,
        looks=answer.looks,
        checks=list(answer.checks),
        snapshot=answer.snapshot,
        summary={
            "findings": len(answer.findings),
            "proved": proved,
            "suspected": len(answer.findings) - proved,
            "vms": len({f.vm for f in answer.findings if f.vm}),
            "held": len(answer.held),
            "unread": len(answer.unread),
            "presence": dict(answer.presence),
            "by_code": {t.check.code: t.proved + t.suspected for t in by_check(answer.findings)},
        },
        findings=[_finding(f, names) for f in answer.findings],
        held=[asdict(held) for held in answer.held],
        unjudged=[{"code": u.code, "missing": list(u.missing)} for u in answer.unjudged],
        coverage=[reading_shape(reading) for reading in answer.coverage],
        notes=list(answer.notes),
    )


def _finding(finding: Finding, names: Mapping[UUID, Candidate]) -> Shape:
    known = names.get(finding.vm) if finding.vm else None
    return {
        "code": finding.code,
        "name": finding.check.name,
        "title": finding.title,
        "kind": finding.check.kind.value,
        "severity": finding.check.severity.value,
        "certainty": finding.certainty.value,
        "gaps": list(finding.gaps),
        "subject": finding.subject,
        "vm": finding.vm,
        "vm_name": known.display_name if known else "",
        "cell": finding.cell,
        "host": finding.host,
        "remedy": finding.check.remedy,
        "evidence": dict(finding.evidence),
    }


def reading_shape(reading: Reading) -> Shape:
    """Return the shape of one reading: source, scope, outcome, reason, rows."""
    return asdict(reading)


def dossier(answer: Dossier) -> Shape:
    """Return the shape of a trace."""
    return shape_of(
        "trace/1",
        vm=answer.vm,
        display_name=answer.display_name,
        verdict=answer.verdict.value,
        certainty=answer.certainty.value,
        sentence=answer.sentence,
        looks=answer.looks,
        gaps=[reading_shape(reading) for reading in answer.gaps],
        witnesses=[
            {"speaks": w.speaks.name.lower(), "sentence": w.sentence, "record": _name(w.record)}
            for w in answer.witnesses
        ],
        findings=[_finding(finding, {}) for finding in answer.findings],
        records=[
            {
                **(_name(record.name) or {}),
                "layer": record.layer.name.lower(),
                "relation": record.relation.value,
                "deleted": record.deleted,
                "fields": dict(record.fields),
            }
            for record in answer.records
        ],
        references=[
            {
                "source": _name(r.source),
                "target": _name(r.target),
                "how": r.how,
                "dangling": r.dangling,
                "sure": r.sure,
            }
            for r in answer.references
        ],
        timeline=[asdict(event) for event in answer.timeline],
        left_out=dict(answer.left_out),
    )


def _name(name: Name | None) -> Shape | None:
    return asdict(name) if name else None


def checks(all_of: Iterable[Check]) -> Shape:
    """Return the shape of an explanation."""
    return shape_of("explain/1", checks=[_check(check) for check in all_of])


def _check(check: Check) -> Shape:
    return {
        "code": check.code,
        "name": check.name,
        "title": check.title,
        "kind": check.kind.value,
        "severity": check.severity.value,
        "found_in": [str(source) for source in check.found_in],
        "absent_from": [str(source) for source in check.absent_from],
        "remedy": check.remedy,
        "what": check.what,
        "why": check.why,
        "wrong": check.wrong,
        "sql": check.sql,
        "origin": check.origin,
    }


def probes(all_of: Iterable[Probe]) -> Shape:
    """Return the shape of what the doctor says."""
    told = [
        {"name": p.name, "ok": p.ok, "detail": p.detail, "next_step": p.next_step} for p in all_of
    ]
    return shape_of("doctor/1", probes=told)


def tables(all_of: Iterable[Table]) -> Shape:
    """Return the shape of the catalogue."""
    return shape_of("tables/1", tables=[asdict(table) for table in all_of])


def error(what: StackfsckError) -> Shape:
    """Return the shape of a failure."""
    return shape_of(
        "error/1", error=str(what), next_step=what.next_step, exit_code=int(what.exit_code)
    )
