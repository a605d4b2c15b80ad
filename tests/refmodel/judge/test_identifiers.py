"""Properties of identifiers: `imm_zero`, `exact_id`, `range_covers`, `reserved_ids`,
`no_smc64_from_aarch32`, `scalar_in_range`."""

from smcproof.spec.call import Conduit
from tests.refmodel.judge.court import Hear

HVC = Conduit.HVC

IMM = """
    use psci 1.1, ffa 1.1;
    domain vm { id = 1; state = any; }
    callee firmware { fast 0..4; }
    handler open;
    handler noisy { on psci.CPU_ON => return -1 reaches firmware with { x0 = 0x84000000; };
                    otherwise => return -1; }
    rule a : fid == 0x84000000 => forward;
    rule b : fid == 0x84000001 => return { x0 = any in { 0, -1 }; };
    rule c : fid == 0x84000002 => handle open;
    rule d : fid == 0x84000003 or fid == 0x84000004 => handle noisy;
    rule e : fid == 0x84000060 => return ffa_error(DENIED);
    rule f : fid == 0x84000061 => return 0;
    rule g : fid == 0x84000005 => undef;
    otherwise => return -1;
"""


def test_imm_zero(hear: Hear) -> None:
    court = hear(IMM, "imm_zero")
    assert not court.premise(court.call(0x8400_0000))
    assert not court.premise(court.call(0x8400_0000, conduit=HVC, imm=1))
    assert not court.premise(court.call(0x8400_0000, imm=1, aarch32=True))  # not visible
    assert court.premise(court.call(0x8400_0000, imm=1))
    assert court.judged(court.call(0x8400_0000)) is None
    for fid, bad in (
        (0x8400_0000, True),  # an SMC leaves, though the callee refuses
        (0x8400_0001, True),  # may succeed
        (0x8400_0002, True),  # a handler without clauses may succeed
        (0x8400_0003, True),  # the handler sends an SMC
        (0x8400_0004, False),
        (0x8400_0060, False),  # FFA_ERROR
        (0x8400_0061, True),
        (0x8400_0005, False),  # undef
        (0x8500_0000, False),
    ):
        found = court.judged(court.call(fid, imm=0xFFFF), answer=(0xFFFF_FFFF,))
        assert (found is not None) == bad, hex(fid)
        assert court.judged(court.call(fid, imm=0xFFFF, conduit=HVC)) is None


def test_imm_zero_over_other_conduits(hear: Hear) -> None:
    court = hear(IMM, "imm_zero({ smc, hvc })")
    assert court.judged(court.call(0x8400_0000, imm=1, conduit=HVC)) is not None
    assert court.judged(court.call(0x8400_0000, imm=1, conduit=HVC, aarch32=True)) is not None


def test_imm_zero_on_the_tiny_machine(tiny: Hear) -> None:
    court = tiny(
        "domain a { id = 1; }\nrule on : tsvc.ON => return 0;\notherwise => return -1;", "imm_zero"
    )
    assert court.judged(court.call(0x20, imm=1)) is not None
    assert court.judged(court.call(0x21, imm=1)) is None


EXACT = """
    use arch 1.1, psci 1.1, ffa 1.1;
    domain vm { id = 1; state = any; }
    callee firmware { fast 0..4; }
    rule wide : fid == 0xc4000000 => return 0;
    rule yielding : fid == 0x04000000 => undef;
    rule mbz : fid == 0x84020003 => forward;
    rule last : fid == 0x8400001f => return { x0 = any in { -1, -2 }; };
    rule bare : fid == 0x840000ef => return NOT_SUPPORTED;
    rule known : ffa.VERSION => return 0x1_0001;
    rule marked : fid == 0x840000ee => return ffa_error(NOT_SUPPORTED);
    rule denied : fid == 0x840000ed => return ffa_error(DENIED);
    otherwise => return NOT_SUPPORTED;
"""


