"""What `check` says on a terminal: what is wrong, how sure that is, and what to type next."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.console import Group as Lines
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from stackfsck.model.coverage import Outcome
from stackfsck.model.finding import Certainty
from stackfsck.report import commands, paint
from stackfsck.report.groups import Group, by_check, by_gap, by_vm
from stackfsck.report.hints import Gap, gaps_of
from stackfsck.report.words import command, count, listed, number, plain, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from uuid import UUID

    from rich.console import Console, RenderableType

    from stackfsck.model.dossier import Candidate
    from stackfsck.model.finding import Finding
    from stackfsck.model.inquiry import Inquiry

FEW = 12  # findings up to which the overview would only say everything twice
MOST_OF_ONE_VM = 12
MOST_GAPS = 6
FEW_DOUBTS = 3  # VMs that are shown although all that is said of them rests on gaps
MOST_CODES = 24
NARROW = 76  # columns below which a title stands under its code


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """How a report is told: for whom, how much of it, and how commands begin that it recommends.

    `options` are repeated in every recommended command (``--from``, ``--config``). `vms` names
    the VMs as people know them. `most_vms` is how many are shown, 0 for all. With `everything`
    each finding shows its evidence, and what keeps it from being proved.
    """

    options: tuple[str, ...] = ()
    vms: Mapping[UUID, Candidate] = field(default_factory=dict)
    most_vms: int = 20
    everything: bool = False


def show(console: Console, inquiry: Inquiry, setting: Setting) -> None:
    """Print the report of a check."""
    groups = by_vm(inquiry.findings)
    for part in _parts(console, groups, inquiry, setting):
        console.print(part)
    commands.show(console, _commands(groups, inquiry, setting))
    console.print(Rule(style=paint.QUIET))
    console.print(summary(inquiry))


def _parts(
    console: Console, groups: tuple[Group, ...], inquiry: Inquiry, setting: Setting
) -> Iterator[RenderableType]:
    if len(inquiry.findings) > FEW:
        proved = any(f.certainty is Certainty.PROVED for f in inquiry.findings)
        yield _section("What is wrong" if proved else "What may be wrong")
        yield _overview(inquiry)
    if groups:
        yield _section("Findings, worst first")
        yield from _vms(console, groups, setting)
    yield from _doubts(inquiry)
    yield from _unread(inquiry)
    yield from _left_out(inquiry)
    yield from _notes(inquiry)


def _section(title: str) -> RenderableType:
    return Padding(Text(title, style=paint.HEADING), (1, 0, 0, 0))


def _overview(inquiry: Inquiry) -> RenderableType:
    """Count by check; the first screen of a cloud with much trouble."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_edge=False)
    table.add_column("code", no_wrap=True)
    table.add_column("harm", no_wrap=True)
    table.add_column("proved", justify="right")
    table.add_column("suspected", justify="right")
    table.add_column("what", ratio=1)
    for tally in by_check(inquiry.findings):
        severity = tally.check.severity
        table.add_row(
            Text(tally.check.code, style=paint.CODE),
            Text(severity.value, style=paint.SEVERITY[severity]),
            number(tally.proved) if tally.proved else "·",
            number(tally.suspected) if tally.suspected else "·",
            shown(tally.check.name.replace("-", " ")),
        )
    return _indented(table)


def _indented(part: RenderableType, by: int = 2) -> RenderableType:
    return Padding(part, (0, 0, 0, by))


def _vms(console: Console, groups: tuple[Group, ...], setting: Setting) -> Iterator[RenderableType]:
    """Draw the findings VM by VM; of VMs with mere doubts only a few, unless all are wanted."""
    sound = [group for group in groups if not group.doubtful]
    doubtful = [group for group in groups if group.doubtful]
    most = setting.most_vms or len(groups)
    few = len(doubtful) if not setting.most_vms else max(0, min(FEW_DOUBTS, most - len(sound)))
    shown_of_one = MOST_OF_ONE_VM if setting.most_vms else len(max(groups, key=_size).findings)
    for group in [*sound[:most], *doubtful[:few]]:
        yield Padding(_heading(group, setting), (1, 0, 0, 2))
        yield _indented(_findings(console, group.findings[:shown_of_one], setting), 4)
        more = len(group.findings) - shown_of_one
        if more > 0:
            yield _indented(Text(f"and {count(more, 'more finding')}", style=paint.QUIET), 4)
    yield from _hidden(len(sound) - most, "")
    yield from _hidden(len(doubtful) - few, " with nothing but suspicions, for what was not read")


def _size(group: Group) -> int:
    return len(group.findings)


