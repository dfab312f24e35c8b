"""Two looks make a proof; one can only suspect."""

from dataclasses import replace
from uuid import UUID

from tests.unit.judge.test_gaps import TEXT

from stackfsck.checks import parse
from stackfsck.judge.conclude import ONCE, once, twice
from stackfsck.judge.look import Sighting
from stackfsck.model.finding import Certainty, Finding, Held, HeldWhy, Unjudged

CHECK = parse(TEXT, "tst001.sql")
ONE = Finding(check=CHECK, subject="one", vm=UUID(int=1), host="host-a")
TWO = replace(ONE, subject="two")


def seen(*findings: Finding, held: tuple[Held, ...] = ()) -> Sighting:
    return Sighting(suspects=findings, held=held, unjudged=())


def test_what_is_seen_twice_and_whole_is_proved() -> None:
    (finding,) = twice(seen(ONE), seen(ONE)).findings
    assert finding.certainty is Certainty.PROVED


def test_what_is_seen_once_is_suspected() -> None:
    (finding,) = once(seen(ONE)).findings
    assert finding.certainty is Certainty.SUSPECTED
    assert finding.gaps == (ONCE,)


def test_a_gap_in_either_look_keeps_it_suspected() -> None:
    for first, second in ((("gap",), ()), ((), ("gap",))):
        both = twice(seen(replace(ONE, gaps=first)), seen(replace(ONE, gaps=second)))
        assert both.findings[0].certainty is Certainty.SUSPECTED
        assert both.findings[0].gaps == ("gap",)


def test_what_is_gone_is_held_and_what_is_new_waits() -> None:
    judgement = twice(seen(ONE), seen(TWO))
    assert judgement.findings == ()
    assert [(h.subject, h.why) for h in judgement.held] == [("one", HeldWhy.GONE)]


def test_the_same_record_on_another_host_is_another_finding() -> None:
    judgement = twice(seen(ONE), seen(replace(ONE, host="host-b")))
    assert judgement.findings == ()


def test_what_came_into_transit_between_the_looks_says_so() -> None:
    moving = Held(code="TST001", subject="one", vm=ONE.vm, why=HeldWhy.IN_TRANSIT, detail="moves")
    assert twice(seen(ONE), seen(held=(moving,))).held == (moving,)


def test_the_second_look_counts_only_for_what_it_looked_for() -> None:
    first = Sighting(suspects=(ONE,), held=(), unjudged=())
    missed = (Unjudged(code="TST001", missing=("a",)), Unjudged(code="TST002", missing=("b",)))
    second = Sighting(suspects=(ONE,), held=(), unjudged=missed)
    assert twice(first, second).unjudged == missed[:1]
