"""The words of section 7.1, each clause."""

import pytest

from smcproof.refmodel.judge import words
from smcproof.refmodel.judge.kind import Kind, kind
from smcproof.spec.call import Conduit
from tests.refmodel.judge.court import Court, Hear

BODY = """
    use psci 1.1, ffa 1.1, optee;
    domain vm { id = 1; state = any; }
    domain peer { id = 2; }
    callee firmware { fast 0..4; }
    callee tee { fast 48..63; yielding 48..63; }
    allow vm -> firmware : psci.VERSION;
    state seen : bool = false;
    handler open;
    handler vmm { on psci.CPU_OFF => stop vcpu; on psci.SYSTEM_OFF => undef;
                  on psci.MIGRATE => forward; otherwise => return 5; }
    rule a : fid == 0x84000000 => forward;
    rule b : fid == 0x84000001 => return { x0 = any in { -1, -2 }; };
    rule c : fid == 0xc4000003 => return { x0 = 0xffff_ffff; };
    rule d : fid == 0x84000004 => return { x0 = 0x5_ffff_ffff; };
    rule e : fid == 0x84000006 => return { x0 = any in { 0, -1 }; };
    rule f : fid == 0x8400000a => handle open;
    rule g : psci.CPU_OFF or psci.SYSTEM_OFF or fid == 0x8400000b => handle vmm;
    rule h : fid == 0x8400000c => deliver vmm resuming after;
    rule i : fid == 0x84000064 => return ffa_error(NOT_SUPPORTED);
    rule j : fid == 0x84000065 => return { x0 = 0x84000060; x2 = -6; };
    rule k : fid == 0x84000066 => return -1;
    rule l : fid == 0x84000067 => return { x0 = 0x84000060; x2 = any; };
    rule m : fid == 0x84000063 => return { w0 = -1; };
    rule n : fid == 0x8400000d => skip;
    rule o : fid == 0x8400000e => undef elr after;
    rule p : fid == 0x8400000f => stop domain { x0 = 0; };
    rule q : fid == 0x84000010 => return { x1 = 0; };
    rule rr : fid == 0xb2000000 => return 7;
    rule s : fid == 0xb2000001 => return -1;
    rule t : fid == 0xb2000009 => return 7;
    rule u : fid == 0x84000011 => return { x0 = leaked; };
    rule v : fid in { 0x84000005, 0xc4000005 } => handle vmm;
    rule ww : fid == 0x84000012 => deliver open resuming after writing { x0 = -1; };
    rule xx : fid == 0xc4000066 => return { x0 = 0x84000060; x2 = 0xffff_ffff; };
    otherwise => return NOT_SUPPORTED;
"""


@pytest.fixture
def court(hear: Hear) -> Court:
    return hear(BODY, "pc_rule")


def test_well_formed_needs_a_zero_immediate_and_a_condition_that_passed(court: Court) -> None:
    assert words.well_formed(court.call(0))
    assert not words.well_formed(court.call(0, imm=1))
    assert not words.well_formed(court.call(0, conduit=Conduit.HVC, imm=1, aarch32=True))
    assert words.well_formed(court.call(0, imm=1, aarch32=True))  # reads as 0: not visible
    assert not words.well_formed(court.call(0, aarch32=True, condition_passed=False))


def test_plain_needs_a_canonical_x0(court: Court) -> None:
    def plain(x0: int) -> bool:
        return words.plain(court.policy, court.call(x0))

    assert plain(0x8400_0000)
    assert not plain(0x1_8400_0000)
    assert not plain(0x8401_0000)
    assert plain(0x3201_0000)
    assert not words.plain(court.policy, court.call(0x8400_0000, imm=1))


def test_width_is_narrow_for_smc32_and_for_aarch32(court: Court) -> None:
    def width(x0: int, aarch32: bool = False) -> int:
        return words.width(court.policy, court.call(x0, aarch32=aarch32))

    assert width(0x8400_0003) == 32
    assert width(0xC400_0003) == 64
    assert width(0x4_C400_0003) == 64
    assert width(0xC400_0003, aarch32=True) == 32


@pytest.mark.parametrize(
    ("fid", "service", "codes"),
    [
        (0x8400_0000, "psci", 9),
        (0x8400_001E, "psci", 9),  # in the window, names nothing
        (0x8400_0064, "ffa", 10),
        (0x8400_0063, "ffa", 1),  # FFA_VERSION has a form of its own
        (0xB200_0000, "optee", 1),
        (0xB200_0009, "optee", 8),
        (0x8200_0000, "smccc", 3),
    ],
)
def test_service_and_form(court: Court, fid: int, service: str, codes: int) -> None:
    owned = words.service(court.policy, fid)
    assert (owned.service, len(owned.form.codes)) == (service, codes)


def _kind(court: Court, x0: int, *, answer: tuple[int, ...] = ()) -> Kind:
    return kind(court.policy, court.step(court.call(x0), answer))


