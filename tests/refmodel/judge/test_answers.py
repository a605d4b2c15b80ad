"""Properties of what a caller gets: `result_written`, `fail_closed`, `error_form`, `pc_rule`,
`registers_preserved`, `condition_failed_is_skip`, `state_atomic`, `never_panics`,
`monitor_exclusive`."""

from smcproof.refmodel.judge import catalogue
from smcproof.spec.call import Conduit
from tests.refmodel.judge.court import Hear

HVC = Conduit.HVC
HEAD = "use psci 1.1, ffa 1.1, optee;\ndomain vm { id = 1; state = any; }\n"


def test_result_written(hear: Hear) -> None:
    court = hear(
        HEAD + "callee firmware { fast 0..4; }\nhandler open;\n"
        "handler vmm { on psci.CPU_OFF => return { x1 = 0; }; otherwise => return 0; }\n"
        "rule a : fid == 1 => return { x1 = 0; };\nrule b : fid == 2 => return 0;\n"
        "rule c : fid == 3 => handle open;\nrule d : fid == 4 => skip;\n"
        "rule e : fid == 5 => deliver vmm resuming after;\nrule f : psci.* => handle vmm;\n"
        "rule g : fid == 6 => forward;\notherwise => undef;",
        "result_written",
    )
    assert court.premise(court.call(1))
    assert not court.premise(court.call(4))
    assert not court.premise(court.call(5))
    assert not court.premise(court.call(7))
    found = court.judged(court.call(1))
    assert found is not None
    assert not found.undecided
    found = court.judged(court.call(3))
    assert found is not None
    assert found.undecided
    assert court.judged(court.call(0x8400_0002)) is not None
    for fid in (2, 4, 5, 6, 7, 0x8400_0000):
        assert court.judged(court.call(fid)) is None, fid


def test_result_written_where_results_leave_x0_out(hear: Hear) -> None:
    court = hear(
        "results x1..x3;\ndomain vm { id = 1; }\ncallee firmware { fast 0..4; }\n"
        "rule a : fid == 1 => forward;\notherwise => forward returning { x0 = r0; };",
        "result_written",
    )
    assert court.judged(court.call(1)) is not None
    assert court.judged(court.call(2)) is None


def test_fail_closed(hear: Hear) -> None:
    court = hear(
        HEAD + "callee firmware { fast 0..4; }\n"
        "rule a : fid == 0x85000000 => return 0;\nrule b : fid == 0x85000001 => return -1;\n"
        "rule c : fid == 0x85000002 => return { x0 = any in { 0, -1 }; };\n"
        "rule d : fid == 0x85000003 => return { x1 = 0; };\n"
        "rule e : fid == 0x85000004 => forward;\n"
        "rule f : fid == 0x85000005 => stop vcpu { x0 = 0; };\n"
        "rule g : fid == 0xc5000000 => return { x0 = 0x1_0000_0000; };\n"
        "rule h : fid == 0x85000006 => return { x0 = 0x1_0000_0000; };\n"
        "rule i : fid == 0x840000ee => return 0x84000061;\n"
        "rule j : fid == 0x840000ed => return 0;\n"
        "rule k : psci.SYSTEM_OFF => stop domain { x0 = 0; };\n"
        "rule l : psci.SYSTEM_RESET => stop domain { x0 = -6; };\n"
        "rule m : psci.CPU_OFF => undef;\nrule n : psci.VERSION => return 0;\n"
        "rule o : fid == 0x85000007 => return { x0 = leaked; };\notherwise => return -1;",
        "fail_closed",
    )
    assert not court.premise(court.call(0x8400_0000))  # names a function and succeeds
    assert court.premise(court.call(0x8500_0000))
    assert court.premise(court.call(0x8400_0002))
    assert not court.premise(court.call(0x8500_0000, imm=1))
    for fid, bad in (
        (0x8500_0000, True),
        (0x8500_0001, False),
        (0x8500_0002, True),  # may be 0
        (0x8500_0003, False),  # x0 is not written
        (0x8500_0004, False),  # not answered here
        (0x8500_0005, True),  # stopped with success
        (0xC500_0000, False),  # not 0 at 64 bits
        (0x8500_0006, True),  # 0 at 32 bits
        (0x8400_00EE, True),  # FFA_SUCCESS
        (0x8400_00ED, False),  # 0 is no success of FF-A
        (0x8400_0008, True),  # refused by stop, with x0 = 0
        (0x8400_0009, False),
        (0x8400_0002, False),
        (0x8400_0000, False),
        (0x8500_0007, True),  # leaked: any value
    ):
        assert (court.judged(court.call(fid)) is not None) == bad, hex(fid)
    assert court.judged(court.call(0xC500_0000, aarch32=True)) is not None  # 0 in the low half


