"""Rows are changed as they were judged, and put back as they were."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from stackfsck.apply.execute import Tools, execute, undo
from stackfsck.apply.rows import RowsHand
from stackfsck.clients.databases.writing import Writer, open_writer
from stackfsck.clients.dsn import parse
from stackfsck.model.change import Change, Moment, Own, Premise, Verb
from stackfsck.model.errors import JournalBroken
from stackfsck.model.step import Means, Stage, Step, Way
from stackfsck.store.journal import Journal, Phase

VM = "11111111-1111-1111-1111-111111111111"
SCHEMA = f"""
create table instances (id integer primary key, uuid text, deleted integer, deleted_at datetime,
    odd blob);
create table faults (id integer primary key, instance_uuid text references instances (uuid),
    message text);
insert into instances values (7, '{VM}', 0, null, x'00ff');
insert into instances values (8, 'other', 0, '2026-01-02 03:04:05', null);
insert into faults values (1, '{VM}', 'one'), (2, '{VM}', 'two'), (3, 'other', 'three');
"""
STEP = Step(
    id="nova:cell1:instances",
    title="Bury it",
    remedy="bury",
    stage=Stage.INSTANCE,
    store="nova",
    scope="cell1",
    effects=(
        Change(verb=Verb.DELETE, table="nova.faults", scope="cell1", where={"instance_uuid": VM}),
        Change(
            verb=Verb.UPDATE,
            table="nova.instances",
            scope="cell1",
            where={"uuid": VM, "deleted": 0},
            values={"deleted": Own("id"), "deleted_at": Moment()},
        ),
        Change(
            verb=Verb.INSERT,
            table="nova.faults",
            scope="cell1",
            values={"id": 9, "instance_uuid": "other", "message": "new"},
        ),
    ),
    ways=(Way(means=Means.SQL),),
)


class Killed(BaseException):
    """The process dies here."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with sqlite3.connect(tmp_path / "nova.sqlite") as database:
        database.executescript(SCHEMA)
    return tmp_path / "nova.sqlite"


@pytest.fixture
def writer(path: Path) -> Iterator[Writer]:
    opened = open_writer(parse(f"sqlite:///{path}"))
    yield opened
    opened.close()


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "journal.sqlite") as opened:
        yield opened


def tools(writer: Writer, journal: Journal, found: str = "") -> Tools:
    hands = {Means.SQL: RowsHand({("nova", "cell1"): writer})}
    return Tools(hands=hands, holds=lambda _: found, journal=journal)


def dump(path: Path) -> list[str]:
    with sqlite3.connect(path) as database:
        return list(database.iterdump())


def phases(journal: Journal) -> list[Phase]:
    return [entry.phase for entry in journal.entries()]


def test_a_step_is_done_written_down_and_taken_back(
    path: Path, writer: Writer, journal: Journal
) -> None:
    before = dump(path)
    assert execute(STEP, tools(writer, journal)) is Phase.DONE
    with sqlite3.connect(path) as database:
        assert database.execute("select deleted, deleted_at is null from instances").fetchall() == [
            (7, 0),
            (0, 0),
        ]
        assert database.execute("select id from faults order by id").fetchall() == [(3,), (9,)]
    assert phases(journal) == [Phase.INTENT, Phase.BEFORE, Phase.DONE]
    assert undo(STEP, tools(writer, journal)) is Phase.UNDONE
    assert dump(path) == before


def test_a_second_run_changes_nothing(path: Path, writer: Writer, journal: Journal) -> None:
    execute(STEP, tools(writer, journal))
    after = dump(path)
    assert execute(STEP, tools(writer, journal)) is Phase.DONE
    assert dump(path) == after


def test_what_no_longer_holds_is_left_alone(path: Path, writer: Writer, journal: Journal) -> None:
    before = dump(path)
    premise = Premise(table="nova.instances", where={"uuid": VM}, fields={"host": None})
    step = replace_premises(STEP, premise)
    assert execute(step, tools(writer, journal, found="host=vm2")) is Phase.MOVED
    assert dump(path) == before
    last = journal.last(step.id)
    assert last
    assert "now host=vm2" in last.detail["reason"]


def replace_premises(step: Step, *premises: Premise) -> Step:
    from dataclasses import replace

    return replace(step, premises=premises)


def test_what_others_changed_since_is_not_put_back(
    path: Path, writer: Writer, journal: Journal
) -> None:
    execute(STEP, tools(writer, journal))
    with sqlite3.connect(path) as database:
        database.execute("update instances set deleted = 99 where id = 7")
    after = dump(path)
    assert undo(STEP, tools(writer, journal)) is Phase.KEPT
    assert dump(path) == after


def test_without_a_journal_nothing_is_changed(
    path: Path, writer: Writer, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = dump(path)
    full = JournalBroken("no space left on device")

    def refuse(*_: object) -> None:
        raise full

    monkeypatch.setattr(journal, "write", refuse)
    with pytest.raises(JournalBroken):
        execute(STEP, tools(writer, journal))
    assert dump(path) == before


class Mortal:
    """A journal whose process dies before or after its n-th entry reaches the disk."""

    def __init__(self, journal: Journal, at: int, *, after: bool) -> None:
        self.journal, self.left, self.after = journal, at, after

    def write(self, step: str, phase: Phase, detail: object = None) -> None:
        self.left -= 1
        if self.left == 0 and not self.after:
            raise Killed
        self.journal.write(step, phase, detail)  # type: ignore[arg-type]
        if self.left == 0:
            raise Killed

    def last(self, step: str, phase: Phase | None = None) -> object:
        return self.journal.last(step, phase)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("at", [1, 2, 3])
def test_killed_anywhere_and_resumed_is_the_same(
    path: Path, writer: Writer, journal: Journal, at: int, *, after: bool
) -> None:
    before = dump(path)
    mortal = Mortal(journal, at, after=after)
    with pytest.raises(Killed):
        execute(STEP, tools(writer, mortal))  # type: ignore[arg-type]
    assert execute(STEP, tools(writer, journal)) is Phase.DONE
    with sqlite3.connect(path) as database:
        assert database.execute("select count(*) from faults").fetchone() == (2,)
        assert database.execute("select deleted from instances where id=7").fetchone() == (7,)
    assert undo(STEP, tools(writer, journal)) is Phase.UNDONE
    assert dump(path) == before


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("at", [1, 2])
def test_undo_killed_anywhere_and_repeated_is_the_same(
    path: Path, writer: Writer, journal: Journal, at: int, *, after: bool
) -> None:
    before = dump(path)
    execute(STEP, tools(writer, journal))
    with pytest.raises(Killed):
        undo(STEP, tools(writer, Mortal(journal, at, after=after)))  # type: ignore[arg-type]
    undo(STEP, tools(writer, journal))
    assert dump(path) == before


def test_the_journal_is_only_for_its_owner(journal: Journal, tmp_path: Path) -> None:
    journal.write("x", Phase.INTENT)
    assert (tmp_path / "journal.sqlite").stat().st_mode & 0o777 == 0o600
