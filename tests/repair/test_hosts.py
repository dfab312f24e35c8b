"""Everything that is wrong on hosts at once: repaired in one run, and taken back."""

from collections.abc import Callable

from tests.repair.bench import Broken, all_checks

from stackfsck.model.step import Means, Stage
from stackfsck.pipeline.repair import Wish
from stackfsck.plan.make import NO_WAY_BACK, Guards
from stackfsck.remedies import directories, domains, storage, switch
from stackfsck.store.journal import Phase

OURS = {
    remedy.name
    for module in (domains, switch, directories, storage)
    for remedy in module.REMEDIES
    if remedy.name != directories.CLEAN  # which marks a row in nova, besides
}
CODES = [check.code for check in all_checks() if check.remedy in OURS]


def test_all_that_is_wrong_on_hosts_is_mended_and_had_back(
    broken: Callable[..., Broken],
) -> None:
    cloud = broken(*CODES)
    before, found = cloud.dump(), cloud.found()
    guards = Guards(most_vms=500, most_share=1.0, consents=frozenset({NO_WAY_BACK, "volumes"}))
    plan = cloud.plan(Wish(codes=frozenset(CODES), guards=guards))
    assert plan.refused == ()
    assert {way.means for step in plan.steps for way in step.ways} == {Means.HOST}
    run = cloud.begin(plan)
    outcome = cloud.apply(run)
    assert outcome.is_whole, outcome.reasons
    left = cloud.found()
    assert left <= found, "the repair made something new"
    assert {code for code, _ in left}.isdisjoint(CODES)
    assert set(cloud.undo(run).phases.values()) == {Phase.UNDONE}
    assert cloud.dump() == before


def test_a_guest_ends_before_its_devices_and_its_files_go_last(
    broken: Callable[..., Broken],
) -> None:
    cloud = broken("LIB001")
    guards = Guards(most_share=1.0)
    plan = cloud.plan(Wish(codes=frozenset({"LIB001"}), guards=guards))
    stages = [step.stage for wave in plan.waves() for step in wave]
    assert stages == sorted(stages)
    assert {Stage.GUEST, Stage.DOMAIN, Stage.SWITCH, Stage.FILE} <= set(stages)
    names = [step.id.partition(":")[0] for wave in plan.waves() for step in wave]
    assert names[:2] == ["domain.stop", "domain.undefine"]
    links = [step.id.rpartition(":")[2][:3] for wave in plan.waves() for step in wave]
    assert [name for name in links if name in {"tap", "qvo", "qbr"}] == ["tap", "qvo", "qbr"]
