"""The report of a check says what counts, fits the terminal, and obeys nobody's escapes."""

import io
import re

import pytest
from rich.console import Console
from tests.unit.report.examples import (
    HOSTILE,
    LOST,
    WHOLE,
    check,
    finding,
    inquiry,
    much,
    vm,
)

from stackfsck.model.check import Severity
from stackfsck.model.coverage import Outcome, Reading
from stackfsck.model.dossier import Candidate
from stackfsck.model.finding import Certainty, Unjudged
from stackfsck.model.inquiry import Inquiry
from stackfsck.report.terminal import Setting, show

COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def told(answer: Inquiry, width: int = 100, *, terminal: bool = False, **setting: object) -> str:
    stream = io.StringIO()
    console = Console(
        file=stream,
        width=width,
        force_terminal=terminal,
        markup=False,
        emoji=False,
        highlight=False,
    )
    show(console, answer, Setting(**setting))  # type: ignore[arg-type]
    return stream.getvalue()


@pytest.mark.parametrize("width", [60, 76, 80, 100, 132, 200])
def test_it_fits_the_terminal(width: int) -> None:
    lines = told(much(), width, most_vms=0).splitlines()
    too_long = [line for line in lines if len(line) > width]
    # A command to be copied is never broken; the terminal wraps it.
    assert [line for line in too_long if not line.startswith("  stackfsck ")] == []


@pytest.mark.parametrize("width", [60, 80, 200])
def test_nothing_of_a_finding_is_cut_off(width: int) -> None:
    text = " ".join(told(inquiry(finding(7, subject="record-" + "x" * 70)), width).split())
    assert str(vm(7)) in text
    assert "x" * 20 in text
    assert "PLC001" in text


def test_hostile_words_reach_the_terminal_as_text_only() -> None:
    text = COLOURS.sub("", told(much(), terminal=True, most_vms=0))
    assert not {c for c in text if ord(c) < 32 or 127 <= ord(c) < 160} - {"\n"}
    assert "\u202e" not in text
    assert "\\x1b[2J" in text
    assert not any(line.startswith("fake:") for line in text.splitlines())


def test_the_worst_vm_comes_first_and_its_commands_are_exact() -> None:
    answer = much()
    text = told(answer, options=("--config", "/etc/my cloud.toml"))
    worst = f"stackfsck trace --config '/etc/my cloud.toml' {vm(0)}"
    assert worst in text
    assert "stackfsck explain LIB001" in text
    assert "stackfsck doctor --config '/etc/my cloud.toml'" in text
    assert text.index("LIB001") < text.index("CON001")


def test_people_know_vms_by_name() -> None:
    names = {vm(1): Candidate(vm=vm(1), how="", display_name=HOSTILE, where="cell1 on host-a")}
    text = told(inquiry(finding(1)), vms=names)
    assert "cell1 on host-a" in text
    assert "\x1b" not in text


def test_only_so_many_vms_and_the_rest_counted() -> None:
    text = told(inquiry(*(finding(n) for n in range(30))), most_vms=3)
    assert "and 27 more VMs; --limit 0 shows all of them" in text
    assert text.count("proved     leaks") == 3


def test_one_vm_with_very_many_findings_does_not_bury_the_others() -> None:
    text = told(inquiry(*(finding(1, subject=f"s{n}") for n in range(50))))
    assert "and 38 more findings" in text


def test_what_was_not_read_is_grouped_and_has_a_way_on() -> None:
    answer = inquiry(coverage=WHOLE + LOST, unjudged=(Unjudged(code="PLC001", missing=()),))
    text = told(answer)
    assert "nova cell2  failed: connection refused by 10.0.0.2" in text
    assert text.count("no route to host") == 1, "three tables of one host are one gap"
    assert "→ Is the server up, and its address right?" in text
    assert "→ Is the host up, and its address right?" in text
    assert "a clean answer of theirs is no proof" in text
    assert "Nothing was found in what could be read." in text


