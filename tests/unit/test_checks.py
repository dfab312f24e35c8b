"""What every check owes its reader, and the engine."""

import re
from functools import cache
from string import Formatter

import pytest
from tests.stories_runner import STORIES, Story, all_checks, read

from stackfsck import join
from stackfsck.judge.tables import TableFinder
from stackfsck.model.check import Check, Reach
from stackfsck.model.finding import Certainty

CHECKS = pytest.mark.parametrize("check", all_checks(), ids=lambda check: check.code)
WELL_KNOWN = {"vm": "UUID", "cell": "VARCHAR", "host": "VARCHAR", "changed_at": "TIMESTAMP"}
STORES = {
    "NOV": "nova",
    "API": "nova_api",
    "PLC": "placement",
    "CIN": "cinder",
    "NTR": "neutron",
    "GLA": "glance",
    "CEP": "ceph",
}


@cache
def finder() -> TableFinder:
    return TableFinder(join.definitions())


def told_in(check: Check) -> tuple[Story, ...]:
    return read(STORIES / f"{check.code}.md")


@CHECKS
def test_it_declares_exactly_the_tables_that_it_reads(check: Check) -> None:
    finder().refuse_unfit(check)


@CHECKS
def test_its_title_is_a_statement_made_of_its_own_columns(check: Check) -> None:
    columns = finder().columns_of(check.sql)
    named = {field for _, field, _, _ in Formatter().parse(check.title) if field}
    assert named, "a title names the record"
    assert named <= set(columns)
    assert check.title[0].isupper() or check.title[0] == "{"
    assert not check.title.endswith(".")


@CHECKS
def test_its_well_known_columns_have_the_types_that_the_engine_expects(check: Check) -> None:
    answer = finder()._connection.sql(check.sql)
    types = dict(zip(answer.columns, map(str, answer.types), strict=True))
    assert {name: types[name] for name in WELL_KNOWN.keys() & types.keys()}.items() <= (
        WELL_KNOWN.items()
    )


@CHECKS
def test_a_reach_of_cell_or_host_can_be_answered(check: Check) -> None:
    columns = finder().columns_of(check.sql)
    for source in check.absent_from:
        if source.reach is not Reach.ALL:
            assert source.reach.value in columns, f"{source} needs a column of that name"


@CHECKS
def test_its_explanation_is_short_and_whole(check: Check) -> None:
    for text in (check.what, check.why, check.wrong):
        assert text.endswith((".", "?", "!", ")"))
        assert len(text.split()) <= 70


@CHECKS
def test_its_file_is_called_after_it(check: Check) -> None:
    code, _, rest = check.origin.removesuffix(".sql").partition("_")
    assert code == check.code.lower()
    assert set(rest.split("_")) <= set(check.name.split("-"))  # the name may say more
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", check.name)


@CHECKS
def test_it_rests_on_the_store_that_its_code_names(check: Check) -> None:
    store = STORES.get(check.code[:3])
    assert store is None or any(t.startswith(f"{store}.") for t in check.tables)


@CHECKS
def test_its_query_can_be_read_at_a_glance(check: Check) -> None:
    lines = check.sql.splitlines()
    assert len(lines) <= 60
    assert all(len(line) <= 100 for line in lines)
    assert "now()" not in check.sql
    assert "current_" not in check.sql


def test_no_two_checks_share_a_name() -> None:
    names = [check.name for check in all_checks()]
    assert len(names) == len(set(names))


def test_every_page_is_the_story_of_a_check_or_of_whole_clouds() -> None:
    codes = {check.code for check in all_checks()}
    pages = {page.stem for page in STORIES.glob("*.md")}
    assert codes <= pages
    assert all(name.islower() for name in pages - codes)


@CHECKS
def test_its_story_shows_it_found_not_found_and_not_provable(check: Check) -> None:
    stories = told_in(check)
    told = [line for story in stories for line in story.findings if line.startswith(check.code)]
    assert told, "something is found"
    assert all(line.endswith(Certainty.PROVED.value) for line in told)
    assert any(story.lost for story in stories), "a reading is lost"
    assert _candidates(check, stories) > len(told), "a like record is not found"


def _candidates(check: Check, stories: tuple[Story, ...]) -> int:
    """Count the records in the table that has most of those in which the check finds."""
    counts: dict[str, int] = {}
    for story in stories:
        for (table, _), rows in story.cloud.rows.items():
            if table in check.tables:
                counts[table] = counts.get(table, 0) + len(rows)
    return max(counts.values(), default=0)
