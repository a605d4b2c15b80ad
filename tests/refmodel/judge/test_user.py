"""The user's own properties over calls, `always` and `reachable`, and `no_dead_rule`."""

from collections.abc import Callable

import pytest

from smcproof.refmodel.registers import Choose
from tests.refmodel.judge.court import Hear

BODY = """
    use psci 1.1, optee;
    domain vm { id = 1; }
    domain peer { id = 2; }
    callee firmware { fast 0..4; }
    callee tee { fast 48..63; yields when wr0 == 9; rejected when wr0 != 0 and not yields; }
    state n : 0..3 = 0;
    layer early {
        rule cut : fid == 1 => return -1;
        rule let : fid == 2 => pass;
        otherwise => pass;
    }
    handler h { on psci.CPU_OFF => return 0 reaches tee with { x0 = 0xb2000000; x7 = 1; }
                    reaches firmware with { x0 = 0x84000000; };
                otherwise => return { x0 = any in { 0, 1 }; }; }
    handler open;
    rule ask : optee.EXCHANGE_CAPABILITIES
               => forward { x7 = caller.id; } then if not rejected { n := 1; };
    rule power : psci.* => handle h;
    rule count : fid == 3 => return 0 then n := n + 1;
    rule wild : fid == 4 => return { x0 = any; };
    rule pair : fid == 5
                => forward { x0 = 0xb2000000; x1 = any in { 0, 1 }; } returning { x1 = sent.x1; };
    rule also : fid == 6 => handle open;
    otherwise => return -1;
"""
CAPS, OFF, ON = 0xB200_0009, 0x8400_0002, 0x8400_0003


@pytest.mark.parametrize(
    ("statement", "fid", "caller", "holds"),
    [
        ("reaches(tee) implies sent.x7 == caller.id", CAPS, 1, True),
        ("reaches(tee) implies sent.x7 == caller.id", OFF, 0, True),
        ("reaches(tee) implies sent.x7 == caller.id", OFF, 1, False),  # the handler's SMC
        ("not reaches(firmware)", OFF, 0, False),  # its second SMC
        ("not reaches(tee)", CAPS, 0, False),
        ("not reaches(firmware)", CAPS, 0, True),
        ("refused", 1, 0, True),
        ("unknown and refused and completed and not succeeds and not may_succeed", 1, 0, True),
        ("succeeds", 3, 0, True),
        ("may_succeed", 6, 0, True),
        ("not succeeds and not refused", 6, 0, True),
        ("decided_by(early)", 1, 0, True),
        ("decided_by(cut)", 1, 0, True),
        ("decided_by(cut)", 3, 0, False),
        ("not decided_by(let)", 2, 0, True),  # it passed the call on
        ("decided_by(otherwise)", 2, 0, True),
        ("handled_by(h)", ON, 0, True),
        ("handled_by(h)", 6, 0, False),
        ("outcome == handle", ON, 0, True),
        ("outcome == return", ON, 0, False),
        ("outcome == forward implies reaches(tee)", CAPS, 0, True),
        ("n' == 1", 3, 0, True),
        ("n' == n", 3, 0, False),
        ("res.pc == 4", 3, 0, True),
        ("res.x0 == 0", 3, 0, True),
        ("res.x1 == in.x1", 3, 0, True),
        ("sent.x7 == 0", 3, 0, True),  # where nothing left it reads 0
        ("r0 == 0", 3, 0, True),
        ("r0 == 9", CAPS, 0, True),
        ("yields and not rejected", CAPS, 0, True),
        ("caller == peer", CAPS, 0, False),
        ("caller == peer", CAPS, 1, True),
        ("res.x0 <= 1", ON, 0, True),  # every value of a loose register
        ("res.x0 == 0", ON, 0, False),
    ],
)
def test_always(hear: Hear, statement: str, fid: int, caller: int, holds: bool) -> None:
    court = hear(BODY, f"mine : always {statement}")
    call = court.call(fid, caller=caller)
    assert court.premise(call)
    found = court.judged(call, answer=(9,))
    assert (found is None) == holds, found
    assert found is None or not found.undecided


LOOSE = """
    domain vm { id = 1; }
    callee tee { fast 48..63; yields when sent.x1 == 1; rejected when wr0 == 1 and not yields; }
    callee firmware { fast 0..4; }
    rule a : fid == 1 => forward { x0 = 0xb2000000; x1 = any in { 0, 1 }; x2 = 7; };
    rule b : fid == 2 => return { x0 = any in { 0, 1 }; x1 = 7; };
    rule c : fid == 3 => forward { x0 = 0xb2000000; } returning { x5 = any in { 0, 1 }; };
    rule d : fid == 4 => forward { x0 = 0x84000000; x1 = any; };
    rule e : fid == 6 => forward { x0 = 0x85000000; };
    otherwise => return -1;
"""


