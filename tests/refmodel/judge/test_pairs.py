"""Properties of pairs: `canonical_id`, `twin_consistency`, `conduit_parity`, `check_width`."""

import pytest

from smcproof.spec.call import Conduit
from tests.refmodel.judge.court import Court, Hear

HVC = Conduit.HVC
HEAD = "use psci 1.1;\ndomain vm { id = 1; state = any; }\ncallee firmware { fast 0..4; }\n"
VERSION = 0x8400_0000
UPPER, HINT = 1 << 32, 1 << 16


def bad(court: Court, *x: int, conduit: Conduit = Conduit.SMC, aarch32: bool = False) -> bool:
    return court.judged(court.call(*x, conduit=conduit, aarch32=aarch32)) is not None


# ---- canonical_id --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("identifier", "upper_differs", "hint_differs"),
    [("w0", False, False), ("canon", False, False), ("x0", True, False)],
)
def test_canonical_id_of_an_allow_list(
    hear: Hear, identifier: str, upper_differs: bool, hint_differs: bool
) -> None:
    court = hear(
        f"identifier {identifier};\n"
        + HEAD
        + "rule a : psci.VERSION => forward;\notherwise => return NOT_SUPPORTED;",
        "canonical_id",
    )
    assert court.premise(court.call(VERSION))
    assert not bad(court, VERSION)
    assert bad(court, UPPER | VERSION) == upper_differs
    assert bad(court, HINT | VERSION) == hint_differs
    assert bad(court, UPPER | HINT | VERSION) is False


@pytest.mark.parametrize(
    ("identifier", "upper_differs", "hint_differs"),
    [("w0", False, True), ("canon", False, False), ("x0", True, True)],
)
def test_canonical_id_of_a_deny_list(
    hear: Hear, identifier: str, upper_differs: bool, hint_differs: bool
) -> None:
    court = hear(
        f"identifier {identifier};\n"
        + HEAD
        + "rule a : psci.VERSION => return NOT_SUPPORTED;\notherwise => forward;",
        "canonical_id",
    )
    assert bad(court, UPPER | VERSION) == upper_differs
    assert bad(court, HINT | VERSION) == hint_differs
    assert not bad(court, UPPER | 0x8400_0001)
    assert not bad(court, HINT | 0x8400_0001)


def test_the_hint_may_change_a_refusal_but_the_upper_half_may_not(hear: Hear) -> None:
    court = hear(
        HEAD + f"rule a : x0 == {UPPER | 0x84000001} => return psci.DENIED;\n"
        f"rule b : w0 == {HINT | 0x84000001} => return psci.DENIED;\n"
        "rule c : w0 == 0x84000001 => return psci.DISABLED;\notherwise => return 0;",
        "canonical_id",
    )
    assert bad(court, UPPER | 0x8400_0001)
    assert not bad(court, HINT | 0x8400_0001)


@pytest.mark.parametrize(
    ("dirty", "clean", "differs"),
    [
        ("forward", "forward", False),  # x0 leaves with its upper half: canon is the same
        ("forward { x0 = w0; }", "forward", False),
        ("forward { x0 = 0x84000001; }", "forward", True),
        ("forward { x3 = 1; }", "forward", True),
        ("forward returning { x5 = 0; }", "forward", True),
        ("forward returning { x0 = wr0; }", "forward", True),
        ("return { x0 = any in { 1, 2 }; }", "return { x0 = any in 1..2; }", False),
        ("return { x0 = any in { 1, 3 }; }", "return { x0 = any in 1..2; }", True),
        ("return { x1 = leaked; }", "return { x1 = any; }", False),
        ("return 0 then n := 1", "return 0", True),
        ("return 0", "skip", True),
        ("undef", "undef elr after", True),
        ("undef vector 0x200", "undef", True),
        ("stop vcpu", "stop domain", True),
        ("deliver h resuming at", "deliver h resuming after", True),
        ("deliver h resuming at", "deliver g resuming at", True),
        ("handle h", "handle g", True),
        ("resume at 0x10 with {}", "resume at 0x20 with {}", True),
    ],
)
def test_same_answer_compares_everything(hear: Hear, dirty: str, clean: str, differs: bool) -> None:
    court = hear(
        HEAD + "state n : 0..3 = 0;\nhandler h;\nhandler g;\n"
        f"rule a : x0 == {UPPER | 0x84000000} => {dirty};\notherwise => {clean};",
        "canonical_id",
    )
    found = court.judged(court.call(UPPER | VERSION), answer=(1 << 40,))
    assert (found is not None) == differs, found
    assert found is None or found.expected != found.actual


