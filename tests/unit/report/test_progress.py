"""Progress: bars on a terminal, few lines elsewhere, and what failed is told once."""

import io

import pytest
from rich.console import Console

from stackfsck.model.coverage import Outcome, Reading
from stackfsck.report.progress import Bars, Lines, Silence

FAILED = Reading(
    source="nova.instances", scope="cell\x1b[2J2", outcome=Outcome.FAILED, reason="[red]refused[/]"
)
READ = Reading(source="nova.instances", scope="cell1", outcome=Outcome.COMPLETE, rows=7)


def console(*, terminal: bool) -> tuple[Console, io.StringIO]:
    stream = io.StringIO()
    return Console(file=stream, width=90, force_terminal=terminal), stream


def work(watch: Bars | Lines | Silence) -> None:
    for what, reading in (("nova cell1", READ), ("nova cell2", FAILED), ("nova cell2", FAILED)):
        watch.begin(what)
        watch.step(what, 7)
        watch.end(what, reading)
    watch.begin("looking [again]", 10)
    watch.step("looking [again]")
    watch.end("looking [again]")
    watch.step("what nobody began")
    watch.end("what nobody began")


def test_without_a_terminal_only_what_failed_is_told_and_once() -> None:
    out, stream = console(terminal=False)
    with Lines(out, verbose=False) as lines:
        work(lines)
    assert stream.getvalue() == (
        "not read to its end: nova.instances in cell\\x1b[2J2: failed ([red]refused[/])\n"
    )


def test_verbose_lines_tell_every_source() -> None:
    out, stream = console(terminal=False)
    with Lines(out, verbose=True) as lines:
        work(lines)
    told = stream.getvalue().splitlines()
    assert told[:2] == ["reading nova cell1", "read nova cell1: 7 rows"]
    assert "reading looking [again] (10)" in told


def test_bars_count_sources_and_rows_and_obey_no_escapes() -> None:
    out, stream = console(terminal=True)
    with Bars(out) as bars:
        work(bars)
        rendered = bars._progress.tasks[0]
        assert rendered.description == "4 sources, 1 not read to the end"
        assert rendered.fields["rows"] == "22 rows"
    assert "\x1b[2J" not in stream.getvalue()
    assert stream.getvalue().count("not read to its end") == 1


def test_of_very_many_only_a_few_have_a_bar_at_a_time() -> None:
    out, _ = console(terminal=True)
    with Bars(out) as bars:
        for number in range(50):
            bars.begin(f"host-{number}")
        shown = [t.description for t in bars._progress.tasks[1:] if t.visible]
        assert shown == [f"host-{number}" for number in range(6)]
        bars.end("host-0")
        shown = [t.description for t in bars._progress.tasks[1:] if t.visible]
        assert shown == [f"host-{number}" for number in range(1, 7)]


def test_silence_is_silent(capfd: pytest.CaptureFixture[str]) -> None:
    with Silence() as silence:
        work(silence)
    assert capfd.readouterr() == ("", "")