@pytest.mark.parametrize(
    ("statement", "fid", "holds"),
    [
        ("not yields", 1, False),  # what the callee declares reads a loose register
        ("not rejected", 1, False),
        ("yields or rejected", 1, True),
        ("yields", 1, False),
        ("not yields and not rejected", 4, True),  # another callee declares nothing
        ("not yields and not rejected", 5, True),  # nor does nobody
        ("not yields and not rejected", 6, True),
        ("reaches(unclaimed) and not reaches(tee)", 6, True),
        ("sent.x1 <= 1 and sent.x2 == 7", 1, True),
        ("res.x0 <= 1 and res.x1 == 7", 2, True),
        ("res.x5 <= 1 and sent.x5 == in.x5 and sent.x6 == 6", 3, True),
        ("res.x5 == 0", 3, False),
    ],
)
def test_always_tries_the_free_registers_that_it_reads(
    hear: Hear, statement: str, fid: int, holds: bool
) -> None:
    court = hear(LOOSE, f"mine : always {statement}")
    found = court.judged(court.call(fid, 1, 2, 3, 4, 5, 6), answer=(1,))
    assert (found is None) == holds
    assert found is None or not found.undecided


def test_always_names_the_smc(hear: Hear) -> None:
    court = hear(BODY, "mine : always not reaches(firmware)")
    found = court.judged(court.call(OFF))
    assert found is not None
    assert found.send == 1


def test_always_over_a_register_that_may_hold_anything(
    hear: Hear, pick: Callable[[int], Choose]
) -> None:
    court = hear(BODY, "mine : always res.x0 != 7")
    found = court.judged(court.call(4))
    assert found is not None
    assert found.undecided
    assert court.judged(court.call(4), choose=pick(8)) is None
    found = court.judged(court.call(4), choose=pick(7))
    assert found is not None
    assert not found.undecided


def test_what_is_computed_from_a_chosen_value_is_judged_in_that_run(
    hear: Hear, pick: Callable[[int], Choose]
) -> None:
    court = hear(BODY, "mine : always res.x1 == sent.x1")
    for value in (0, 1):
        assert court.judged(court.call(5), choose=pick(value)) is None


def test_reachable(hear: Hear, pick: Callable[[int], Choose]) -> None:
    court = hear(BODY, "mine : reachable reaches(firmware) and sent.x0 == 0x84000000")
    assert court.goals == ("mine",)
    assert court.premise(court.call(1))
    assert court.witnessed(court.call(OFF)) == {"mine"}
    assert court.witnessed(court.call(ON)) == frozenset()
    court = hear(BODY, "mine : reachable res.x0 == 1 and not refused")
    assert court.witnessed(court.call(ON)) == {"mine"}
    assert court.witnessed(court.call(ON), choose=pick(0)) == frozenset()
    assert court.witnessed(court.call(4)) == frozenset()  # no run was chosen
    assert court.witnessed(court.call(4), choose=pick(1)) == {"mine"}


def test_no_dead_rule(hear: Hear) -> None:
    court = hear(BODY, "no_dead_rule")
    assert court.goals == (
        "cut", "let", "ask", "power", "count", "wild", "pair", "also",
    )  # fmt: skip
    assert court.witnessed(court.call(1)) == {"cut"}
    assert court.witnessed(court.call(2)) == {"let"}
    assert court.witnessed(court.call(ON)) == {"power"}
    assert court.witnessed(court.call(99)) == frozenset()


def test_on_the_tiny_machine(tiny: Hear) -> None:
    body = (
        "domain a { id = 1; }\nrule on : tsvc.ON => return { x0 = any in { 0, 0x7f }; };\n"
        "rule late : fid == 0x20 => return 0;\notherwise => return -1;"
    )
    court = tiny(body, "mine : always res.x0 == 0 or refused")
    assert court.judged(court.call(0x20)) is not None
    assert court.judged(court.call(0x21)) is None
    court = tiny(body, "mine : reachable res.x0 == 0x7f")
    assert court.witnessed(court.call(0x20)) == {"mine"}
    court = tiny(body, "no_dead_rule")
    seen = frozenset[str]()
    for x0 in range(128):
        seen |= court.witnessed(court.call(x0))
    assert seen == {"on"}
    assert court.goals == ("on", "late")