def test_canonical_id_counts_the_smcs_of_a_handler(hear: Hear) -> None:
    court = hear(
        HEAD + f"handler h {{ on x0 == {UPPER | 0x84000000} => return 0 "
        "reaches firmware with { x0 = 0x84000000; x1 = 0; };\n"
        f"on x0 == {UPPER | 0x84000001} => return 0 reaches firmware with {{ x0 = 0x84000000; }}\n"
        "reaches firmware with { x0 = 0x84000001; };\non fid == 0x84000000 => return 0;\n"
        "on fid == 0x84000001 => return 0 reaches firmware with { x0 = 0x84000000; };\n"
        "otherwise => return 0; }\notherwise => handle h;",
        "canonical_id",
    )
    assert bad(court, UPPER | VERSION)
    assert bad(court, UPPER | 0x8400_0001)
    assert not bad(court, UPPER | 0x8400_0002)


def test_canonical_id_compares_an_aarch32_callers_results_in_the_low_half(hear: Hear) -> None:
    court = hear(
        HEAD + f"rule a : x0 == {UPPER | 0x84000000} => return {{ x0 = 0x1_0000_0000; }};\n"
        "otherwise => return 0;",
        "canonical_id",
    )
    assert bad(court, UPPER | VERSION)
    assert not bad(court, UPPER | VERSION, aarch32=True)


def test_canonical_id_on_the_tiny_machine(tiny: Hear) -> None:
    body = (
        "domain a { id = 1; }\ncallee fw { fast 0..1; }\n"
        "rule on : tsvc.ON => return NOT_SUPPORTED;\notherwise => forward;"
    )
    court = tiny(body, "canonical_id")
    assert bad(court, 0x22)
    assert not bad(court, 0x60)
    assert not bad(court, 0x29)
    court = tiny("identifier x0;\n" + body, "canonical_id")
    assert bad(court, 0x60)


# ---- twin_consistency ----------------------------------------------------------------------


def test_twin_consistency(hear: Hear) -> None:
    court = hear(
        HEAD + "handler h { otherwise => return 0; }\nhandler g { otherwise => return 0; }\n"
        "rule a : fid == 0x84000001 => forward;\n"
        "rule b : fid == 0xc4000001 => forward { x0 = 5; };\n"
        "rule c : fid == 0x84000003 => handle h;\nrule d : fid == 0xc4000003 => handle g;\n"
        "rule e : fid == 0xc4000004 => return psci.DENIED;\n"
        "rule f : fid in { 0x84000005, 0xc4000005 } => return { x0 = 0xffff_ffff; };\n"
        "rule g : psci.MIGRATE_INFO_UP_CPU and x1 > 7 => return 0;\n"
        "rule h : fid == 0x8400000c => forward;\n"
        "rule i : fid == 0xc400000c => forward { x0 = 0x84000000; };\n"
        "otherwise => return -1;",
        "twin_consistency",
    )
    assert court.premise(court.call(0x8400_0001))
    assert not court.premise(court.call(0xC400_0001))  # the second of its pair
    assert not court.premise(court.call(VERSION))  # one form only
    assert not court.premise(court.call(0x8400_0001, aarch32=True))
    assert not court.premise(court.call(UPPER | 0x8400_0001))
    assert not court.premise(court.call(HINT | 0x8400_0001))
    assert not court.premise(court.call(0x8400_0001, imm=1))
    assert not court.premise(court.call(0x8400_0001, 0, UPPER))
    assert court.premise(court.call(0x8400_0001, *(0,) * 7, UPPER))  # x8 is no argument
    assert bad(court, 0x8400_0001)  # x0 = 5 reaches nobody that is declared
    assert bad(court, 0x8400_0003)  # two handlers
    assert bad(court, 0x8400_0004)  # refused and unknown
    assert bad(court, 0x8400_0005)  # unknown at 32 bits, a result at 64
    assert not bad(court, 0x8400_0007)
    assert not bad(court, 0x8400_0007, 8)
    assert not bad(court, 0x8400_000C)  # the same callee
    assert not bad(court, 0x8400_000E)


def test_twin_consistency_on_the_tiny_machine(tiny: Hear) -> None:
    court = tiny(
        "domain a { id = 1; }\nrule a : fid == 0x30 and x1 == 1 => return 0;\n"
        "otherwise => return NOT_SUPPORTED;",
        "twin_consistency",
    )
    assert bad(court, 0x20, 1)
    assert not bad(court, 0x20)
    assert not court.premise(court.call(0x20, 2))
    assert not court.premise(court.call(0x21))
    assert court.premise(court.call(0x20, 0, 3))  # the client register has no upper half


# ---- conduit_parity ------------------------------------------------------------------------


