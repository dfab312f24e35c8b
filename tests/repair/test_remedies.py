"""Every remedy: planned, rehearsed, applied, gone, nothing else touched, and taken back exactly."""

from collections.abc import Callable

import pytest
from tests.repair.bench import Broken, all_checks, told

from stackfsck.demo.faults import FAULTS
from stackfsck.pipeline.repair import Wish
from stackfsck.plan.make import NO_WAY_BACK, Guards
from stackfsck.remedies import REMEDIES
from stackfsck.store.journal import Phase

EVERYTHING_ALLOWED = Guards(most_share=1.0, consents=frozenset({NO_WAY_BACK, "volumes"}))

ONLY_BY_A_SERVICE = frozenset({"CIN015", "NTR005"})
"""Deleting a volume in Ceph, binding a port anew: no row can do that, and the demo has no API."""

BY_HAND = frozenset({"CIN024", "LIB005", "NOV004", "NOV006", "NOV007", "NOV013"})
"""What has to move along, or which of two is the right one, only people can tell."""

REPAIRED = sorted(
    check.code
    for check in all_checks()
    if check.remedy in REMEDIES and check.code not in ONLY_BY_A_SERVICE | BY_HAND
)


def test_every_remedy_is_asked_for_by_a_check() -> None:
    assert {check.remedy for check in all_checks()} >= set(REMEDIES)


@pytest.mark.parametrize("code", REPAIRED)
def test_a_finding_is_repaired_and_taken_back(broken: Callable[..., Broken], code: str) -> None:
    assert code in FAULTS
    cloud = broken(code)
    before, inquiry = cloud.dump(), cloud.check()
    found = told(inquiry)
    assert code in {found_code for found_code, _ in found}
    plan = cloud.plan(Wish(codes=frozenset({code}), guards=EVERYTHING_ALLOWED), inquiry)
    assert plan.steps, [str(refusal) for refusal in plan.refused]
    run = cloud.begin(plan)
    outcome = cloud.apply(run)
    assert outcome.is_whole, outcome.reasons
    left = cloud.found()
    assert code not in {left_code for left_code, _ in left}
    assert left <= found, "the repair made something new"
    again = cloud.dump()
    assert cloud.apply(run).is_whole
    assert cloud.dump() == again, "a second apply changed something"
    assert set(cloud.undo(run).phases.values()) <= {Phase.UNDONE}
    assert cloud.dump() == before


@pytest.mark.parametrize("code", sorted(ONLY_BY_A_SERVICE))
def test_what_only_a_service_can_do_is_planned_and_left_without_one(
    broken: Callable[..., Broken], code: str
) -> None:
    cloud = broken(code)
    before = cloud.dump()
    plan = cloud.plan(Wish(codes=frozenset({code}), guards=EVERYTHING_ALLOWED))
    assert plan.steps
    assert set(cloud.apply(cloud.begin(plan)).phases.values()) == {Phase.FAILED}
    assert cloud.dump() == before


@pytest.mark.parametrize("code", sorted(BY_HAND))
def test_what_nobody_can_derive_is_told_to_be_done_by_hand(
    broken: Callable[..., Broken], code: str
) -> None:
    plan = broken(code).plan(Wish(codes=frozenset({code}), guards=EVERYTHING_ALLOWED))
    assert not plan.steps
    assert all(refusal.lift for refusal in plan.refused)
