"""A source is away: what needs it is not proved, and the report says what could not be judged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from lab.faults import FAULTS, all_faults, wounded
from lab.labcloud import fsck
from lab.labcloud.services import crash_host_2, start, stopped
from tests.lab.telling import SHORT, settle, told

all_faults()
UNREAD = 8  # the exit code's flag


@contextmanager
def host_2_without_power() -> Iterator[None]:
    """Host 2 is gone."""
    crash_host_2()
    try:
        yield
    finally:
        start()


# What is away → a fault that only looks like one as long as that is read to its end.
AWAY: dict[str, tuple[AbstractContextManager[Any], str, str]] = {
    "cell database": (stopped("mariadb-cell1"), "allocation_of_nobody", "PLC001"),
    "host 2": (host_2_without_power(), "domain_undefined", "NOV001"),
    "memcached": (stopped("memcached"), "memcached_token_of_dead_vm", "CON003"),
}


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("what", AWAY)
def test_what_needs_an_absent_source_is_not_proved(what: str, config: Path) -> None:
    away, name, code = AWAY[what]
    with wounded(FAULTS[name]):
        settle()
        with away:
            answer = fsck.check(config, *SHORT)
        claimed = [one for one in answer.proved if one["code"] == code]
        assert not claimed, told(claimed)
        assert answer.unread()
        assert answer.code & UNREAD


@pytest.mark.timeout(300)
def test_a_wrong_password_is_said_and_proves_nothing(config: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.toml"
    url = "mysql+pymysql://nova:wrong@127.0.0.1:3307/nova"
    wrong.write_text(config.read_text() + f'\n[databases.nova]\ncell1 = "{url}"\n')
    answer = fsck.check(wrong)
    assert not answer.proved, told(answer.proved)
    assert any("cell1" in str(one) for one in answer.unread())
    assert "wrong@" not in str(answer.report)
    assert answer.code & UNREAD