def test_conduit_parity(hear: Hear) -> None:
    court = hear(
        HEAD + "state n : 0..3 = 0;\nhandler h;\n"
        "rule a : fid == 1 and conduit == hvc => return 0;\n"
        "rule b : fid == 2 and conduit == hvc => forward { x3 = 1; };\n"
        "rule c : fid == 2 => forward;\n"
        "rule d : fid == 3 and conduit == hvc => return { x0 = -1; x1 = 0; };\n"
        "rule e : fid == 4 and conduit == hvc => return { w0 = -1; };\n"
        "rule f : fid == 5 and conduit == hvc => return -1 then n := 1;\n"
        "rule g : fid == 6 and conduit == hvc => deliver h resuming after;\n"
        "rule i : fid == 6 => deliver h resuming at;\n"
        "rule j : fid == 7 and conduit == hvc => forward { x0 = 0x1_0000_0007; };\n"
        "rule k : fid == 7 => forward;\nrule l : fid == 9 and conduit == hvc => skip;\n"
        "rule m : fid == 9 => return {};\notherwise => return -1;",
        "conduit_parity",
    )
    assert court.premise(court.call(1))
    assert not court.premise(court.call(1, conduit=HVC))
    assert not court.premise(court.call(1, imm=1))
    assert not court.premise(court.call(1, aarch32=True, condition_passed=False))
    for fid, wrong in (
        (1, True),  # another kind
        (2, True),  # another register sent
        (3, True),  # another register written
        (4, True),  # another value
        (5, False),  # state is not compared
        (6, False),  # nor is where it resumes
        (7, True),  # x0 is, all of it
        (8, False),
        (9, True),  # another kind, though nothing is written
    ):
        assert bad(court, fid) == wrong, fid
    assert not bad(court, 4, aarch32=True)
    assert bad(court, 1, aarch32=True)


def test_conduit_parity_needs_both(hear: Hear) -> None:
    court = hear("conduits smc;\n" + HEAD + "otherwise => return -1;", "conduit_parity")
    assert not court.premise(court.call(1))
    assert not bad(court, 1)


def test_conduit_parity_on_the_tiny_machine(tiny: Hear) -> None:
    court = tiny(
        "domain a { id = 1; }\nrule a : tsvc.ON and conduit == smc => return 0;\n"
        "otherwise => return -1;",
        "conduit_parity",
    )
    assert bad(court, 0x20)
    assert not bad(court, 0x21)


# ---- check_width ---------------------------------------------------------------------------


def test_check_width(hear: Hear) -> None:
    court = hear(
        HEAD + "rule a : fid == 0x84000001 and x1 > 7 => return psci.DENIED;\n"
        "rule b : fid == 0x84000003 and w1 > 7 => return psci.DENIED;\n"
        "rule c : fid == 0x84000004 => forward { x8 = x2; };\n"
        "rule d : fid == 0x84000005 => forward { x1 = x1[63:1]; };\n"
        "rule e : fid == 0x84000006 => return { x0 = x3; };\n"
        "rule f : fid == 0x84000007 => return { x0 = x3[63:4]; };\n"
        "rule g : fid == 0xc4000001 and x1 > 7 => return psci.DENIED;\n"
        "rule h : fid == 0x84000008 and x8 > 7 => return psci.DENIED;\notherwise => return 0;",
        "check_width",
    )
    assert court.premise(court.call(VERSION))
    assert bad(court, 0x8400_0001, UPPER)
    assert not bad(court, 0x8400_0001, 8)
    assert not bad(court, 0x8400_0001, UPPER | 8)  # denied either way
    assert not bad(court, 0x8400_0003, UPPER)
    assert not bad(court, 0x8400_0004, 0, UPPER)  # what leaves differs above the narrow width only
    assert bad(court, 0x8400_0005, UPPER)
    assert not bad(court, 0x8400_0006, 0, 0, UPPER)
    assert bad(court, 0x8400_0007, 0, 0, UPPER)
    assert not bad(court, 0xC400_0001, UPPER)
    assert not bad(court, 0x8400_0008, *(0,) * 7, UPPER)  # x8 is no argument
    assert bad(court, 0x8400_0001, UPPER, aarch32=True)


def test_check_width_on_the_tiny_machine(tiny: Hear) -> None:
    court = tiny(
        "domain a { id = 1; }\nrule a : tsvc.ON and x1 > 1 => return -1;\n"
        "rule b : tsvc.MAP and x2 > 1 => return -1;\notherwise => return 0;",
        "check_width",
    )
    assert bad(court, 0x20, 2)
    assert not bad(court, 0x30, 2)
    assert not bad(court, 0x21, 0, 2)