def _hidden(many: int, kind: str) -> Iterator[RenderableType]:
    if many > 0:
        words = f"… and {count(many, 'more VM')}{kind}; --limit 0 shows all of them"
        yield Padding(Text(words, style=paint.QUIET), (1, 0, 0, 2))


def _heading(group: Group, setting: Setting) -> RenderableType:
    """Name a VM: as people know it, by its UUID, and where it is."""
    if group.vm is None:
        return Text("Records that name no VM", style=paint.HEADING)
    known = setting.vms.get(group.vm)
    name = known.display_name if known else ""
    where = known.where if known and known.where else ", ".join(group.places)
    line = Text()
    if name:
        line.append_text(shown(name, paint.HEADING, limit=40)).append("  ")
    line.append(str(group.vm), style="" if name else paint.HEADING)
    if where:
        line.append("  ").append_text(shown(where, paint.QUIET))
    return line


def _findings(console: Console, findings: tuple[Finding, ...], setting: Setting) -> RenderableType:
    """Draw the findings of one VM; on a narrow terminal each takes two lines."""
    if console.width < NARROW:
        return Lines(*(line for finding in findings for line in _two_lines(finding, setting)))
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, width=9)
    grid.add_column(no_wrap=True, width=8)
    grid.add_column(no_wrap=True, width=9)
    grid.add_column(ratio=1, overflow="fold")
    for finding in findings:
        grid.add_row(*_cells(finding, setting))
    return grid


def _cells(finding: Finding, setting: Setting) -> tuple[Text, Text, Text, Text]:
    severity, certainty = finding.check.severity, finding.certainty
    return (
        Text(certainty.value, style=paint.CERTAINTY[certainty]),
        Text(severity.value, style=paint.SEVERITY[severity]),
        Text(finding.code, style=paint.CODE),
        shown(_short(finding)).append_text(_evidence(finding) if setting.everything else Text()),
    )


def _short(finding: Finding) -> str:
    """Return the title with the VM's UUID, which stands above it, cut to its first part."""
    whole = str(finding.vm) if finding.vm else ""
    return finding.title.replace(whole, f"{whole[:8]}…") if whole else finding.title


def _evidence(finding: Finding) -> Text:
    """Return what the check saw beside what the title says, and what is missing for a proof."""
    text, title = Text(), finding.title
    for name, value in finding.evidence.items():
        if value and value not in title:
            text.append("  " if text.plain else "\n").append(f"{name} ", style=paint.QUIET)
            text.append_text(shown(value, limit=120))
    for gap in finding.gaps:
        text.append("\n? ", style=paint.WARNING).append_text(shown(gap, paint.QUIET))
    return text


def _two_lines(finding: Finding, setting: Setting) -> Iterator[RenderableType]:
    certainty, severity, code, title = _cells(finding, setting)
    yield Text("  ").join((code, severity, certainty))
    yield _indented(title)


def _doubts(inquiry: Inquiry) -> Iterator[RenderableType]:
    """Say what kept suspected findings from being proved, unless it is told as a gap below."""
    unread = {str(reading) for reading in inquiry.unread}
    suspected = [f for f in inquiry.findings if f.certainty is Certainty.SUSPECTED]
    reasons = [(gap, many) for gap, many in by_gap(suspected) if gap not in unread]
    if not reasons:
        return
    yield _section("Why only suspected")
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(justify="right", no_wrap=True)
    grid.add_column(ratio=1, overflow="fold")
    for gap, many in reasons[:MOST_GAPS]:
        grid.add_row(f"{number(many)} ×", shown(gap))
    yield _indented(grid)
    if len(reasons) > MOST_GAPS:
        more = f"and {count(len(reasons) - MOST_GAPS, 'more reason')}"
        yield _indented(Text(more, style=paint.QUIET))


def _unread(inquiry: Inquiry) -> Iterator[RenderableType]:
    """Say what could not be read, how to make it readable, and what that leaves unjudged."""
    gaps = gaps_of(inquiry.coverage)
    if gaps:
        yield _section("Not read to its end")
    for gap in gaps[: 2 * MOST_GAPS]:
        style = paint.OUTCOME[gap.outcome]
        line = Text().append_text(shown(gap.place, f"bold {style}"))
        line.append(f"  {gap.outcome.value}: ", style=style)
        yield _indented(line.append_text(shown(gap.reason, limit=300)))
        yield _indented(_cost(gap, inquiry), 6)
        yield _indented(Text("→ ").append_text(shown(gap.way_on)), 6)
    if len(gaps) > 2 * MOST_GAPS:
        more = count(len(gaps) - 2 * MOST_GAPS, "more place")
        yield _indented(Text(f"and {more}; --json lists them", style=paint.QUIET))
    if inquiry.unjudged:
        yield from _unjudged(inquiry)


