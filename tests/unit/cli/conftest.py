"""A demo cloud for the commands to look at, and a way to run them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from stackfsck.cli import run
from stackfsck.demo.build import build
from stackfsck.demo.faults import inject
from stackfsck.demo.folder import Folder


@dataclass(frozen=True)
class Answer:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str


Command = Callable[..., Answer]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run stackfsck with these words, in this process."""
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("STACKFSCK_CONFIG", raising=False)

    def answer(*words: object) -> Answer:
        code = run([str(word) for word in words])
        said = capsys.readouterr()
        return Answer(code, said.out, said.err)

    return answer


def _cloud(folder: Path, *codes: str) -> Folder:
    cloud = build(folder, vms=40)
    for code in codes:
        inject(cloud, code)
    return cloud


@pytest.fixture(scope="session")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """A cloud without a fault."""
    return _cloud(tmp_path_factory.mktemp("healthy"))


@pytest.fixture(scope="session")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """A cloud with a zombie, a ghost and an orphan."""
    return _cloud(tmp_path_factory.mktemp("broken"), "NOV001", "LIB001", "PLC001")
