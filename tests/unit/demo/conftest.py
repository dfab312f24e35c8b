"""A healthy cloud to copy: building one for every test would take longer."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from stackfsck.demo.build import build
from stackfsck.demo.folder import Folder

VMS = 100


@pytest.fixture(scope="session")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    return build(tmp_path_factory.mktemp("demo") / "cloud", vms=VMS)


@pytest.fixture
def cloud(healthy: Folder, tmp_path: Path) -> Folder:
    return Folder(Path(shutil.copytree(healthy.root, tmp_path / "cloud")))


@pytest.fixture
def dump() -> Callable[[Folder, str], list[str]]:
    def rows(folder: Folder, database: str) -> list[str]:
        with folder.open(database) as connection:
            return list(connection.iterdump())

    return rows
