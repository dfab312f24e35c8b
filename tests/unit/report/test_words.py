"""Nothing that a tenant wrote may touch the terminal, and numbers read well."""

import io
import unicodedata
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from stackfsck.report.words import age, command, count, listed, number_of_bytes, plain, shown, span

NOW = datetime(2026, 1, 2, 12, 0, 0)  # noqa: DTZ001 -- services write UTC without a zone


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("web-17", "web-17"),
        ("Grüße, 世界", "Grüße, 世界"),
        ("\x1b[2Jgone", "\\x1b[2Jgone"),
        ("\x9b31m", "\\x9b31m"),
        ("a\nb\r\tc", "a\\nb\\r\\tc"),
        ("user\u202egpj.exe", "user\\u202egpj.exe"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("line\u2028par\u2029", "line\\u2028par\\u2029"),
        ("lone \ud800 surrogate", "lone \\ud800 surrogate"),
        ("tag \U000e0041", "tag \\U000e0041"),
        ("no\u00a0break", "no break"),
        ("e" + "\u0301" * 40, "e" + "\u0301" * 2),
    ],
)
def test_unsafe_characters_are_written_not_obeyed(text: str, told: str) -> None:
    assert plain(text) == told


@given(st.text())
def test_whatever_is_given_the_answer_is_one_harmless_line(text: str) -> None:
    told = plain(text)
    assert not {unicodedata.category(c) for c in told} & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert plain(told) == told
    told.encode()


@given(st.text(), st.integers(min_value=1, max_value=40))
def test_a_limit_is_kept(text: str, limit: int) -> None:
    assert len(plain(text, limit=limit)) <= limit


def test_markup_is_text() -> None:
    stream = io.StringIO()
    console = Console(file=stream, width=80, force_terminal=True)
    console.print(shown("[bold red]not red[/] [link=http://x]y[/link] :boom:"))
    assert "[bold red]not red[/] [link=http://x]y[/link] :boom:" in stream.getvalue()


def test_a_command_is_quoted_for_the_shell() -> None:
    assert command("stackfsck", "trace", "a b; rm -rf /") == "stackfsck trace 'a b; rm -rf /'"


@pytest.mark.parametrize(
    ("many", "told"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (12345, "12,345 rows")]
)
def test_counting(many: int, told: str) -> None:
    assert count(many, "row") == told


def test_irregular_plurals_are_given() -> None:
    assert count(2, "directory", "directories") == "2 directories"


def test_long_lists_are_counted() -> None:
    assert listed(["a", "b"], most=3) == "a, b"
    assert listed(["a", "b", "c", "d"], most=2) == "a, b and 2 more"


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0.4, "0.4 seconds"),
        (90, "90 seconds"),
        (180, "3 minutes"),
        (3600, "1 hour"),
        (3 * 86400 + 5, "3 days"),
    ],
)
def test_spans(seconds: float, told: str) -> None:
    assert span(timedelta(seconds=seconds)) == told


def test_ages_look_both_ways() -> None:
    assert age(NOW - timedelta(hours=2), NOW) == "2 hours ago"
    assert age(NOW + timedelta(hours=2), NOW) == "in 2 hours"


def test_bytes() -> None:
    assert number_of_bytes(512) == "512 B"
    assert number_of_bytes(3 * 1024 * 1024 // 2) == "1.5 MiB"
    assert number_of_bytes(1024**5) == "1024.0 TiB"
