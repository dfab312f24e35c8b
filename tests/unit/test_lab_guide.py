"""The guide of the lab lists every fault, and every fault names checks that exist."""

from __future__ import annotations

from pathlib import Path

import pytest
from lab.faults import all_faults
from lab.faults.__main__ import table

ROOT = Path(__file__).parents[2]
CODES = {path.name[:6].upper() for path in (ROOT / "src/stackfsck/checks").glob("*.sql")}
# What the lab cannot show: there is no iSCSI in it; its nova has no quota tables any more, and
# every nova-compute of it removes the expired console tokens of its whole cell within a minute.
NOT_IN_THE_LAB = {code for code in CODES if code.startswith(("ISC", "NVQ"))} | {"CON002"}


def test_the_guide_has_the_table_of_all_faults() -> None:
    guide = (ROOT / "docs/guide/lab.md").read_text()
    assert table(all_faults()) in guide, "run `python -m lab.faults` and paste it into the guide"


@pytest.mark.parametrize("name", all_faults())
def test_a_fault_names_codes_that_exist(name: str) -> None:
    one = all_faults()[name]
    assert one.codes
    assert set(one.codes) <= CODES
    assert one.incident


def test_every_check_has_a_fault() -> None:
    covered = {code for one in all_faults().values() for code in one.codes}
    assert covered == CODES - NOT_IN_THE_LAB


@pytest.mark.parametrize("seed", ["001", "002", "003", "004"])
def test_every_procedure_has_a_fault_that_needs_it(seed: str) -> None:
    assert any(one.seed == seed for one in all_faults().values())
