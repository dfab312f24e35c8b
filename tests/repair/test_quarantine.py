"""What was put aside is listed until it is put back or purged."""

import subprocess
import sys
from collections.abc import Callable

import pytest
from tests.repair.bench import Broken

from stackfsck.model.errors import Refused, StepFailed
from stackfsck.pipeline import quarantine
from stackfsck.pipeline.repair import Wish
from stackfsck.plan.make import NO_WAY_BACK, Guards
from stackfsck.store.journal import Phase


def say(cloud: Broken, *words: str) -> subprocess.CompletedProcess[str]:
    """Say something on the command line."""
    where = ["--runs", str(cloud.base / "runs")]
    if words[0] != "list":
        where += ["--config", str(cloud.base / "cloud" / "stackfsck.toml")]
    command = [sys.executable, "-m", "stackfsck.cli", "quarantine", *words, *where]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


WISH = Wish(
    codes=frozenset({"LIB010", "CEP001"}),
    guards=Guards(most_share=1.0, consents=frozenset({NO_WAY_BACK, "volumes"})),
)


def test_what_was_put_aside_is_listed_and_put_back(broken: Callable[..., Broken]) -> None:
    cloud = broken("LIB010", "CEP001")
    before = cloud.dump()
    assert cloud.apply(cloud.begin(cloud.plan(WISH))).is_whole
    root = cloud.base / "runs"
    kept = {one.step.store: one for one in quarantine.kept(root)}
    assert kept.keys() == {"host", "ceph"}
    assert kept["host"].what.startswith("/var/lib/nova/instances/")
    with pytest.raises(Refused, match="Ceph's to empty"):
        quarantine.purge(kept["ceph"], cloud.settings)
    with pytest.raises(StepFailed, match="a played host cannot do that"):
        quarantine.purge(kept["host"], cloud.settings)
    assert quarantine.restore(kept["ceph"], cloud.settings) is Phase.UNDONE
    path = kept["host"].what
    assert path in say(cloud, "list").stdout
    assert "it would be 1 things, not 2" in say(cloud, "purge", path, "--yes", "2").stderr
    assert "nothing like that" in say(cloud, "purge", "--older-than", "30d").stderr
    assert f"undone    {path}" in say(cloud, "restore", path).stdout
    assert say(cloud, "list").stdout == ""
    assert list(quarantine.kept(root)) == []
    assert cloud.dump() == before
