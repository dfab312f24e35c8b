"""Not being told to read Ceph is a gap only where there is a Ceph."""

from pathlib import Path

import pytest

from stackfsck.catalogue import TABLES
from stackfsck.collect.cloud import _cover_unread_pools
from stackfsck.model.coverage import Outcome
from stackfsck.store.snapshot import Snapshot

VM = "11111111-1111-1111-1111-111111111111"


@pytest.mark.parametrize(("protocol", "outcome"), [("rbd", Outcome.FAILED), (None, Outcome.NONE)])
def test_a_cloud_shows_by_its_disks_whether_it_has_ceph(
    tmp_path: Path, protocol: str | None, outcome: Outcome
) -> None:
    with Snapshot.create(tmp_path / "cloud.duckdb") as snapshot:
        disk = {"domain": VM, "target": "vda", "protocol": protocol}
        snapshot.add_rows(TABLES["libvirt.disks"], "host-a", [disk])
        _cover_unread_pools(snapshot, ["ceph.images", "ceph.pools", "libvirt.disks"])
        found = {r.source: r.outcome for r in snapshot.coverage()}
    assert found == {"ceph.images": outcome, "ceph.pools": outcome}
