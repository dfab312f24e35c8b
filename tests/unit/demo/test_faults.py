"""Every inconsistency that has a check can be put into the embedded cloud, and is found."""

from collections import Counter
from pathlib import Path

import pytest
from tests.unit.demo.looking import look

from stackfsck.checks import builtin
from stackfsck.clients.memcached import Memcached, RecordedMemcached, cache_of
from stackfsck.demo.faults import FAULTS, break_cloud, inject
from stackfsck.demo.folder import Folder
from stackfsck.judge.conclude import ONCE
from stackfsck.model.errors import NotFound, Unreadable

CODES = sorted(FAULTS)
TOGETHER = 12
GROUPS = [CODES[start::TOGETHER] for start in range(TOGETHER)]
"""Faults that are put into one cloud and told apart by what is found: each must add its own
findings and nothing else. Neighbours in a family are kept apart."""


def test_every_check_has_a_fault() -> None:
    assert sorted(check.code for check in builtin()) == CODES


@pytest.mark.parametrize("codes", GROUPS, ids=lambda codes: "-".join((codes[0], codes[-1])))
def test_each_fault_is_found_and_nothing_else(
    codes: list[str], cloud: Folder, tmp_path: Path
) -> None:
    faults = break_cloud(cloud, codes)
    expected = Counter(code for fault in faults for code in {fault.code, *fault.also})
    inquiry = look(cloud, tmp_path / "broken.duckdb")
    told = [(f.code, f.subject, f.title) for f in inquiry.findings]
    assert Counter(f.code for f in inquiry.findings) == expected, told
    for finding in inquiry.findings:
        assert finding.gaps == (ONCE,), "nothing but the second look is missing for a proof"


@pytest.mark.parametrize("code", CODES)
def test_each_fault_tells_its_incident_in_a_sentence(code: str) -> None:
    tells = FAULTS[code].tells
    assert tells.endswith(".")
    assert len(tells) < 100


def test_the_same_fault_twice_breaks_two_things(cloud: Folder, tmp_path: Path) -> None:
    inject(cloud, "plc004")
    inject(cloud, "PLC004")
    found = look(cloud, tmp_path / "broken.duckdb").findings
    assert [f.code for f in found] == ["PLC004", "PLC004"]
    assert found[0].subject != found[1].subject


def test_a_code_without_a_fault_is_refused(cloud: Folder) -> None:
    with pytest.raises(NotFound, match="XYZ999"):
        inject(cloud, "XYZ999")


def test_what_is_used_up_is_said(cloud: Folder) -> None:
    inject(cloud, "NOV010")
    inject(cloud, "NOV010")
    with pytest.raises(NotFound, match="no VM that is error left to break"):
        inject(cloud, "NOV010")


def test_a_folder_without_a_cloud_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no demo cloud"):
        inject(Folder(tmp_path), "PLC001")


def test_a_file_plays_memcached(cloud: Folder) -> None:
    inject(cloud, "CON003")
    cache = cache_of(f"sim:{cloud.memcached}")
    assert isinstance(cache, RecordedMemcached)
    assert cache.server == "memcached"
    assert [token.expires for token in cache.tokens()] == [None]
    assert cache_of("db1:11211") == Memcached("db1:11211")
    cloud.memcached.write_text("{}\n")
    with pytest.raises(Unreadable, match=r"memcached\.jsonl"):
        cache.tokens()
