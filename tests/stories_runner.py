"""Stories: pages that tell an incident in tables, what is found in it, and what is not.

A page tells one story, or several, each below a heading of its own, in fenced blocks:

```facts     one row per line: `nova.instances: cell=cell1 uuid=vm-1 host=host-a`
```findings  the whole list of findings, one per line: `NOV001 vm-1 proved`
```lost      what is found when one reading fails and its rows are missing:
             `libvirt.domains host-a: NOV001 vm-1 suspected`, or `...: nothing`
```checks    codes, one per line, when not every check shall be asked
```common    facts, above the first heading, that hold in every story of the page

In a UUID column a word stands for a UUID made from it, so that `vm-1` is readable; `<vm-1>` puts
that UUID into any text, `<port-1:11>` its first 11 characters. Columns that are not named are
null, `deleted` is 0 or false. Tables without facts were read to their end and are empty.
"""

import re
import shlex
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from uuid import NAMESPACE_URL, UUID, uuid5

import pyarrow as pa

from stackfsck import checks, join
from stackfsck.catalogue import TABLES
from stackfsck.catalogue.table import Column, Scope, SoftDelete, Table, Type
from stackfsck.judge.conclude import twice
from stackfsck.judge.look import Rules, look
from stackfsck.judge.tables import TableFinder
from stackfsck.model.check import Check
from stackfsck.model.coverage import Outcome
from stackfsck.model.finding import Judgement
from stackfsck.store.ddl import quoted
from stackfsck.store.snapshot import Snapshot

STORIES = Path(__file__).parent / "stories"
NOW = datetime(2026, 6, 1)  # noqa: DTZ001 -- snapshots hold UTC without zone
GRACE = timedelta(seconds=120)
DEFAULT_SCOPES = {
    Scope.GLOBAL: ("",),
    Scope.CELL: ("cell0", "cell1"),
    Scope.HOST: ("host-a", "host-b"),
}
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^## ", re.MULTILINE)
LOST = re.compile(r"(?P<table>[\w.]+)(?: +(?P<scope>[^\s:]+))? *:(?P<findings>.*)")
NEXT_FINDING = re.compile(r"[,;]\s*(?=[A-Z]{2,8}[0-9]{3} )")
PLACEHOLDER = re.compile(r"<([A-Za-z][\w.-]*?)(?::(\d+))?>")

READ: Mapping[Type, Callable[[str], object]] = {
    Type.INTEGER: int,
    Type.FLOAT: float,
    Type.BOOLEAN: {"true": True, "1": True, "false": False, "0": False}.__getitem__,
    Type.TIME: datetime.fromisoformat,
}

