"""A run belongs to one cloud: nothing is applied, resumed or taken back in another."""

import sqlite3
from collections.abc import Callable

import pytest
from tests.repair.bench import Broken

from stackfsck.model.errors import PlanStale
from stackfsck.pipeline.repair import Wish


def test_neither_apply_nor_undo_reaches_another_cloud(broken: Callable[..., Broken]) -> None:
    cloud = broken("API005")
    run = cloud.begin(cloud.plan(Wish(codes=frozenset({"API005"}))))
    assert cloud.apply(run).is_whole
    with sqlite3.connect(cloud.base / "cloud" / "databases" / "nova_api.db") as database:
        database.execute("update cell_mappings set uuid = 'another' where name = 'cell1'")
    after = cloud.dump()
    with pytest.raises(PlanStale, match="another cloud"):
        cloud.undo(run)
    with pytest.raises(PlanStale, match="another cloud"):
        cloud.apply(run)
    assert cloud.dump() == after
