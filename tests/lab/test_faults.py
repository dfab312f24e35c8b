"""Every fault at once: each is found and proved with its code, and nothing else is claimed."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from lab.faults import Fault, Wound, all_faults, wounded
from lab.labcloud import fsck
from lab.labcloud.places import HOME
from lab.labcloud.shell import nova_manage_code
from tests.lab.telling import age, foreign, found, told

# STACKFSCK_FAULTS="disk_pulled nic_pulled" makes these only
ONLY = os.environ.get("STACKFSCK_FAULTS", "").split()
TOGETHER = {
    name: one for name, one in all_faults().items() if not one.alone and (not ONLY or name in ONLY)
}
pytestmark = pytest.mark.timeout(3600)  # the first test makes all wounds
WORKERS = 4  # wounds made at once: more only make the services slower


@dataclass(kw_only=True)
class Look:
    """A check of the cloud that has every fault, and what is needed to mend it."""

    wounds: dict[str, Wound]
    failed: dict[str, str]
    answer: fsck.Answer
    open_wounds: list[ExitStack]

    def mend(self) -> None:
        """Mend every wound; a second time does nothing."""
        with ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(ExitStack.close, self.open_wounds))


@pytest.fixture(scope="module")
def look(config: Path) -> Iterator[Look]:
    """Make all wounds, wait until they are older than the grace time, check once."""
    wounds: dict[str, Wound] = {}
    failed: dict[str, str] = {}
    stacks = [ExitStack() for _ in TOGETHER]

    def wound(one: Fault, stack: ExitStack) -> None:
        # a fault that cannot be made fails its own test only
        try:
            wounds[one.name] = stack.enter_context(wounded(one))
        except Exception as error:  # noqa: BLE001
            failed[one.name] = repr(error)

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(wound, TOGETHER.values(), stacks))
    age(time.monotonic())
    seen = Look(wounds=wounds, failed=failed, answer=fsck.check(config), open_wounds=stacks)
    (HOME / "log/faults.json").write_text(json.dumps(seen.answer.report, indent=1))
    yield seen
    seen.mend()


def test_everything_was_read(look: Look) -> None:
    assert not look.answer.unread(), look.answer.unread()


@pytest.mark.parametrize("name", TOGETHER)
def test_fault_is_found_and_proved(name: str, look: Look) -> None:
    assert name not in look.failed, look.failed[name]
    wound = look.wounds[name]
    for code in TOGETHER[name].codes:
        finding = found(wound, code, look.answer.findings)
        assert finding, f"{code} {wound.expects[code]}; found was\n" + told(about(wound, look))
        assert finding["certainty"] == "proved", finding


def about(wound: Wound, look: Look) -> list[fsck.Json]:
    """The findings that show anything of a wound."""
    rest = foreign([wound], look.answer.findings)
    return [one for one in look.answer.findings if one not in rest]


def test_nothing_is_claimed_that_no_fault_touched(look: Look) -> None:
    strange = foreign(look.wounds.values(), look.answer.findings)
    assert not strange, told(strange)


def test_the_mended_cloud_is_clean(look: Look, config: Path) -> None:
    look.mend()
    age(time.monotonic())
    answer = fsck.check(config)
    assert not answer.findings, told(answer.findings)
    assert nova_manage_code("placement", "audit", "--verbose") == 0
