"""`no_result_leak` and `no_argument_leak`: runs that differ only in what is leaked."""

from collections.abc import Callable

from smcproof.refmodel.judge import catalogue
from smcproof.refmodel.registers import Choose
from tests.refmodel.judge.court import Hear

BODY = """
    domain vm { id = 1; state = any; }
    callee firmware { fast 0..4; }
    handler mon;
    handler h { on fid == 4 => return { x0 = leaked; };
                on fid == 21 => return 0 reaches firmware with { x0 = 0x80000000; x1 = leaked; };
                otherwise => forward { x0 = 0x80000000; x4 = leaked; }
                             returning { x2 = sent.x4; }; }
    rule a : fid == 1 => return { x0 = 0; x1 = leaked; };
    rule b : fid == 2 => stop vcpu { x0 = leaked; };
    rule c : fid == 3 => resume at 0 with { x0 = leaked; };
    rule d : fid == 4 or fid == 5 or fid == 21 => handle h;
    rule e : fid == 6 => forward { x0 = 0x80000000; x4 = leaked; };
    rule f : fid == 7 => forward { x0 = 0x80000000; x4 = leaked; } returning { x2 = sent.x4; };
    rule g : fid == 8 => forward { x0 = 0x80000000; x4 = leaked; } returning { x2 = sent.x4 & 0; };
    rule i : fid == 9 => forward { x0 = 0x80000000; x4 = leaked; x5 = any; }
                         returning { x2 = sent.x5; };
    rule j : fid == 10 => return { x0 = any; };
    rule k : fid == 11 => deliver mon resuming at writing { x0 = leaked; };
    rule l : fid == 12 => forward { x0 = 0x80000000; x4 = leaked; }
                          returning { x2 = sent.x4[63:32]; };
    rule m : fid == 13 => handle mon;
    rule n : fid == 14 => forward { x0 = 0x80000000; x4 = leaked; } returning { x2 = any; };
    otherwise => return -1;
"""


def test_no_result_leak(hear: Hear) -> None:
    court = hear(BODY, "no_result_leak")
    for fid, bad in (
        (1, True),
        (2, False),  # it does not run again
        (3, True),
        (4, True),
        (6, False),  # leaks to the callee only
        (10, False),  # loose is the same in both runs
        (11, True),
        (13, False),  # a handler of which nothing is known leaks nothing
        (14, False),
        (21, False),
        (99, False),
    ):
        assert court.premise(court.call(fid))
        found = court.judged(court.call(fid))
        assert (found is not None) == bad, fid
        assert found is None or not found.undecided


def test_a_result_computed_from_what_leaked(hear: Hear, pick: Callable[[int], Choose]) -> None:
    court = hear(BODY, "no_result_leak")
    for fid in (5, 7, 8):
        found = court.judged(court.call(fid), choose=pick(1))
        assert found is not None, fid
        assert found.undecided, fid  # too many values to try
    assert court.judged(court.call(9), choose=pick(1)) is None
    for fid, bad in ((5, True), (7, True)):
        other = court.step(court.call(fid), choose=pick(2))
        trial = court.trial(court.call(fid), choose=pick(1), other=other)
        found = catalogue.judged(trial)
        assert found is not None, fid
        assert found.undecided != bad, fid
    loose = court.step(court.call(10), choose=pick(2))
    assert catalogue.judged(court.trial(court.call(10), choose=pick(1), other=loose)) is None
    same = court.step(court.call(8), choose=pick(2))
    found = catalogue.judged(court.trial(court.call(8), choose=pick(1), other=same))
    assert found is not None
    assert found.undecided


def test_an_aarch32_caller_sees_low_halves_only(hear: Hear, pick: Callable[[int], Choose]) -> None:
    court = hear(BODY, "no_result_leak")
    call, wide = court.call(7, aarch32=True), court.call(7)
    for asked, bad in ((call, False), (wide, True)):
        other = court.step(asked, choose=pick(1 << 32))
        found = catalogue.judged(court.trial(asked, choose=pick(0), other=other))
        assert found is not None
        assert found.undecided != bad


def test_no_argument_leak(hear: Hear) -> None:
    court = hear(BODY, "no_argument_leak")
    for fid, bad in ((1, False), (6, True), (10, False), (21, True), (99, False)):
        assert court.premise(court.call(fid))
        assert (court.judged(court.call(fid)) is not None) == bad, fid
    found = court.judged(court.call(21))
    assert found is not None
    assert found.send == 0


TINY = """
    domain a { id = 1; }
    callee fw { fast 0..1; }
    rule a : fid == 0x20 => forward { x1 = leaked; } returning { x1 = sent.x1; };
    rule b : fid == 0x30 => forward { x1 = leaked; } returning { x1 = sent.x1 & 0; };
    rule c : fid == 0x21 => forward { x1 = leaked; } returning { x1 = x1; };
    rule d : fid == 0x31 => forward { x1 = leaked; x2 = any; }
                            returning { x1 = sent.x1 & 0 | sent.x2; };
    rule e : fid == 0x23 => forward { x1 = leaked; } returning { x1 = sent.x1[0:0]; };
    otherwise => return -1;
"""


def test_on_the_tiny_machine_every_leak_is_tried(tiny: Hear, pick: Callable[[int], Choose]) -> None:
    court = tiny(TINY, "no_result_leak")
    answers = ((0x20, True), (0x30, False), (0x21, False), (0x31, False), (0x23, True))
    for fid, bad in (*answers, (0x28, False)):
        found = court.judged(court.call(fid), choose=pick(1))
        assert (found is not None) == bad, hex(fid)
        assert found is None or not found.undecided
    court = tiny(TINY, "no_argument_leak")
    assert court.judged(court.call(0x21)) is not None
    assert court.judged(court.call(0x28)) is None
