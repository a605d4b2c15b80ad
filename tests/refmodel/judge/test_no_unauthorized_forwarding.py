"""`no_unauthorized_forwarding` and `least_privilege`: what leaves, and which `allow` it uses."""

from collections.abc import Callable
from pathlib import Path

import pytest

from smcproof.grammar.load import load_source
from smcproof.refmodel.judge import catalogue
from smcproof.refmodel.registers import Choose
from smcproof.spec.span import Source
from tests.refmodel.judge.court import Court, Hear

BODY = """
    use psci 1.1, optee;
    domain dom0 { id = 1; }
    domain guest[i in 1..2] { id = i + 1; ram = 0x1000..0x1fff; }
    group client = dom0, guest;
    callee firmware { fast 0..4; }
    callee tee { fast 48..63; yielding 48..63; }
    allow dom0 -> firmware : psci.VERSION;
    allow client -> tee : optee.CALLS_UID, optee.EXCHANGE_CAPABILITIES when sent.x7 == caller.id;
    allow hypervisor -> tee : optee.VM_DESTROYED when sent.x1 != 0;
    state lent : bool = false;
    allow dom0 -> tee : optee.ENABLE_SHM_CACHE when lent;
    event scrub(d : domain);
    handler proxy {
        on psci.MIGRATE(1) => return 0 reaches firmware with { x0 = 0x84000000; };
        on psci.MIGRATE => return 0 reaches firmware with { x0 = 0x84000000; }
                                    reaches tee with { x0 = 0xb200000e; };
        otherwise => return 0;
    }
    rule version : psci.VERSION => forward;
    rule uid : optee.CALLS_UID => forward { x7 = any in { 1, 2 }; };
    rule caps : optee.EXCHANGE_CAPABILITIES => forward { x7 = caller.id; };
    rule shm : optee.ENABLE_SHM_CACHE => forward;
    rule os : optee.GET_OS_UUID
              => forward { x0 = any in { 0xbf00ff01, 0xbf00ff03 }; x7 = caller.id; };
    rule count : optee.CALLS_COUNT
                 => forward { x0 = any in { 0xbf00ff01, 0xb2000009 }; x7 = caller.id; };
    rule wild : optee.GET_THREAD_COUNT => forward { x0 = optee.CALLS_UID; x7 = any; };
    rule other : fid == 0x85000000 => forward;
    rule proxy : psci.MIGRATE => handle proxy;
    otherwise => return NOT_SUPPORTED;
    on destroy(d) when d == dom0 => none;
    on destroy(d) => forward { x0 = optee.VM_DESTROYED; x1 = d.id; };
    on scrub(d) => forward { x0 = optee.VM_DESTROYED; };
"""
VERSION, MIGRATE = 0x8400_0000, 0x8400_0005
UID, CAPS, SHM, OS, COUNT, THREADS = (
    0xBF00_FF01,
    0xB200_0009,
    0xB200_000B,
    0xB200_0000,
    0xBF00_FF00,
    0xB200_000F,
)


@pytest.fixture
def court(hear: Hear) -> Court:
    return hear(BODY, "no_unauthorized_forwarding")


def test_nothing_leaves(court: Court) -> None:
    call = court.call(0x8400_0001)
    assert not court.premise(call)
    assert court.judged(call) is None


def test_issuer_callee_and_identifier_are_those_of_an_allow(court: Court) -> None:
    assert court.premise(court.call(VERSION))
    assert court.judged(court.call(VERSION)) is None
    found = court.judged(court.call(VERSION, caller=1))  # only dom0 is allowed
    assert found is not None
    assert found.send == 0
    assert "guest[1]" in found.expected
    assert court.judged(court.call(0x8500_0000)) is not None  # unclaimed


def test_the_identifier_is_canon_of_what_leaves(court: Court) -> None:
    assert court.judged(court.call(0x1_8400_0000)) is None
    hinted = court.call(0x8401_0000)  # not matched by `version`, which compares w0
    assert court.judged(hinted) is None
    assert not court.premise(hinted)


def test_the_guard_must_hold_over_what_leaves(court: Court) -> None:
    assert court.judged(court.call(CAPS, *(0,) * 6, 99)) is None  # the rule sets x7


def test_state_is_that_before(court: Court) -> None:
    assert court.judged(court.call(SHM)) is not None
    assert court.holding(lent=1).judged(court.call(SHM)) is None


def test_every_value_of_a_loose_register_must_be_covered(
    court: Court, pick: Callable[[int], Choose]
) -> None:
    found = court.judged(court.call(UID))  # x7 may be 2, which is not dom0's id
    assert found is not None
    assert not found.undecided
    assert court.judged(court.call(UID), choose=pick(1)) is not None
    assert court.judged(court.call(OS)) is not None  # 0xbf00ff03 is allowed nowhere
    assert court.judged(court.call(COUNT)) is None  # both identifiers are


