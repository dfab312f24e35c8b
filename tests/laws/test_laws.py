"""The first law, over every check: what was not read can hide a finding, never prove one."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.laws.bench import ALL, Found, bench, losses, only_hides
from tests.stories_runner import DEFAULT_SCOPES, Cloud, Place, Row, Story, all_checks, read, stories

from stackfsck.catalogue import TABLES
from stackfsck.model.check import Check, Reach, Source

TOLD = [story for page in stories() for story in read(page)]
ABOUT_ONE_CHECK = [story for story in TOLD if story.codes]
ABOUT_A_CLOUD = [story for story in TOLD if not story.codes]


@pytest.mark.parametrize("story", ABOUT_ONE_CHECK, ids=lambda story: story.name)
def test_a_lost_reading_proves_nothing(story: Story) -> None:
    bench().lay_out(story.cloud)
    before = bench().proved(story.asked)
    inventing = {source.table for check in story.asked for source in check.absent_from}
    for place, rows in story.cloud.rows.items():
        for loss in losses(rows) if place[0] in inventing else (ALL,):
            with bench().lost(place, loss):
                invented = bench().proved(story.asked) - before
            assert not invented, f"without {place}: {loss}"


@pytest.mark.parametrize("story", ABOUT_ONE_CHECK, ids=lambda story: story.name)
def test_a_place_where_records_are_found_can_only_hide_them(story: Story) -> None:
    bench().lay_out(story.cloud)
    for check in story.asked:
        before = bench().answered(check)
        hiding = [place for place in story.cloud.rows if only_hides(check, place[0])]
        for place in hiding:
            for loss in losses(story.cloud.rows[place]):
                with bench().lost(place, loss):
                    invented = bench().answered(check) - before
                assert not invented, f"{check.code} without {place}: {loss}"


@pytest.mark.parametrize("story", ABOUT_ONE_CHECK, ids=lambda story: story.name)
def test_nothing_is_proved_while_its_proof_is_in_doubt(story: Story) -> None:
    bench().lay_out(story.cloud)
    before = bench().proved(story.asked)
    for check in story.asked:
        for source in check.absent_from:
            for scope in story.cloud.scopes[TABLES[source.table].scope]:
                if resting := _resting_on(source, scope, check, before):
                    with bench().doubted((source.table, scope)):
                        assert not resting & bench().proved([check])


def _resting_on(source: Source, scope: str, check: Check, found: Found) -> Found:
    """Return what a check found and cannot be proved without this scope of a source."""
    return frozenset(
        (code, subject, cell, host)
        for code, subject, cell, host in found
        if code == check.code
        and scope == {Reach.ALL: scope, Reach.CELL: cell, Reach.HOST: host}[source.reach]
    )


@settings(max_examples=8)
@given(seed=st.integers(0, 2**32))
def test_in_any_cloud_a_lost_reading_proves_nothing(seed: int) -> None:
    chance = Random(seed)  # noqa: S311 -- the same clouds on every run
    cloud = _mixed(chance)
    place = chance.choice(sorted(cloud.rows))
    hiding = [check for check in all_checks() if only_hides(check, place[0])]
    bench().lay_out(cloud)
    proved = bench().proved(all_checks())
    answered = {check.code: bench().answered(check) for check in hiding}
    with bench().lost(place, chance.choice(losses(cloud.rows[place]))):
        assert not bench().proved(all_checks()) - proved, f"without {place}"
        for check in hiding:
            assert bench().answered(check) <= answered[check.code], check.code


def _mixed(chance: Random) -> Cloud:
    """Return a cloud of rows from several stories; the same words in them are the same things."""
    rows: dict[Place, tuple[Row, ...]] = {}
    scopes = {scope: set(names) for scope, names in DEFAULT_SCOPES.items()}
    told = [chance.choice(ABOUT_A_CLOUD), *chance.sample(ABOUT_ONE_CHECK, 4)]
    for story in told:
        for place, its in story.cloud.rows.items():
            rows[place] = rows.get(place, ()) + tuple(r for r in its if chance.random() < 0.9)
            scopes[TABLES[place[0]].scope].add(place[1])
    return Cloud(
        rows={place: some for place, some in rows.items() if some},
        scopes={scope: tuple(sorted(names)) for scope, names in scopes.items()},
    )


def test_the_laws_look_at_every_check() -> None:
    told: set[str] = set()
    for story in ABOUT_ONE_CHECK:
        told |= story.codes
    assert told == {check.code for check in all_checks()}


def test_a_check_that_only_hides_is_told_from_one_that_can_invent() -> None:
    by_code: dict[str, Check] = {check.code: check for check in all_checks()}
    assert only_hides(by_code["NOV001"], "host.facts")
    assert not only_hides(by_code["NOV001"], "libvirt.domains")
    assert not only_hides(by_code["NOV001"], "cinder.volumes")