def _cost(gap: Gap, inquiry: Inquiry) -> Text:
    """Say which tables a gap is in, and how many findings it keeps from being proved."""
    tables = count(len(gap.tables), "table")
    words = listed(gap.tables) if len(gap.tables) <= MOST_GAPS // 2 else tables
    kept = sum(not gap.readings.isdisjoint(finding.gaps) for finding in inquiry.findings)
    if kept:
        words += f"; without it {count(kept, 'finding')} cannot be proved"
    return Text(words, style=paint.QUIET)


def _unjudged(inquiry: Inquiry) -> Iterator[RenderableType]:
    codes = [unjudged.code for unjudged in inquiry.unjudged]
    many = "This check rests" if len(codes) == 1 else f"These {number(len(codes))} checks rest"
    words = f"{many} on what was not read, so a clean answer of theirs is no proof:"
    yield Padding(Text(words), (1, 0, 0, 2))
    yield _indented(Text(_families(codes), style=paint.QUIET), 4)


def _families(codes: list[str]) -> str:
    """Name checks by their codes, very many by family: `API 11, CIN 24`."""
    if len(codes) <= MOST_CODES:
        return listed(codes, joined=" ")
    families = Counter(code.rstrip("0123456789") for code in codes)
    return listed(f"{family} {many}" for family, many in families.items()) + "; --json names them"


def _left_out(inquiry: Inquiry) -> Iterator[RenderableType]:
    """Count what was held back, by reason."""
    if not inquiry.held:
        return
    yield _section("Left out on purpose")
    reasons = Counter(held.why for held in inquiry.held)
    details = Counter((held.why, held.detail) for held in inquiry.held if held.detail)
    for why, many in reasons.most_common():
        examples = [detail for (reason, detail), _ in details.most_common() if reason is why]
        line = Text(f"{number(many)} {why.value}")
        if examples:
            line.append(f"  ({listed(examples, most=2, joined='; ')})", style=paint.QUIET)
        yield _indented(line)


def _notes(inquiry: Inquiry) -> Iterator[RenderableType]:
    if inquiry.notes:
        yield _section("Met on the way")
    for note in inquiry.notes:
        yield _indented(shown(note))


def _commands(
    groups: tuple[Group, ...], inquiry: Inquiry, setting: Setting
) -> Iterator[tuple[str, str]]:
    worst = groups[0] if groups else None
    if worst and worst.vm:
        known = setting.vms.get(worst.vm)
        name = plain(known.display_name, limit=30) if known and known.display_name else "this VM"
        trace = command("stackfsck", "trace", *setting.options, worst.vm)
        yield trace, f"every trace of {name}, and what they come to"
    if worst:
        explain = command("stackfsck", "explain", worst.findings[0].code)
        yield explain, "what it means, and when it is wrong"
    if any(not reading.proves_absence for reading in inquiry.coverage):
        config = _only(setting.options, "--config")
        yield command("stackfsck", "doctor", *config), "what cannot be read, and what to do"


def _only(options: tuple[str, ...], wanted: str) -> tuple[str, ...]:
    """Return one option and its value from a list of options and values."""
    pairs = zip(options[::2], options[1::2], strict=False)
    return tuple(part for pair in pairs if pair[0] == wanted for part in pair)


def summary(inquiry: Inquiry) -> Text:
    """Return the last line: how many, how sure, on how much."""
    findings = inquiry.findings
    line = Text()
    if not findings:
        whole = all(reading.proves_absence for reading in inquiry.coverage)
        words = "Nothing was found." if whole else "Nothing was found in what could be read."
        line.append(words, style=paint.GOOD if whole else paint.WARNING)
    else:
        vms = len({f.vm for f in findings if f.vm})
        proved = sum(f.certainty is Certainty.PROVED for f in findings)
        line.append(count(len(findings), "finding"), style=paint.HEADING)
        line.append(f" on {count(vms, 'VM')}" if vms else "")
        line.append(f": {number(proved)} proved, {number(len(findings) - proved)} suspected.")
    return line.append_text(_read(inquiry))


def _read(inquiry: Inquiry) -> Text:
    """Say how much was read."""
    rows = sum(reading.rows for reading in inquiry.coverage)
    read = [r for r in inquiry.coverage if r.outcome in {Outcome.COMPLETE, Outcome.PARTIAL}]
    cells = {r.scope for r in read if r.source == "nova.instances"}
    hosts = {r.scope for r in read if r.source == "libvirt.domains"}
    parts = [count(rows, "row"), count(len(cells), "cell"), count(len(hosts), "host")]
    words = f" {listed(parts)}, {inquiry.took:.1f} s."
    return Text(words, style=paint.QUIET)
