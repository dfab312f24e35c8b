"""A compute host that nova knows and that nobody reads is a gap, not an empty host."""

from pathlib import Path

import pytest

from stackfsck.clients.settings import load
from stackfsck.collect.cloud import Cloud, collect
from stackfsck.collect.databases import Wanted
from stackfsck.demo.build import build
from stackfsck.model.coverage import Outcome
from stackfsck.model.watch import Silent
from stackfsck.pipeline import cloud_of
from stackfsck.store.snapshot import Snapshot


@pytest.mark.parametrize(("kind", "outcome"), [("QEMU", Outcome.FAILED), ("ironic", Outcome.NONE)])
def test_a_host_that_is_not_in_the_settings(tmp_path: Path, kind: str, outcome: Outcome) -> None:
    folder = build(tmp_path / "cloud", vms=20)
    folder.host("compute-03").unlink()
    with folder.open("nova_cell1") as database:
        database.execute(
            "update compute_nodes set hypervisor_type = ? where host = 'compute-03'", (kind,)
        )
    cloud: Cloud = cloud_of(load(folder.settings))
    wanted = frozenset({"nova.services", "nova.compute_nodes", "host.facts", "libvirt.domains"})
    with Snapshot.create(tmp_path / "snapshot.duckdb") as snapshot:
        collect(cloud, snapshot, Silent(), Wanted(wanted))
        found = {r.scope: r.outcome for r in snapshot.coverage() if r.source == "libvirt.domains"}
    assert found["compute-03"] is outcome
    assert found["compute-04"] is Outcome.COMPLETE