def test_exact_id(hear: Hear) -> None:
    court = hear(EXACT, "exact_id")
    premise = court.premise
    assert not premise(court.call(0x8400_0000))  # names a function
    assert not premise(court.call(0x8400_0020))  # in no span
    assert not premise(court.call(0x8400_001F, imm=1))
    assert not premise(court.call(0x8401_0000))  # canon names a function
    for x0, bad in (
        (0xC400_0000, True),  # the SMC64 form of an SMC32 function succeeds
        (0x9_C401_0000, False),  # its other spellings are unknown
        (0x0400_0000, True),  # refused, but not unknown
        (0x0401_0000, False),
        (0x8402_0003, True),  # a must-be-zero bit is set; the callee answers
        (0x84FE_0003, False),
        (0x8400_001F, True),  # not unknown for every value
        (0x8400_0015, False),  # not in this version
        (0x8400_00EF, True),  # FF-A says no with its marker
        (0x8400_00EE, False),
        (0x8400_00ED, True),
        (0x0400_00EE, False),  # outside every window SMCCC's code is the answer
    ):
        assert premise(court.call(x0)), hex(x0)
        assert (court.judged(court.call(x0)) is not None) == bad, hex(x0)
    assert court.judged(court.call(0x8402_0003), answer=(0xFFFF_FFFF,)) is None
    assert court.judged(court.call(0xC400_0000, imm=1)) is None
    assert court.judged(court.call(0x8400_0063)) is None  # a function's, and not unknown


def test_exact_id_of_a_span_of_fast_calls(hear: Hear) -> None:
    court = hear("use arch 1.1;\ndomain vm { id = 1; }\notherwise => return 0;", "exact_id")
    part = court.policy.vocabulary("arch").span[0]
    assert part.owner == 0
    assert court.judged(court.call(0x8000_0005)) is not None
    assert court.premise(court.call(0x0000_0005)) != part.fast_only


def test_exact_id_on_the_tiny_machine(tiny: Hear) -> None:
    court = tiny(
        "domain a { id = 1; }\nrule wide : fid == 0x31 => return 0;\n"
        "otherwise => return NOT_SUPPORTED;",
        "exact_id",
    )
    assert not court.premise(court.call(0x20))
    assert not court.premise(court.call(0x28))
    assert court.judged(court.call(0x31)) is not None  # MAP has no SMC64 form
    assert court.judged(court.call(0x25)) is None
    assert court.premise(court.call(0x01))


RULES = """
    use psci 1.1;
    domain vm { id = 1; state = any; }
    layer early {
        rule cut : psci.CPU_OFF => return psci.DENIED;
        rule on : psci.VERSION and conduit == hvc => pass;
        otherwise => pass;
    }
    rule off : not condition_passed => skip;
    rule power : psci.CPU_ON or psci.VERSION or fid == 0x85000000 => return 0;
    rule rest : psci.* => return NOT_SUPPORTED;
    otherwise => return 0;
"""


def test_range_covers(hear: Hear) -> None:
    court = hear(RULES, "range_covers(psci, { power, early })")
    assert court.premise(court.call(0x8400_0003))
    assert court.premise(court.call(0xC400_0003, conduit=HVC))
    assert not court.premise(court.call(0x1_8400_0003))  # not plain
    assert not court.premise(court.call(0x8401_0003))
    assert not court.premise(court.call(0x8500_0000))
    assert not court.premise(court.call(0x8400_0003, imm=1))
    assert court.judged(court.call(0x1_8400_0004)) is None  # outside the premise
    assert court.judged(court.call(0x8400_0003)) is None  # by a rule
    assert court.judged(court.call(0x8400_0002)) is None  # by a rule of the layer
    found = court.judged(court.call(0x8400_0004))
    assert found is not None
    assert "`rest`" in found.actual


def test_reserved_ids(hear: Hear) -> None:
    court = hear(RULES, "reserved_ids({ 0x84000002..0x84000004, 0x85000000 }, { power, early })")
    assert not court.premise(court.call(0x8400_0001))
    assert not court.premise(court.call(0x8400_0002, imm=1))
    assert court.premise(court.call(0x7_8401_0004))  # canon(x0), not plain
    assert court.judged(court.call(0x8400_0002)) is None
    assert court.judged(court.call(0x8400_0003)) is None
    assert court.judged(court.call(0x8500_0000)) is None
    assert court.judged(court.call(0x8400_0005)) is None  # outside the premise
    assert court.judged(court.call(0x8400_0004)) is not None
    assert court.judged(court.call(0x8401_0003)) is not None  # w0 is compared, `otherwise` decides


def test_otherwise_can_be_named(hear: Hear) -> None:
    court = hear(RULES, "range_covers(psci, { power, rest, early })")
    assert court.judged(court.call(0x8400_0004)) is None
    court = hear(RULES, "reserved_ids({ 0x86000000 }, { otherwise })")
    assert court.judged(court.call(0x8600_0000)) is None


