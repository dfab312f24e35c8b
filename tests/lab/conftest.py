"""The cloud tests share one lab: one run at a time, and nothing of an earlier run is left in it."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from pathlib import Path

import pytest
from lab.labcloud import fsck
from lab.labcloud.cloud import Cloud
from lab.labcloud.places import HOME, RUN
from lab.labcloud.shell import lab, run
from lab.labcloud.sweep import sweep, sweep_everything


@pytest.fixture(scope="session", autouse=True)
def whole_lab() -> Iterator[None]:
    """The lab runs, is ours alone, and is clean before and after."""
    if not (HOME / "openrc").exists():
        pytest.exit(f"no cloud in {HOME}: run `make lab-up` first", returncode=1)
    with (RUN / "tests.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pytest.exit("another run is testing on this lab", returncode=1)
        lab("up")
        sweep_everything(Cloud())
        yield
        sweep_everything(Cloud())
        run(str(HOME / "venv/bin/cinder-manage"), "quota", "sync", check=False)


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    """The lab's APIs; what a test makes through them is swept after it."""
    one = Cloud()
    yield one
    sweep(one, list(one.made))


@pytest.fixture(scope="session")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stackfsck.toml for the lab."""
    return fsck.settings(tmp_path_factory.mktemp("stackfsck"))