def test_fail_closed_on_the_tiny_machine(tiny: Hear) -> None:
    court = tiny(
        "domain a { id = 1; }\nrule a : fid == 0x28 => return { x0 = 0x40; };\n"
        "rule b : fid == 0x38 => return { x0 = 0x40; };\notherwise => return -1;",
        "fail_closed",
    )
    assert court.judged(court.call(0x28)) is not None
    assert court.judged(court.call(0x38)) is None


def test_error_form(hear: Hear) -> None:
    court = hear(
        HEAD + "callee firmware { fast 0..4; }\n"
        "rule a : fid == 0x84000001 => return -9;\n"
        "rule b : fid == 0xc4000001 => return { x0 = 0xffff_fffe; };\n"
        "rule c : fid == 0x84000003 => return { x0 = 0xffff_fffe; };\n"
        "rule d : fid == 0x84000004 => return -10;\n"
        "rule e : fid == 0x84000005 => return 0x84000060;\n"
        "rule f : fid == 0x84000064 => return -1;\n"
        "rule g : fid == 0x84000065 => return ffa_error(DENIED);\n"
        "rule h : fid == 0x84000066 => return { x0 = 0x84000060; x2 = -11; };\n"
        "rule i : fid == 0x84000067 => return { x0 = 0x84000060; x2 = 0xffff_ffff; };\n"
        "rule j : fid == 0x84000063 => return -1;\n"
        "rule k : fid == 0x84000068 => return { x0 = 0x84000060; x2 = any; };\n"
        "rule l : fid == 0x84000006 => return { x0 = any in 0..0x7fff_ffff; };\n"
        "rule m : fid == 0x84000007 => return { x0 = any in 0..0xffff_fff6; };\n"
        "rule n : fid == 0xc4000003 => return { x0 = any in -9..-1; };\n"
        "rule o : fid == 0x84000009 => forward;\nrule p : fid == 0xb2000009 => return 7;\n"
        "rule q : fid == 0x85000000 => return -4;\n"
        "rule s : fid == 0x84000069 => return 0x84000061;\n"
        "rule t : fid == 0x8400000a => return { x1 = -1; };\notherwise => return -1;",
        "error_form",
    )
    assert not court.premise(court.call(0x8400_0009))
    assert not court.premise(court.call(0x8400_000A))
    assert court.premise(court.call(0x8400_0001))
    for fid, bad in (
        (0x8400_0001, False),
        (0xC400_0001, True),  # -2 at 32 bits is no code of an SMC64 call
        (0x8400_0003, False),
        (0x8400_0004, True),  # -10 is FF-A's, not PSCI's
        (0x8400_0005, True),  # FF-A's marker
        (0x8400_0064, True),  # a bare code from FF-A
        (0x8400_0065, False),
        (0x8400_0066, True),  # the marker with no code
        (0x8400_0067, False),  # the code is read at 32 bits
        (0x8400_0063, False),  # FFA_VERSION answers bare codes
        (0x8400_0068, True),  # the code register may hold anything
        (0x8400_0006, False),
        (0x8400_0007, True),  # may be -10 or the marker
        (0xC400_0003, False),  # every one of PSCI's codes
        (0x8400_0009, False),  # a forward is not answered here
        (0xB200_0009, False),
        (0x8500_0000, True),  # SMCCC has no -4
        (0x8400_0069, False),
        (0x8400_000A, False),
    ):
        found = court.judged(court.call(fid), answer=(0xFFFF_FFF6,))
        assert (found is not None) == bad, hex(fid)
    assert court.judged(court.call(0xC400_0001, aarch32=True)) is None
    assert court.judged(court.call(0x8400_0004, imm=1)) is None  # not well-formed


def test_error_form_at_full_width_over_ranges(hear: Hear) -> None:
    court = hear(
        "use psci 1.1;\ndomain vm { id = 1; }\n"
        "rule a : fid == 0xc4000001 => return { x0 = any in 0x1_0000_0000..0x1_ffff_fff0; };\n"
        "rule b : fid == 0xc4000003 => return { x0 = any in 0x1_0000_0000..0x1_ffff_ffff; };\n"
        "otherwise => return -1;",
        "error_form",
    )
    assert court.judged(court.call(0xC400_0001)) is None
    assert court.judged(court.call(0xC400_0003)) is not None