Row = Mapping[str, object]
Place = tuple[str, str]  # a table and its scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """Rows by table and scope, how completely each was read, and the time."""

    rows: Mapping[Place, tuple[Row, ...]]
    scopes: Mapping[Scope, tuple[str, ...]]
    outcomes: Mapping[Place, Outcome] = field(default_factory=dict)
    now: datetime = NOW
    stuck_before: datetime = NOW - timedelta(days=1)

    def places(self) -> Iterator[Place]:
        """Name every table in every scope."""
        for table in TABLES.values():
            for scope in self.scopes[table.scope]:
                yield (table.name, scope)

    def without(self, place: Place, outcome: Outcome = Outcome.FAILED) -> "Cloud":
        """Return the same cloud, of which the rows of one place were not read."""
        return self.with_only(place, (), outcome)

    def with_only(self, place: Place, rows: tuple[Row, ...], outcome: Outcome) -> "Cloud":
        """Return the same cloud, of which only these rows of one place were read."""
        return Cloud(
            rows={**self.rows, place: rows},
            scopes=self.scopes,
            outcomes={**self.outcomes, place: outcome},
            now=self.now,
            stuck_before=self.stuck_before,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One page, read."""

    name: str
    text: str
    cloud: Cloud
    words: Mapping[str, str]  # the text of a UUID to the word that it was made from
    findings: tuple[str, ...]
    lost: Mapping[Place, tuple[str, ...]]
    codes: frozenset[str]

    @property
    def asked(self) -> tuple[Check, ...]:
        """The checks that this story is about."""
        return tuple(c for c in all_checks() if not self.codes or c.code in self.codes)

    def told(self, judgement: Judgement) -> tuple[str, ...]:
        """Write findings as the page writes them, sorted."""
        lines = (f"{f.code} {f.subject} {f.certainty.value}" for f in judgement.findings)
        return tuple(sorted(self._in_words(line) for line in lines))

    def _in_words(self, line: str) -> str:
        for uuid in sorted(self.words, key=len, reverse=True):  # whole ones before their beginnings
            line = line.replace(uuid, self.words[uuid])
        return line


@cache
def all_checks() -> tuple[Check, ...]:
    """Return stackfsck's own checks."""
    return checks.builtin()


def uuid_of(word: str) -> str:
    """Return the UUID that a word stands for; a UUID stands for itself."""
    try:
        return str(UUID(word))
    except ValueError:
        return str(uuid5(NAMESPACE_URL, word))


def stories() -> tuple[Path, ...]:
    """Return all pages, sorted."""
    return tuple(sorted(STORIES.glob("*.md")))


def read(page: Path) -> tuple[Story, ...]:
    """Read the stories of one page; raises ValueError, with the line, for what it cannot grasp."""
    sections = HEADING.split(page.read_text("utf-8"))
    told = [(page.stem, sections[0])]
    told += [(f"{page.stem} {part.splitlines()[0]}", part) for part in sections[1:]]
    common = tuple(_blocks(sections[0])["common"])
    return tuple(_story(name, text, common) for name, text in told if "```facts" in text)


def _blocks(text: str) -> dict[str, list[str]]:
    """Return the lines of all fenced blocks, by kind."""
    blocks: dict[str, list[str]] = defaultdict(list)
    for kind, body in BLOCK.findall(text):
        blocks[kind] += [line.strip() for line in body.splitlines() if line.strip()]
    return blocks


def _story(name: str, text: str, common: tuple[str, ...]) -> Story:
    blocks = _blocks(text)
    reader = _Facts()
    for line in (*common, *blocks["facts"]):
        reader.take(line)
    return Story(
        name=name,
        text=text,
        cloud=reader.cloud(),
        words=reader.words,
        findings=_findings(blocks["findings"]),
        lost=_lost(blocks["lost"]),
        codes=frozenset(blocks["checks"]),
    )


def judge(cloud: Cloud, asked: Iterable[Check]) -> Judgement:
    """Judge a cloud that looks the same twice."""
    snapshot = _laid_out(cloud)
    rules = Rules(now=cloud.now, grace=GRACE, transit=_transit())
    sighting = look(snapshot, asked, rules)
    return twice(sighting, sighting)


class _Facts:
    """Collects the rows of one page."""

    def __init__(self) -> None:
        self.words: dict[str, str] = {}
        self._rows: dict[Place, list[Row]] = defaultdict(list)
        self._clock: dict[str, datetime] = {}

    def take(self, line: str) -> None:
        name, colon, rest = line.partition(":")
        try:
            values = dict(_pair(part) for part in shlex.split(rest))
        except ValueError as error:
            raise ValueError(f"{line!r}: {error}") from error
        if name == "run.clock":
            self._clock |= {key: datetime.fromisoformat(value) for key, value in values.items()}
            return
        if not colon or name not in TABLES:
            raise ValueError(f"{line!r}: there is no table {name!r}")
        table = TABLES[name]
        scope = "" if table.scope is Scope.GLOBAL else values.pop(table.scope.value, "")
        scope = scope or {Scope.CELL: "cell1", Scope.HOST: "host-a", Scope.GLOBAL: ""}[table.scope]
        columns = {column.name: column for column in table.copied_columns}
        if unknown := values.keys() - columns.keys():
            raise ValueError(f"{line!r}: {name} has no column {', '.join(sorted(unknown))}")
        row = {key: self._value(table, columns[key], text) for key, text in values.items()}
        self._rows[name, scope].append(_defaults(table) | row)

    def cloud(self) -> Cloud:
        now = self._clock.get("now", NOW)
        named: dict[Scope, set[str]] = defaultdict(set)
        for name, scope in self._rows:
            named[TABLES[name].scope].add(scope)
        return Cloud(
            rows={place: tuple(rows) for place, rows in self._rows.items()},
            scopes={
                scope: tuple(sorted(named[scope])) or default
                for scope, default in DEFAULT_SCOPES.items()
            },
            now=now,
            stuck_before=self._clock.get("stuck_before", now - timedelta(days=1)),
        )

    def _value(self, table: Table, column: Column, text: str) -> object:
        if text == "null":
            return None
        if column.type is Type.UUID or (column.name == table.vm and text and "<" not in text):
            return self._uuid(text)  # neutron.ports.device_id and its like are text
        if column.type is Type.TEXT:
            return PLACEHOLDER.sub(self._placed, text)
        return READ[column.type](text)

    def _uuid(self, word: str) -> str:
        uuid = uuid_of(word)
        self.words[uuid] = word
        return uuid

    def _placed(self, match: re.Match[str]) -> str:
        uuid = self._uuid(match[1])
        if not match[2]:
            return uuid
        beginning = uuid[: int(match[2])]
        self.words[beginning] = match[0]
        return beginning


def _pair(part: str) -> tuple[str, str]:
    key, equals, value = part.partition("=")
    if not equals:
        raise ValueError(f"{part!r} is not column=value")
    return key, value


def _defaults(table: Table) -> dict[str, object]:
    if table.soft_delete is SoftDelete.ID:
        return {"deleted": 0}
    return {"deleted": False} if table.soft_delete is SoftDelete.FLAG else {}


def _lost(lines: Iterable[str]) -> dict[Place, tuple[str, ...]]:
    lost: dict[Place, list[str]] = defaultdict(list)
    for line in lines:
        parts = LOST.fullmatch(line)
        if not parts or parts["table"] not in TABLES:
            raise ValueError(f"{line!r} is not `table scope: finding` of a table in the catalogue")
        lost[parts["table"], parts["scope"] or ""].append(parts["findings"])
    return {place: _findings(findings) for place, findings in lost.items()}


def _findings(lines: Iterable[str]) -> tuple[str, ...]:
    """Return all findings on these lines, sorted; `nothing` says that there are none."""
    told = [" ".join(part.split()) for line in lines for part in NEXT_FINDING.split(line)]
    shown = [PLACEHOLDER.sub(_as_shown, finding) for finding in told]
    return tuple(sorted(finding for finding in shown if finding not in {"", "nothing"}))


def _as_shown(match: re.Match[str]) -> str:
    """Return a placeholder as `Story.told` writes it: a whole UUID is told by its word alone."""
    return match[0] if match[2] else match[1]


@cache
def _transit() -> frozenset[str]:
    return TableFinder(join.definitions()).transit


@cache
def _bench() -> Snapshot:
    """Return the one snapshot, in memory, on which all stories are laid out one after the other."""
    snapshot = Snapshot.create(Path(":memory:"))
    snapshot.connection.execute("set threads = 1")
    return snapshot


_FILLED: set[str] = set()


def _laid_out(cloud: Cloud) -> Snapshot:
    snapshot = _bench()
    for name in _FILLED:
        snapshot.connection.execute(f"delete from {quoted(TABLES[name])}")
    _FILLED.clear()
    for (name, scope), rows in cloud.rows.items():
        if rows:
            snapshot.add_rows(TABLES[name], scope, rows)
            _FILLED.add(name)
    cover(snapshot, cloud)
    join.join(snapshot, now=cloud.now, stuck_after=cloud.now - cloud.stuck_before)
    return snapshot


def cover(snapshot: Snapshot, cloud: Cloud) -> None:
    """Write the coverage in one go; `Snapshot.cover` takes one reading at a time."""
    places = list(dict.fromkeys([*cloud.places(), *cloud.outcomes]))
    outcomes = [cloud.outcomes.get(place, Outcome.COMPLETE) for place in places]
    readings = pa.table(
        {
            "source": [table for table, _ in places],
            "scope": [scope for _, scope in places],
            "outcome": [outcome.value for outcome in outcomes],
            "reason": ["" if o is Outcome.COMPLETE else "the story lost it" for o in outcomes],
            "rows": [len(cloud.rows.get(place, ())) for place in places],
        }
    )
    snapshot.connection.execute("delete from run.coverage")
    snapshot.connection.register("readings", readings)
    snapshot.connection.execute("insert into run.coverage select * from readings")
    snapshot.connection.unregister("readings")
