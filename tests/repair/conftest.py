"""A broken cloud in a folder for every test of repairing."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.repair.bench import Broken

from stackfsck.demo.build import build
from stackfsck.demo.faults import inject
from stackfsck.demo.folder import Folder


@pytest.fixture(scope="session")
def whole_cloud(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A healthy cloud, built once; tests work on copies."""
    path = tmp_path_factory.mktemp("whole") / "cloud"
    build(path, vms=60)
    return path


@pytest.fixture
def broken(whole_cloud: Path, tmp_path: Path) -> Callable[..., Broken]:
    """Copy the cloud and break it by these codes."""

    def make(*codes: str) -> Broken:
        shutil.copytree(whole_cloud, tmp_path / "cloud")
        folder = Folder(tmp_path / "cloud")
        for code in codes:
            inject(folder, code)
        return Broken(tmp_path)

    return make