def test_error_form_on_the_tiny_machine(tiny: Hear) -> None:
    court = tiny(
        "domain a { id = 1; }\nrule a : fid == 0x20 => return { x0 = 0x3f; };\n"
        "rule b : fid == 0x30 => return { x0 = 0x3f; };\notherwise => return -3;",
        "error_form",
    )
    assert court.judged(court.call(0x20)) is None
    assert court.judged(court.call(0x30)) is not None
    assert court.judged(court.call(0x21)) is not None  # -3 is SMCCC's code, not this service's
    assert court.judged(court.call(0x28)) is None


def test_pc_rule(hear: Hear) -> None:
    court = hear(
        HEAD + "handler h { on psci.VERSION => undef elr after; otherwise => undef; }\n"
        "rule a : fid == 1 => undef elr after;\nrule b : fid == 2 => undef elr at vector 0x200;\n"
        "rule c : psci.* => handle h;\notherwise => return 0;",
        "pc_rule",
    )
    assert court.premise(court.call(3))
    assert court.judged(court.call(1)) is not None
    assert court.judged(court.call(0x8400_0000)) is not None  # by the handler's clause
    for fid in (2, 3, 0x8400_0001):
        assert court.judged(court.call(fid)) is None


def test_registers_preserved(hear: Hear) -> None:
    court = hear(
        HEAD + "callee firmware { fast 0..4; }\nhandler open;\n"
        "handler vmm { otherwise => return { x4 = 0; }; }\n"
        "rule a : fid == 1 => return { x4 = 0; };\nrule b : fid == 2 => return { x0..x3 = 0; };\n"
        "rule c : fid == 0x84000064 => return { x0 = 0; x7 = 0; };\n"
        "rule d : fid == 0x84000065 => return { x0 = 0; x8 = 0; };\n"
        "rule e : fid == 3 => deliver open resuming at writing { x5 = 1; };\n"
        "rule f : fid == 4 => deliver open resuming at writing { x3 = 1; };\n"
        "rule g : fid == 5 => stop vcpu { x9 = 0; };\n"
        "rule h : fid == 6 => resume at 0x1000 with { x0 = 1; };\n"
        "rule i : fid == 7 => handle vmm;\nrule j : fid == 8 => handle open;\n"
        "rule k : fid == 9 => forward returning { x7 = in.x7; };\n"
        "rule l : fid == 10 => deliver vmm resuming after;\notherwise => return 0;",
        "registers_preserved",
    )
    for fid, bad in (
        (1, True),
        (2, False),
        (0x8400_0064, False),  # FF-A's results are x0 to x7
        (0x8400_0065, True),
        (3, True),  # delivered
        (4, False),
        (5, False),  # stopped: neither completed nor delivered
        (6, False),
        (7, True),
        (8, False),
        (9, True),  # written, though with what it held
        (10, True),  # what the clause writes counts
        (11, False),
    ):
        found = court.judged(court.call(fid))
        assert (found is not None) == bad, fid
        assert found is None or not found.undecided


def test_registers_preserved_where_a_contract_leaves_it_open(tiny: Hear) -> None:
    court = tiny(
        "domain a { id = 1; }\nhandler open;\notherwise => handle open;", "registers_preserved"
    )
    assert court.judged(court.call(0x20)) is None  # it may write x0, which is a result
    step = court.trial(court.call(0x20))
    assert catalogue.judged(step) is None


def test_condition_failed_is_skip(hear: Hear) -> None:
    court = hear(
        HEAD + "handler h { otherwise => skip; }\n"
        "rule a : not condition_passed and fid == 1 => return 0;\n"
        "rule b : not condition_passed and fid == 2 => handle h;\n"
        "rule c : not condition_passed => skip;\notherwise => return 0;",
        "condition_failed_is_skip",
    )

    def failed(fid: int) -> bool:
        call = court.call(fid, aarch32=True, condition_passed=False)
        assert court.premise(call)
        return court.judged(call) is not None

    assert not court.premise(court.call(1, aarch32=True))
    assert court.judged(court.call(1, aarch32=True)) is None
    assert failed(1)
    assert failed(2)
    assert not failed(3)