def test_decided_by_on_the_tiny_machine(tiny: Hear) -> None:
    body = (
        "domain a { id = 1; }\nrule on : tsvc.ON.smc32 => return 0;\n"
        "otherwise => return NOT_SUPPORTED;"
    )
    court = tiny(body, "range_covers(tsvc, { on })")
    assert court.judged(court.call(0x20)) is None
    assert court.judged(court.call(0x30)) is not None
    court = tiny(body, "reserved_ids({ 0x20 }, { on })")
    assert court.judged(court.call(0x20)) is None
    assert court.judged(court.call(0x22)) is not None


def test_no_smc64_from_aarch32(hear: Hear) -> None:
    court = hear(
        "use psci 1.1;\ndomain vm { id = 1; state = any; }\n"
        "rule on : psci.CPU_ON => return 0;\nrule off : fid == 0xc4000001 => undef;\n"
        "rule narrow : fid == 0xc4000004 => return { w0 = -1; };\notherwise => return -1;",
        "no_smc64_from_aarch32",
    )
    assert not court.premise(court.call(0xC400_0003))
    assert not court.premise(court.call(0x8400_0003, aarch32=True))
    assert not court.premise(court.call(0xC400_0003, aarch32=True, condition_passed=False))
    assert court.premise(court.call(0xC400_0003, aarch32=True))
    assert court.judged(court.call(0xC400_0003)) is None
    assert court.judged(court.call(0x8400_0003, aarch32=True)) is None
    assert court.judged(court.call(0xC400_0003, aarch32=True)) is not None
    assert court.judged(court.call(0xC400_0001, aarch32=True)) is not None  # not unknown
    assert court.judged(court.call(0xC400_0004, aarch32=True)) is None  # compared in the low half
    assert court.judged(court.call(0xC400_0005, aarch32=True)) is None


SCALAR = """
    use trng, psci 1.1;
    domain vm { id = 1; state = any; }
    handler open;
    rule refuse : trng.RND(bits) and bits > 96 => return trng.INVALID_PARAMETERS;
    rule stop_it : trng.RND(0) and conduit == hvc => stop vcpu;
    rule level : psci.AFFINITY_INFO => handle open;
    rule mode : psci.SET_SUSPEND_MODE(mode) and mode > 1 => return { x0 = any in { -2, -3 }; };
    otherwise => return 0;
"""


def test_scalar_in_range(hear: Hear) -> None:
    court = hear(SCALAR, "scalar_in_range(trng)")
    assert not court.premise(court.call(0x8400_0050))  # no argument with limits
    assert not court.premise(court.call(0x8400_000F, 7))  # another service
    assert not court.premise(court.call(0x8400_0053, imm=1))
    assert court.premise(court.call(0x8401_0053))  # well-formed, not plain
    for fid, bits, bad in (
        (0x8400_0053, 0, True),  # the least is 1 bit; it answers 0
        (0x8400_0053, 1, False),
        (0x8400_0053, 96, False),
        (0x8400_0053, 97, False),  # refused
        (0x8400_0053, 0x1_0000_0001, False),  # read as 1
        (0x8400_0053, 0x1_0000_0000, True),  # read as 0
        (0xC400_0053, 192, False),  # the SMC64 form may ask for more, and is refused
        (0xC400_0053, 193, False),
        (0xC400_0053, 0, True),
    ):
        assert (court.judged(court.call(fid, bits)) is not None) == bad, (hex(fid), bits)
    assert court.judged(court.call(0x8400_0053, 0, conduit=HVC)) is None  # stopped is refused


def test_scalar_in_range_needs_a_refusal_for_every_value(hear: Hear) -> None:
    court = hear(SCALAR, "scalar_in_range(psci)")
    assert court.judged(court.call(0x8400_000F, 2)) is None
    assert court.judged(court.call(0x8400_0004, 0, 3)) is None
    assert court.judged(court.call(0x8400_0004, 0, 4)) is not None
    assert court.judged(court.call(0xC400_0004, 0, 0x1_0000_0003)) is None  # w2 in either form


def test_scalar_in_range_on_the_tiny_machine(tiny: Hear) -> None:
    court = tiny(
        "domain a { id = 1; }\nrule map : tsvc.MAP(_, 3) => return -2;\notherwise => return 0;",
        "scalar_in_range(tsvc)",
    )
    assert court.judged(court.call(0x21, 0, 1)) is None
    assert court.judged(court.call(0x21, 0, 3)) is None
    assert court.judged(court.call(0x21, 0, 0)) is not None