def test_a_guard_over_more_values_than_can_be_tried(
    court: Court, pick: Callable[[int], Choose]
) -> None:
    found = court.judged(court.call(THREADS))
    assert found is not None
    assert found.undecided
    assert court.judged(court.call(THREADS), choose=pick(1)) is None
    found = court.judged(court.call(THREADS), choose=pick(7))
    assert found is not None
    assert not found.undecided


def test_smcs_of_a_handler_are_the_callers(court: Court) -> None:
    assert court.judged(court.call(MIGRATE, 1)) is None
    found = court.judged(court.call(MIGRATE))
    assert found is not None
    assert found.send == 1
    assert "0xb200000e" in found.expected
    assert court.judged(court.call(MIGRATE, 1, caller=1)) is not None


def test_events_are_the_hypervisors(court: Court) -> None:
    assert catalogue.judged(court.event("destroy", 1)) is None
    assert catalogue.premise(court.event("destroy", 1))
    assert not catalogue.premise(court.event("destroy", 0))
    found = catalogue.judged(court.event("scrub", 1))  # x1 is 0
    assert found is not None
    assert "hypervisor" in found.expected


def test_leaked_registers_are_covered_only_where_no_guard_reads_them(hear: Hear) -> None:
    court = hear(
        "domain vm { id = 1; }\ncallee firmware { fast 0..4; }\n"
        "allow vm -> firmware : 0x84000000;\n"
        "allow vm -> firmware : 0x84000001 when sent.x4 == 0;\n"
        "rule a : fid in { 0x84000000, 0x84000001 } => forward { x4 = leaked; };\n"
        "otherwise => return NOT_SUPPORTED;",
        "no_unauthorized_forwarding",
    )
    assert court.judged(court.call(0x8400_0000)) is None
    found = court.judged(court.call(0x8400_0001))
    assert found is not None
    assert found.undecided


def test_a_violation_goes_before_a_doubt(hear: Hear) -> None:
    court = hear(
        "use psci 1.1;\ndomain vm { id = 1; }\ncallee tee { fast 48..63; }\n"
        "allow vm -> tee : 0xb2000000 when sent.x1 == 0;\n"
        "handler h {\n"
        "on psci.CPU_OFF => return 0 reaches tee with { x0 = 0xb2000000; x1 = any; }\n"
        "    reaches tee with { x0 = 0xb2000001; };\n"
        "otherwise => return 0 reaches tee with { x0 = 0xb2000000; x1 = any; }\n"
        "    reaches tee with { x0 = 0xb2000000; x1 = 0; }; }\n"
        "rule a : psci.* => handle h;\notherwise => return -1;",
        "no_unauthorized_forwarding",
    )
    found = court.judged(court.call(0x8400_0002))
    assert found is not None
    assert not found.undecided
    assert found.send == 1
    found = court.judged(court.call(0x8400_0000))
    assert found is not None
    assert found.undecided
    assert found.send == 0


def test_an_allow_is_for_its_callee_only(hear: Hear) -> None:
    body = (
        "domain vm { id = 1; }\ncallee firmware { fast 0..4; }\ncallee tee { fast 48..63; }\n"
        "allow vm -> firmware : 0xb2000000;\nallow vm -> tee : 0xb2000001;\n"
        "otherwise => forward;"
    )
    court = hear(body, "no_unauthorized_forwarding")
    assert court.judged(court.call(0xB200_0000)) is not None
    assert court.judged(court.call(0xB200_0001)) is None
    court = hear(body, "least_privilege")
    assert court.witnessed(court.call(0xB200_0000)) == frozenset()
    assert court.witnessed(court.call(0xB200_0001)) == {court.goals[1]}


def test_identifier_and_guard_must_hold_of_the_same_value(hear: Hear) -> None:
    body = (
        "domain vm { id = 1; }\ncallee tee { fast 48..63; }\n"
        "allow vm -> tee : 0xb2000000 when sent.x0 != 0xb2000000;\n"
        "allow vm -> tee : 0xb2000001 when sent.x0 == 0xb2000001;\n"
        "rule a : fid == 1 => forward { x0 = any in { 0xb2000000, 0xb2000001 }; };\n"
        "rule b : fid == 2 => forward { x0 = any in { 0xb2000001 }; };\n"
        "otherwise => return -1;"
    )
    court = hear(body, "no_unauthorized_forwarding")
    found = court.judged(court.call(1))
    assert found is not None
    assert "0xb2000000" in found.expected
    assert court.judged(court.call(2)) is None
    court = hear(body, "least_privilege")
    assert court.witnessed(court.call(1)) == {court.goals[1]}