def test_state_atomic(hear: Hear) -> None:
    court = hear(
        HEAD + "callee firmware { fast 0..4; }\nstate n : 0..3 = 0;\nstate m : bool[0..3];\n"
        "event tick(k : 0..3);\n"
        "handler h { otherwise => return -1 emits tick(n); }\n"
        "rule a : fid == 1 => return -1 then n := 1;\nrule b : fid == 2 => return 0 then n := 1;\n"
        "rule c : fid == 3 => return -1 then n := 0;\n"
        "rule d : fid == 4 => return { x0 = any in { 0, -1 }; } then n := 1;\n"
        "rule e : fid == 5 => undef then m[1] := true;\nrule f : fid == 6 => stop domain;\n"
        "rule g : fid == 7 => forward issuing { n := 2; } then if wr0 == 0 { n := 3; };\n"
        "rule h : fid == 8 => handle h;\notherwise => return -1;\n"
        "on tick(k) => none then n := 2;",
        "state_atomic",
    )
    assert court.premise(court.call(1))
    assert not court.premise(court.call(2))
    assert not court.premise(court.call(4))
    for fid, bad in (
        (1, True),
        (2, False),
        (3, False),  # assigned the value that it had
        (4, False),  # not refused for every value
        (5, True),
        (6, False),  # liveness is no state variable
        (7, True),  # the callee refuses, and issuing has counted
        (8, True),  # the emitted event changes it
    ):
        found = court.judged(court.call(fid), answer=(0xFFFF_FFFF_FFFF_FFFF,))
        assert (found is not None) == bad, fid
    assert court.judged(court.call(7), answer=(0,)) is None


def test_never_panics(hear: Hear) -> None:
    court = hear(
        HEAD + "event bad(d : domain);\nevent good(d : domain);\n"
        "handler h { on psci.VERSION => panic; on psci.CPU_OFF => return 0 emits bad(caller);\n"
        "on psci.CPU_ON => return 0 emits good(caller); otherwise => never; }\n"
        "rule a : fid == 1 => panic;\nrule b : psci.* => handle h;\notherwise => return 0;\n"
        "on bad(d) => panic;\non good(d) => none;",
        "never_panics",
    )
    assert court.premise(court.call(2))
    assert catalogue.premise(court.event("good", 0))
    assert court.judged(court.call(1)) is not None
    assert court.judged(court.call(0x8400_0000)) is not None
    assert court.judged(court.call(0x8400_0002)) is not None
    assert court.judged(court.call(0x8400_0003)) is None
    assert court.judged(court.call(0x8400_0004)) is None  # never returns, but is no panic
    assert catalogue.judged(court.event("bad", 0)) is not None
    assert catalogue.judged(court.event("good", 0)) is None
    assert catalogue.judged(court.event("destroy", 0)) is None


def test_monitor_exclusive(hear: Hear) -> None:
    court = hear(
        HEAD + "domain other { id = 2; }\nstate on : bool = true;\nstate n : 0..3 = 0;\n"
        "callee firmware { fast 0..4; }\nhandler mon;\nhandler second;\n"
        "handler acting { on psci.VERSION => return 0; on psci.CPU_OFF => never;\n"
        "otherwise => return { x1 = 0; } reaches firmware with { x0 = 0x84000000; }; }\n"
        "rule a : fid == 1 => return 0;\nrule b : fid == 2 => deliver second resuming at;\n"
        "rule c : fid == 3 => deliver mon resuming after;\n"
        "rule d : fid == 4 => deliver mon resuming at writing { x0 = 0; };\n"
        "rule e : fid == 5 => deliver mon resuming at then n := 1;\n"
        "otherwise => deliver mon resuming at;",
        "monitor_exclusive(vm, mon, when on)",
    )
    assert court.premise(court.call(1))
    assert not court.premise(court.call(1, caller=1))
    assert not court.holding(on=0).premise(court.call(1))
    assert court.holding(on=0).judged(court.call(1)) is None
    for fid, bad in ((1, True), (2, True), (3, True), (4, True), (5, True), (6, False)):
        assert (court.judged(court.call(fid)) is not None) == bad, fid
        assert court.judged(court.call(fid, caller=1)) is None
    assert court.judged(court.call(1, conduit=HVC)) is not None
    assert court.judged(court.call(1, imm=1)) is not None


def test_monitor_exclusive_of_a_monitor_with_clauses(hear: Hear) -> None:
    court = hear(
        HEAD + "callee firmware { fast 0..4; }\n"
        "handler mon { on psci.VERSION => return { x1 = 0; }; on psci.CPU_OFF => stop vcpu;\n"
        "on psci.CPU_ON => return {} reaches firmware with { x0 = 0x84000000; };\n"
        "otherwise => return {}; }\notherwise => deliver mon resuming at;",
        "monitor_exclusive(vm, mon)",
    )
    assert court.judged(court.call(0x8400_0000)) is not None
    assert court.judged(court.call(0x8400_0002)) is not None
    assert court.judged(court.call(0x8400_0003)) is not None
    assert court.judged(court.call(0x8400_0004)) is None