def test_a_clean_cloud_is_one_line() -> None:
    lines = [line for line in told(inquiry()).splitlines() if line.strip(" ─")]
    assert lines == ["Nothing was found. 1,212 rows, 1 cell, 1 host, 3.5 s."]


def test_suspicion_says_why() -> None:
    gap = "looked at only once"
    text = told(inquiry(finding(1, certainty=Certainty.SUSPECTED, gaps=(gap,))))
    assert "Why only suspected" in text
    assert f"1 × {gap}" in " ".join(text.split())
    assert "0 proved, 1 suspected" in text


def test_what_was_left_out_is_counted_with_its_reason() -> None:
    text = told(much())
    assert "1 in transit  (a resize)" in text
    assert "1 too young" in text


def test_the_overview_counts_every_check_once() -> None:
    overview = told(much()).split("Findings, worst first", maxsplit=1)[0]
    assert re.findall(r"[A-Z]{3}\d{3}", overview) == ["LIB001", "NOV001", "PLC001", "CON001"]


def test_records_without_a_vm_come_last_under_their_own_heading() -> None:
    text = told(inquiry(finding(1, without_vm=True, of=check("LIB001")), finding(2)))
    assert text.index(str(vm(2))) < text.index("Records that name no VM")


GAP = "nova.instances in cell2: failed (connection refused by 10.0.0.2)"


def test_mere_suspicions_do_not_bury_what_is_proved() -> None:
    doubts = [
        finding(n, check("LIB001", Severity.CORRUPTS), certainty=Certainty.SUSPECTED, gaps=(GAP,))
        for n in range(100)
    ]
    text = told(inquiry(*doubts, finding(500), coverage=WHOLE + LOST))
    assert text.index(str(vm(500))) < text.index(str(vm(0)))
    assert "and 97 more VMs with nothing but suspicions" in text
    assert "without it 100 findings cannot be proved" in text
    assert "Why only suspected" not in text, "the gap says it already"


def test_suspicions_of_a_single_look_are_shown_like_others() -> None:
    gap = "looked at only once"
    once = [finding(n, certainty=Certainty.SUSPECTED, gaps=(gap,)) for n in range(10)]
    assert "nothing but suspicions" not in told(inquiry(*once))


def test_very_many_unjudged_checks_are_counted_by_family() -> None:
    codes = [f"NOV{n:03}" for n in range(30)] + ["API001"]
    unjudged = tuple(Unjudged(code=code, missing=()) for code in codes)
    assert "NOV 30, API 1; --json names them" in told(
        inquiry(coverage=WHOLE + LOST, unjudged=unjudged)
    )


def test_everything_shows_the_evidence_and_the_gaps() -> None:
    of = finding(1, certainty=Certainty.SUSPECTED, gaps=(GAP,))
    of.evidence["watchers"] = f"3 {HOSTILE}"
    text = told(inquiry(of), 140, everything=True)
    assert "watchers 3 \\x1b[2J" in text
    assert f"? {GAP}" in text


def test_only_what_was_read_is_counted_as_read() -> None:
    assert "1,212 rows, 1 cell, 1 host" in told(inquiry(coverage=WHOLE + LOST))


@pytest.mark.parametrize(
    ("source", "reason", "way_on"),
    [
        ("nova.instances", "nova on db1: Access denied for user 'fsck'", "Correct the user"),
        ("nova.instances", "nova on db1: timed out", "Is the server up"),
        ("cinder.volumes", "the database of cinder is not configured", "under [databases]"),
        ("libvirt.domains", "the host is not in the configuration", "under [[hosts]]"),
        ("libvirt.domains", "the ssh host key of x is not known or has changed", "known_hosts"),
        ("host.facts", "x refused the login of fsck", "Let this account log in"),
        ("ceph.images", "no host is told to read pools", "under [ceph]"),
        ("neutron.ports", "something nobody foresaw", "stackfsck doctor"),
    ],
)
def test_every_gap_has_a_way_on(source: str, reason: str, way_on: str) -> None:
    lost = Reading(source=source, scope="x", outcome=Outcome.FAILED, reason=reason)
    assert way_on in " ".join(told(inquiry(coverage=(lost,))).split())
