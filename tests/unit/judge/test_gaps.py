"""The first law, in its smallest parts."""

from dataclasses import replace

import pytest

from stackfsck.checks import parse
from stackfsck.judge.gaps import Gaps
from stackfsck.model.check import Check, Source
from stackfsck.model.coverage import Outcome, Reading

TEXT = """-- code: TST001
-- name: a-test
-- title: Domain {uuid} is not known
-- kind: ghost
-- severity: leaks
-- found_in: libvirt.domains
-- absent_from: nova.instances, host.instance_dirs@host
-- What it finds: a test.
-- Why it matters: a test.
-- When it is wrong: never.
select 1
"""


@pytest.fixture
def check() -> Check:
    return parse(TEXT, "tst001.sql")


def reading(source: str, scope: str, outcome: Outcome = Outcome.COMPLETE) -> Reading:
    return Reading(source=source, scope=scope, outcome=outcome)


WHOLE = (
    reading("nova.instances", "cell0"),
    reading("nova.instances", "cell1"),
    reading("host.instance_dirs", "host-a"),
    reading("libvirt.domains", "host-a"),
)


def gaps(check: Check, *readings: Reading, host: str = "host-a") -> tuple[str, ...]:
    return Gaps(readings).of_check(check, frozenset(), host=host)


def test_a_whole_reading_leaves_no_gap(check: Check) -> None:
    assert gaps(check, *WHOLE) == ()


@pytest.mark.parametrize("outcome", [Outcome.PARTIAL, Outcome.FAILED])
def test_one_unread_cell_is_a_gap(check: Check, outcome: Outcome) -> None:
    found = gaps(check, *WHOLE, reading("nova.instances", "cell2", outcome))
    assert found == (f"nova.instances in cell2: {outcome.value}",)


def test_a_source_that_nobody_read_is_a_gap(check: Check) -> None:
    assert gaps(check, *WHOLE[2:]) == ("nova.instances: not read",)


def test_what_a_cloud_does_not_have_is_no_gap(check: Check) -> None:
    assert gaps(check, *WHOLE, reading("nova.instances", "cell2", Outcome.NONE)) == ()


def test_another_hosts_silence_does_not_cloud_this_one(check: Check) -> None:
    other = reading("host.instance_dirs", "host-b", Outcome.FAILED)
    assert gaps(check, *WHOLE, other) == ()
    assert gaps(check, *WHOLE, other, host="host-b") == ("host.instance_dirs in host-b: failed",)


def test_a_finding_that_does_not_say_where_needs_every_host(check: Check) -> None:
    other = reading("host.instance_dirs", "host-b", Outcome.FAILED)
    assert gaps(check, *WHOLE, other, host="") == ("host.instance_dirs in host-b: failed",)


def test_the_worse_of_two_readings_counts(check: Check) -> None:
    twice = reading("nova.instances", "cell1", Outcome.FAILED)
    assert gaps(check, twice, *WHOLE) == gaps(check, *WHOLE, twice)
    assert gaps(check, twice, *WHOLE)


def test_not_knowing_who_is_in_transit_is_a_gap(check: Check) -> None:
    transit = frozenset({"nova.migrations"})
    assert Gaps(WHOLE).of_check(check, transit, host="host-a") == ("nova.migrations: not read",)
    elsewhere = Gaps(WHOLE).of_check(check, transit, host="host-a", is_about_a_vm=False)
    assert elsewhere == ()
    judged = replace(check, judges_transit=True)
    assert Gaps(WHOLE).of_check(judged, transit, host="host-a") == ()


def test_what_holds_the_record_may_be_read_in_part(check: Check) -> None:
    partial = [reading("libvirt.domains", "host-b", Outcome.PARTIAL)]
    assert gaps(check, *WHOLE, *partial) == ()
    assert Gaps([*WHOLE, *partial]).unread_of(check) == ("libvirt.domains in host-b: partial",)


def test_a_source_reads_and_writes_its_reach() -> None:
    assert str(Source.parse("nova.instances@cell")) == "nova.instances@cell"
    with pytest.raises(ValueError, match="planet"):
        Source.parse("nova.instances@planet")


def test_transit_needs_every_cell_even_where_the_check_needs_one(check: Check) -> None:
    near = replace(check, absent_from=(Source.parse("nova.instances@cell"),))
    unread = reading("nova.instances", "cell2", Outcome.FAILED)
    found = Gaps([*WHOLE, unread]).of_check(near, frozenset({"nova.instances"}), cell="cell1")
    assert found == ("nova.instances in cell2: failed",)