@pytest.mark.parametrize(
    ("fid", "true"),
    [
        (0x8400_0001, {"completed", "refused"}),  # one of two codes
        (0xC400_0003, {"completed", "succeeds", "may_succeed"}),  # a narrow -1 of an SMC64 call
        (0x8400_0004, {"completed", "refused", "unknown"}),  # only w0 counts
        (0x8400_0006, {"completed", "may_succeed"}),  # 0 or -1: neither word holds for all
        (0x8400_000A, {"completed", "may_succeed"}),  # a handler of which nothing is known
        (0x8400_000D, set()),  # skip
        (0x8400_000E, {"refused"}),  # undef
        (0x8400_000F, {"refused"}),  # stop
        (0x8400_0010, {"completed", "succeeds", "may_succeed"}),  # x0 keeps the identifier
        (0x8400_0064, {"completed", "refused", "unknown"}),
        (0x8400_0065, {"completed", "refused"}),
        (0x8400_0066, {"completed", "succeeds", "may_succeed"}),  # a bare code is no FF-A error
        (0x8400_0067, {"completed", "refused"}),  # the marker, with any code
        (0x8400_0063, {"completed", "refused", "unknown"}),
        (0xB200_0000, {"completed", "succeeds", "may_succeed"}),  # 7 is a word of a UUID
        (0xB200_0001, {"completed", "refused", "unknown"}),
        (0xB200_0009, {"completed", "refused"}),  # 7 is ENOTAVAIL
        (0x8400_0011, {"completed", "may_succeed"}),  # leaked: every value counts
        (0x8400_0002, {"refused"}),  # the clause stops the vCPU
        (0x8400_0008, {"refused"}),  # the clause is undef
        (0x8400_000C, set()),  # delivered: never completed
        (0x8400_0012, set()),  # though it writes an error code
        (0xC400_0066, {"completed", "refused", "unknown"}),  # the code register has 32 bits
    ],
)
def test_words_of_one_step(court: Court, fid: int, true: set[str]) -> None:
    step = court.step(court.call(fid))
    policy = court.policy
    held = {
        "completed": words.completed(step),
        "refused": words.refused(policy, step),
        "unknown": words.unknown(policy, step),
        "succeeds": words.succeeds(policy, step),
        "may_succeed": words.may_succeed(policy, step),
    }
    assert {word for word, holds in held.items() if holds} == true


def test_a_callee_can_refuse(court: Court) -> None:
    step = court.step(court.call(0x8400_0000), (0xFFFF_FFFF,))
    assert words.unknown(court.policy, step)
    assert not words.answered_here(step)
    assert words.succeeds(court.policy, court.step(court.call(0x8400_0000), (0x1_0001,)))


def test_an_aarch32_caller_sees_the_low_half(court: Court) -> None:
    step = court.step(court.call(0xC400_0003, aarch32=True))
    assert words.unknown(court.policy, step)


def test_answered_here_is_completed_and_no_forward(court: Court) -> None:
    def answered(x0: int) -> bool:
        return words.answered_here(court.step(court.call(x0)))

    assert answered(0x8400_0001)
    assert answered(0x8400_000A)
    assert not answered(0x8400_0000)
    assert not answered(0x8400_000D)
    assert not answered(0x8400_000E)
    assert not answered(0x8400_000C)
    assert not answered(0x8400_0005)  # the clause forwards
    assert words.completed(court.step(court.call(0x8400_0005)))


def test_kind_names_outcome_party_and_class(court: Court) -> None:
    assert _kind(court, 0x8400_0000) == Kind("forward", "firmware", "other")
    # the callee's refusal is not the dispatcher's
    assert _kind(court, 0x8400_0000, answer=(0xFFFF_FFFF,)) == Kind("forward", "firmware", "other")
    assert _kind(court, 0x8400_0001) == Kind("return", None, "refused")
    assert _kind(court, 0x8400_0004) == Kind("return", None, "unknown")
    assert _kind(court, 0x8400_0006) == Kind("return", None, "other")
    assert _kind(court, 0x8400_000A) == Kind("handle", "open", "other")
    assert _kind(court, 0x8400_0002) == Kind("handle", "vmm", "refused")
    assert _kind(court, 0x8400_000C) == Kind("deliver", "vmm", "other")
    assert _kind(court, 0x8400_0005, answer=(0xFFFF_FFFF,)) == Kind("handle", "vmm", "other")


def test_kinds_are_shown_with_what_tells_them_apart(court: Court) -> None:
    assert str(_kind(court, 0x8400_0000)) == "forward to `firmware`"
    assert str(_kind(court, 0x8400_0001)) == "return, refused"
    assert str(_kind(court, 0x8400_000A)) == "handle `open`"


@pytest.mark.parametrize(
    ("fid", "again"),
    [
        (0x8400_0000, True),
        (0x8400_000C, True),
        (0x8400_000D, True),
        (0x8400_000E, True),
        (0x8400_000F, False),
        (0x8400_0002, False),
    ],
)
def test_runs_again_unless_it_is_stopped(court: Court, fid: int, again: bool) -> None:
    assert words.runs_again(court.step(court.call(fid))) == again


def test_words_of_the_tiny_machine(tiny: Hear) -> None:
    court = tiny(
        "domain vm { id = 1; }\n"
        "rule a : fid == 0x20 => return -1;\n"
        "rule b : fid == 0x30 => return { x0 = 0x3f; };\n"
        "otherwise => return { w0 = -1; };",
        "pc_rule",
    )
    policy = court.policy
    assert words.width(policy, court.call(0x20)) == 6
    assert words.width(policy, court.call(0x30)) == 7
    assert words.unknown(policy, court.step(court.call(0x20)))
    assert words.succeeds(policy, court.step(court.call(0x30)))  # -1 of seven bits is 0x7f
    assert words.unknown(policy, court.step(court.call(0x62)))  # canon is 0x20
    assert not words.plain(policy, court.call(0x62))
