"""Faults that stop services: one after the other, each with its own check."""

from __future__ import annotations

from pathlib import Path

import pytest
from lab.faults import all_faults, wounded
from lab.labcloud import fsck
from tests.lab.telling import SHORT, foreign, found, settle, told

ALONE = {name: one for name, one in all_faults().items() if one.alone}


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", ALONE)
def test_fault_is_found_and_proved(name: str, config: Path) -> None:
    with wounded(ALONE[name]) as wound:
        settle()
        answer = fsck.check(config, *SHORT)
        for code in ALONE[name].codes:
            finding = found(wound, code, answer.findings)
            assert finding, f"{code} {wound.expects[code]}; found was\n" + told(answer.findings)
            assert finding["certainty"] == "proved", finding
        strange = foreign([wound], answer.findings)
        assert not strange, told(strange)