def test_an_identifier_that_is_allowed_nowhere_needs_no_guard(hear: Hear) -> None:
    court = hear(
        "domain vm { id = 1; }\ncallee tee { fast 48..63; }\n"
        "allow vm -> tee : 0xb2000000 when sent.x1 == 0;\n"
        "otherwise => forward { x0 = any in { 0xb2000000, 0xb2000001 }; x1 = any; };",
        "no_unauthorized_forwarding",
    )
    found = court.judged(court.call(1))
    assert found is not None
    assert not found.undecided


TINY = """
    domain a { id = 1; }
    domain b { id = 2; }
    callee fw { fast 0..1; }
    allow a -> fw : tsvc.ON.smc32 when sent.x2 == 1;
    allow b -> fw : tsvc.ON when sent.x1 != 3;
    rule on : tsvc.ON => forward { x1 = any in 0..x1; x2 = caller.id[1:0]; };
    rule map : tsvc.MAP => forward { x2 = leaked; };
    otherwise => return NOT_SUPPORTED;
"""


def test_on_the_tiny_machine(tiny: Hear) -> None:
    court = tiny(TINY, "no_unauthorized_forwarding")
    assert court.judged(court.call(0x20, 3)) is None
    assert court.judged(court.call(0x30, 3)) is not None
    assert court.judged(court.call(0x20, 2, caller=1)) is None
    found = court.judged(court.call(0x20, 3, caller=1))
    assert found is not None
    assert not found.undecided
    assert court.judged(court.call(0x21)) is not None


# ---- least_privilege -----------------------------------------------------------------------


def test_goals_are_the_allows_by_text_and_line(hear: Hear) -> None:
    court = hear(BODY, "least_privilege")
    assert [goal.partition(" (line")[0] for goal in court.goals] == [
        "allow dom0 -> firmware",
        "allow client -> tee",
        "allow hypervisor -> tee",
        "allow dom0 -> tee",
    ]
    assert len(set(court.goals)) == 4


def test_goals_on_one_line_differ_by_column(hear: Hear) -> None:
    court = hear(
        "domain vm { id = 1; }\ncallee firmware { fast 0..4; }\n"
        "allow vm -> firmware : 1; allow vm -> firmware : 2;\notherwise => return 0;",
        "least_privilege",
    )
    assert len(set(court.goals)) == 2
    assert all("column" in goal for goal in court.goals)


def test_goals_of_an_included_file_say_which(tmp_path: Path) -> None:
    (tmp_path / "rights.smc").write_text("smcproof 1;\nallow vm -> firmware : 1;\n")
    text = (
        'smcproof 1;\ninclude "rights.smc";\npolicy p at el2 {\ndomain vm { id = 1; }\n'
        "callee firmware { fast 0..4; }\notherwise => return 0;\nprove least_privilege;\n}\n"
    )
    loaded = load_source(Source(str(tmp_path / "p.smc"), text))
    assert loaded.policy is not None
    (goal,) = catalogue.goals(loaded.policy, loaded.policy.claims[0])
    assert goal.startswith("allow vm -> firmware (")
    assert goal.endswith("rights.smc line 2)")


def test_witnesses_are_the_allows_that_cover_an_smc(
    hear: Hear, pick: Callable[[int], Choose]
) -> None:
    court = hear(BODY, "least_privilege")
    firmware, client, hypervisor, cache = court.goals
    assert court.witnessed(court.call(VERSION)) == {firmware}
    assert court.witnessed(court.call(VERSION, caller=1)) == frozenset()
    assert court.witnessed(court.call(UID)) == {client}  # in the run where x7 is 1
    assert court.witnessed(court.call(THREADS)) == frozenset()  # no run was chosen
    assert court.witnessed(court.call(THREADS), choose=pick(1)) == {client}
    assert court.witnessed(court.call(MIGRATE)) == {firmware}
    assert court.witnessed(court.call(SHM)) == frozenset()
    assert court.holding(lent=1).witnessed(court.call(SHM)) == {cache}
    assert catalogue.witnessed(court.event("destroy", 2)) == {hypervisor}
    assert catalogue.witnessed(court.event("destroy", 0)) == frozenset()


def test_least_privilege_on_the_tiny_machine(tiny: Hear) -> None:
    court = tiny(TINY, "least_privilege")
    assert court.witnessed(court.call(0x20, 3)) == {court.goals[0]}
    assert court.witnessed(court.call(0x30, 3, caller=1)) == {court.goals[1]}
    assert court.witnessed(court.call(0x30, 3)) == frozenset()
