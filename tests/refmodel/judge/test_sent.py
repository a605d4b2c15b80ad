"""Properties of what a domain's SMCs carry: `client_id`, `lifecycle_only_hypervisor`,
`arguments_in_domain`, `args_width`, `psci_virtual`, `cpu_targets_own`."""

from collections.abc import Callable

import pytest

from smcproof.refmodel.judge import catalogue
from smcproof.refmodel.judge.client_id import namesake
from smcproof.refmodel.registers import Choose
from smcproof.spec.word import truncate
from tests.refmodel.judge.court import Court, Hear

CALLEES = "callee firmware { fast 0..4; }\n"


def test_client_id(hear: Hear) -> None:
    court = hear(
        "use optee;\ndomain vm { id = 5; }\ndomain peer { id = 0x1_0000_0005; }\n"
        "domain wide { id = 0x2_0000_0006; }\ndomain zero { id = 0x1_0000_0000; }\n"
        "domain guest[i in 1..100] { id = 1000 + i; }\ndomain odd { id = 1030; }\n"
        + CALLEES
        + "callee tee { fast 48..63; lifecycle optee.VM_CREATED; }\n"
        "handler h { otherwise => return 0 reaches tee with { x0 = 0xb2000000; x7 = caller.id; }\n"
        "reaches tee with { x0 = 0xb2000000; }; }\n"
        "rule a : fid == 0xb2000001 => forward { x7 = caller.id; };\n"
        "rule b : fid == 0xb2000002 => forward;\n"
        "rule c : fid == 0xb2000003 => forward { x7 = caller.id + 0x7_0000_0000; };\n"
        "rule d : fid == 0xb2000004 => forward { x7 = any in { 6, 0x4_0000_0006 }; };\n"
        "rule e : fid == 0xb2000005 => forward { x7 = any in 6..7; };\n"
        "rule f : fid == 0xb2000006 => handle h;\n"
        "rule g : fid == 0x84000000 => forward;\notherwise => return -1;",
        "client_id(tee)",
    )
    wide = 2
    assert court.premise(court.call(0xB200_0001))
    assert not court.premise(court.call(0x8400_0000))
    assert not court.premise(court.call(7))
    assert court.judged(court.call(0x8400_0000)) is None
    assert court.judged(court.call(0xB200_0001, caller=wide)) is None
    assert court.judged(court.call(0xB200_0002, caller=wide)) is not None
    assert court.judged(court.call(0xB200_0002, *(0,) * 6, 6, caller=wide)) is None
    assert court.judged(court.call(0xB200_0003, caller=wide)) is None  # compared in w7
    assert court.judged(court.call(0xB200_0004, caller=wide)) is None  # all values are 6 in w7
    assert court.judged(court.call(0xB200_0005, caller=wide)) is not None
    found = court.judged(court.call(0xB200_0006, caller=wide))
    assert found is not None
    assert found.send == 1
    for caller, other in ((0, "`peer`"), (1, "`vm`"), (3, "the hypervisor"), (33, "`odd`")):
        found = court.judged(court.call(0xB200_0001, caller=caller))
        assert found is not None, caller
        assert found.actual.startswith(other), caller
    assert court.judged(court.call(0xB200_0001, caller=34)) is None
    assert not catalogue.premise(court.event("destroy", 0))


@pytest.mark.parametrize(
    ("base", "step", "count"), [(1, 1, 3), (3, 2, 9), (5, 0, 4), (7, 3, 40), (2, 4, 10), (0, 6, 20)]
)
def test_namesakes_are_found_among_all_members(
    hear: Hear, base: int, step: int, count: int
) -> None:
    court = hear(
        "hypervisor { id = 0x30; }\n"
        f"domain g[i in 0..{count - 1}] {{ id = {base} + {step} * i; }}\n"
        "domain single { id = 0x19; }\notherwise => return 0;",
        "pc_rule",
    )
    policy = court.policy
    ids = [truncate(policy.domain_id(at), 4) for at in range(policy.domain_count)]
    for caller in range(policy.domain_count):
        shared = ids.count(ids[caller]) > 1 or ids[caller] == 0
        assert (namesake(policy, caller, 4) is not None) == shared, caller


def test_client_id_on_the_tiny_machine(tiny: Hear) -> None:
    court = tiny(
        "domain a { id = 1; }\ndomain b { id = 1; }\ndomain c { id = 2; }\n"
        "callee fw { fast 0..1; }\n"
        "rule a : fid == 0x20 => forward { x2 = caller.id[1:0]; };\notherwise => forward;",
        "client_id(fw)",
    )
    assert court.judged(court.call(0x20)) is not None  # b is 1 too
    assert court.judged(court.call(0x20, caller=2)) is None
    assert court.judged(court.call(0x21, 0, 2, caller=2)) is None
    assert court.judged(court.call(0x21, 0, 1, caller=2)) is not None


def test_lifecycle_only_hypervisor(hear: Hear) -> None:
    court = hear(
        "use optee;\ndomain vm { id = 1; }\n"
        + CALLEES
        + "callee tee { fast 48..63; lifecycle optee.VM_CREATED, optee.VM_DESTROYED; }\n"
        "rule a : fid == 0xb2000000 => forward { x0 = optee.VM_CREATED; };\n"
        "rule b : fid == 0xb2000001 => forward { x0 = any in { 0xb200000e, 0xb200000f }; };\n"
        "rule c : fid == 0x84000000 => forward;\n"
        "rule d : fid in { 0xb2000002, 0xb201000d, 0xb202000d } => forward;\n"
        "otherwise => return -1;\non destroy(d) => forward { x0 = optee.VM_DESTROYED; };",
        "lifecycle_only_hypervisor(tee)",
    )
    assert court.premise(court.call(0xB200_0002))
    assert not court.premise(court.call(0x8400_0000))
    for fid, bad in (
        (0xB200_0002, False),
        (0xB200_0000, True),
        (0xB200_0001, True),  # may be VM_DESTROYED
        (0x8400_0000, False),
        (0xB201_000D, True),  # VM_CREATED, hinted
        (0xB202_000D, False),  # a must-be-zero bit: no function
    ):
        assert (court.judged(court.call(fid)) is not None) == bad, hex(fid)
    assert catalogue.judged(court.event("destroy", 0)) is None


def test_lifecycle_functions_matter_where_they_arrive(hear: Hear) -> None:
    court = hear(
        "domain vm { id = 1; }\n"
        + CALLEES
        + "callee tee { fast 48..63; lifecycle 0x84000000, 0xb2000000; }\notherwise => forward;",
        "lifecycle_only_hypervisor(tee)",
    )
    assert bad(court, 0xB200_0000)
    assert not bad(court, 0x8400_0000)


def test_lifecycle_needs_declared_functions(hear: Hear) -> None:
    court = hear(
        "domain vm { id = 1; }\n" + CALLEES + "otherwise => forward;",
        "lifecycle_only_hypervisor(firmware)",
    )
    assert not court.premise(court.call(0x8400_0000))


MEMORY = """
    use psci 1.1, ffa, optee, sdei;
    domain vm { id = 1; ram = 0x1000..0x1fff, 0x2000..0x2fff, 0x8000..0x8fff;
                machine = 0x1_0000_1000..0x1_0000_2fff, 0x9000..0x9fff; }
    domain none_at_all { id = 2; }
    callee firmware { fast 0..4; } callee tee { fast 48..63; yielding 48..63; }
    handler h { otherwise => return 0
                reaches firmware with { x0 = 0x84000014; x1 = 0x9000; x2 = 1; }
                reaches firmware with { x0 = 0x84000014; x1 = 0x9000; x2 = x2; }; }
    rule l : optee.L2CC_MUTEX => forward { x2 = any in 0..1; x3 = any in 0x9000..0x90ff; };
    rule c : optee.CALL_WITH_ARG => forward { w1 = any in { 0, 1 }; };
    rule b : optee.BOOT_SECONDARY
             => forward { x2 = any in { 0, 1 }; x3 = any in { 0x9000, 0x1000 }; };
    rule s : fid == 0xc4000012 => forward { x0 = any in { 0xc4000013, 0xc4000014 }; x2 = 1; };
    rule t : fid == 0x84000014 => forward { x1 = 0x9000; x2 = any in 0..x3; };
    rule v : fid == 0xc4000072 => forward { x3 = any in { 0, 0x9000 }; };
    rule u : fid == 0xc4000001 => forward { x2 = leaked; };
    otherwise => forward;
"""
CHECK32, CHECK64, RXTX64, SHARE32, SHARE64 = (
    0x8400_0014,
    0xC400_0014,
    0xC400_0066,
    0x8400_0073,
    0xC400_0073,
)


@pytest.fixture
def memory(hear: Hear) -> Court:
    return hear(MEMORY, "arguments_in_domain")


def bad(court: Court, *x: int, caller: int = 0) -> bool:
    found = court.judged(court.call(*x, caller=caller))
    assert found is None or not found.undecided, found
    return found is not None


def test_premise_is_an_address_that_leaves(memory: Court) -> None:
    assert memory.premise(memory.call(CHECK64))
    assert not memory.premise(memory.call(0x8400_0000))
    assert memory.premise(memory.call(0x4_C401_0014))  # by canon of what leaves
    assert not memory.premise(memory.call(0xC402_0014))


@pytest.mark.parametrize(
    ("base", "size", "wrong"),
    [
        (0x9000, 0x1000, False),
        (0x9000, 0x1001, True),
        (0x8FFF, 2, True),
        (0x1_0000_1FFF, 2, False),  # regions that touch are one
        (0x1_0000_2FFF, 1, False),
        (0x1_0000_2FFF, 2, True),
        (0x1000, 1, True),  # ram, not machine
        (0, 0, False),
        (0x5000, 0, True),
        (0x9000, 0, False),
        (0x9FFF, (1 << 64) - 1, True),
        ((1 << 64) - 1, 2, True),
    ],
)
def test_a_range_with_a_size_argument(memory: Court, base: int, size: int, wrong: bool) -> None:
    assert bad(memory, CHECK64, base, size) == wrong


def test_the_width_is_that_of_the_form_that_leaves(memory: Court) -> None:
    assert bad(memory, CHECK64, 0x7_0000_9000, 1)
    memory32 = memory.call(0x8400_0001, 0, 0x7_0000_9000)  # CPU_SUSPEND's entry, narrow
    assert memory.judged(memory32) is None
    assert bad(memory, 0xC400_000E, 0x7_0000_9000)
    assert not bad(memory, 0x8400_000E, 0x7_0000_9000)


def test_a_product_beyond_the_address_width_lies_nowhere(memory: Court) -> None:
    assert not bad(memory, RXTX64, 0x9000, 0x1_0000_1000, 1)
    assert bad(memory, RXTX64, 0x9000, 0x1_0000_1000, 2)
    assert bad(memory, RXTX64, 0x9000, 0x9000, 0x10_0000)  # 0x1_0000_0000 bytes: not a wrapped 0
    assert not bad(memory, RXTX64, 0, 0, 0)


def test_zero_may_mean_none(memory: Court) -> None:
    assert not bad(memory, SHARE64, 8, 8, 0, 100)
    assert bad(memory, SHARE64, 8, 8, 0x100, 100)
    assert not bad(memory, SHARE64, 8, 8, 0x9000, 1)
    assert not bad(memory, SHARE32, 8, 8, 0x5_0000_0000, 100)  # w3 is 0
    assert not bad(memory, 0xC400_0072, 8, 8, 0, 1)  # loose: none, or in memory
    assert bad(memory, 0xC400_0072, 8, 8, 0, 2)


def test_a_constant_size(memory: Court) -> None:
    assert not bad(memory, 0xC400_0003, 0, 0x9FFC)
    assert bad(memory, 0xC400_0003, 0, 0x9FFD)
    assert bad(memory, 0xC400_0003, 0, 0x9000, caller=1)


def test_two_registers_and_loose_values(memory: Court) -> None:
    assert bad(memory, 0xB200_0008)  # 0x1_0000_9000 is nowhere
    assert bad(memory, 0x3200_0004, 0, 0x9000)  # w1 may be 1
    assert bad(memory, 0xB200_000C)  # any of four combinations
    assert bad(memory, CHECK32, 0, 0, 0x1001)
    assert not bad(memory, CHECK32, 0, 0, 0x1000)
    assert bad(memory, 0xC400_0001, 0, 0x9000)  # leaked: every value


def test_a_loose_identifier_may_name_a_function_with_an_address(memory: Court) -> None:
    assert bad(memory, 0xC400_0012, 0x5000)
    assert not bad(memory, 0xC400_0012, 0x9000)


def test_unknown_size_lets_the_base_decide(hear: Hear, pick: Callable[[int], Choose]) -> None:
    court = hear(
        'use mine from "mine.toml";\ndomain vm { id = 1; ram = 0x1000..0x1fff; }\n'
        + CALLEES
        + "rule a : mine.LOOSE => forward { x1 = any in { 0, 0x1000 }; };\n"
        "rule b : mine.LEAK => forward { x1 = leaked; };\notherwise => forward;",
        "arguments_in_domain",
    )

    def verdict(x0: int, *x: int) -> str:
        found = court.judged(court.call(x0, *x), choose=pick(0x1000))
        return "holds" if found is None else "open" if found.undecided else "violated"

    unsized, maybe, virtual, loose, leak, both = range(0xC400_0040, 0xC400_0046)
    assert verdict(unsized, 0x1000) == "open"
    assert verdict(unsized, 0x1FFF) == "open"
    assert verdict(unsized, 0) == "open"
    assert verdict(unsized, 0x2000) == "violated"
    assert verdict(maybe, 0) == "holds"  # zero means none
    assert verdict(maybe, 0x1000) == "open"
    assert verdict(maybe, 1) == "violated"
    assert verdict(virtual, 0x1000) == "open"
    assert verdict(virtual, 0x2000) == "open"
    assert verdict(loose) == "open"
    assert verdict(leak) == "violated"
    assert verdict(both, 0x1000, 0x5000) == "violated"  # a violation goes before a doubt
    assert verdict(both, 0x1000, 0x1FFF) == "open"


def test_a_handlers_smcs_are_judged(hear: Hear) -> None:
    court = hear(
        MEMORY.replace("rule l :", "rule z : psci.MIGRATE => handle h;\nrule l :"),
        "arguments_in_domain",
    )
    found = court.judged(court.call(0x8400_0005, 0, 0x1001))
    assert found is not None
    assert found.send == 1
    assert court.judged(court.call(0x8400_0005, 0, 0x1000)) is None


def test_arguments_in_domain_on_the_tiny_machine(tiny: Hear) -> None:
    court = tiny(
        "domain a { id = 1; ram = 1..2; }\ndomain b { id = 2; ram = 0..7; }\n"
        "callee fw { fast 0..1; }\notherwise => forward;",
        "arguments_in_domain",
    )
    assert court.judged(court.call(0x21, 1)) is None
    assert court.judged(court.call(0x21, 0)) is not None
    assert court.judged(court.call(0x21, 2)) is not None  # one bit wide: 0
    assert court.judged(court.call(0x21, 3)) is None
    assert court.judged(court.call(0x21, 2, caller=1)) is None


def test_args_width(hear: Hear) -> None:
    court = hear(
        "use psci 1.1;\ndomain vm { id = 1; }\n"
        + CALLEES
        + "handler h { otherwise => return 0 reaches firmware with { x0 = 0x84000000; }; }\n"
        "rule a : fid == 0x84000001 => forward { x1..x7 = 0; x8 = any; };\n"
        "rule b : fid == 0x84000002 => forward { x1 = any in 0..0xffff_ffff; x2..x7 = 0; };\n"
        "rule c : fid == 0x84000003 => forward { x1 = any in 0..0x1_0000_0000; x2..x7 = 0; };\n"
        "rule d : fid == 0x84000004 => forward { x1..x6 = 0; x7 = leaked; };\n"
        "rule e : fid == 0xc4000001 => forward { x0 = any in { 0x84000001, 0xc4000001 }; };\n"
        "rule f : fid == 0x84000005 => handle h;\notherwise => forward;",
        "args_width",
    )
    high = 1 << 32
    assert court.premise(court.call(0x8400_0000))
    assert not court.premise(court.call(0xC400_0000))
    assert court.premise(court.call(0xC400_0001))
    assert not bad(court, 0x8400_0000, high - 1)
    for number in range(1, 8):
        registers = [0] * 8
        registers[number] = high
        assert bad(court, 0x8400_0000, *registers[1:]), number
    assert not bad(court, 0x8400_0000, *(0,) * 7, high)  # x8 is no argument register
    assert not bad(court, high | 0x8400_0000)  # nor is x0
    assert not bad(court, 0xC400_0000, high)
    assert not bad(court, 0x8400_0001, high)
    assert not bad(court, 0x8400_0002)
    assert bad(court, 0x8400_0003)
    assert bad(court, 0x8400_0004)
    assert bad(court, 0xC400_0001, high)
    assert not bad(court, 0xC400_0001, 1)
    assert bad(court, 0x8400_0005, high)
    for fid in (0, 0x3FFF_FFFF, 0x8000_0000, 0xBFFF_FFFF):
        assert bad(court, fid, high), hex(fid)
    for fid in (0x4000_0000, 0x7FFF_FFFF, 0xC000_0000, 0xFFFF_FFFF):
        assert not bad(court, fid, high), hex(fid)


def test_args_width_on_the_tiny_machine(tiny: Hear) -> None:
    court = tiny(
        "domain a { id = 1; }\ncallee fw { fast 0..1; }\notherwise => forward;", "args_width"
    )
    assert court.judged(court.call(0x20, 1, 3)) is None  # the client register is not narrowed
    assert court.judged(court.call(0x20, 2)) is not None
    assert court.judged(court.call(0x30, 2)) is None


def test_psci_virtual(hear: Hear) -> None:
    court = hear(
        "use psci 1.1;\ndomain vm { id = 1; }\n"
        + CALLEES
        + "rule a : fid == 0x85000000 => forward { x0 = psci.SYSTEM_OFF; };\n"
        "rule b : fid == 0x85000001 => forward { x0 = any in { 0x84000000, 0x84000002 }; };\n"
        "rule c : psci.CPU_ON => return 0;\notherwise => forward;\n"
        "on destroy(d) => forward { x0 = psci.SYSTEM_OFF; };",
        "psci_virtual",
    )
    assert court.premise(court.call(0x8400_0003))
    assert not court.premise(court.call(0x8400_0000))
    for x0, wrong in (
        (0x8400_0000, False),  # VERSION has no power
        (0x8400_0002, True),
        (0x1_8401_0002, True),
        (0x8400_0003, False),  # answered here
        (0x8400_0004, False),  # AFFINITY_INFO
        (0x8402_0008, False),  # a must-be-zero bit: names nothing
        (0xC400_0001, True),
        (0x8500_0000, True),
        (0x8500_0001, True),
    ):
        assert bad(court, x0) == wrong, hex(x0)
    assert not catalogue.premise(court.event("destroy", 0))
    assert catalogue.judged(court.event("destroy", 0)) is None


def test_psci_virtual_except(hear: Hear) -> None:
    body = "use psci 1.1;\ndomain vm { id = 1; }\n" + CALLEES + "otherwise => forward;"
    court = hear(body, "psci_virtual(except psci.CPU_SUSPEND, psci.CPU_OFF)")
    assert not court.premise(court.call(0x8400_0002))
    assert not bad(court, 0xC400_0001)
    assert court.premise(court.call(0x8400_0008))
    assert bad(court, 0x8400_0008)


def test_psci_virtual_without_psci(hear: Hear) -> None:
    court = hear("domain vm { id = 1; }\n" + CALLEES + "otherwise => forward;", "psci_virtual")
    assert not court.premise(court.call(0x8400_0008))
    assert court.judged(court.call(0x8400_0008)) is None


def test_cpu_targets_own(hear: Hear) -> None:
    court = hear(
        "use psci 1.1;\ndomain vm { id = 1; vcpus = 0x0, 0x100; }\n"
        "domain big { id = 2; vcpus = 0x1_0000_0000; }\n"
        + CALLEES
        + "rule a : fid == 0x84000005 => forward { x1 = any in { 0, 0x100 }; };\n"
        "rule b : fid == 0xc4000005 => forward { x1 = any in 0..1; };\n"
        "rule c : fid == 0x84000003 and x1 == 0x200 => return 0;\notherwise => forward;",
        "cpu_targets_own",
    )
    assert court.premise(court.call(0xC400_0003))
    assert not court.premise(court.call(0x8400_0000))
    assert not court.premise(court.call(0x8400_0003, 0x200))  # nothing leaves
    assert not bad(court, 0x8400_0003, 0x100)
    assert bad(court, 0x8400_0003, 0x1)
    assert not bad(court, 0x8400_0003, 0x7_0000_0100)  # narrow
    assert bad(court, 0xC400_0003, 0x7_0000_0100)
    assert not bad(court, 0xC400_0003, 1 << 32, caller=1)
    assert bad(court, 0xC400_0003, 0x100, caller=1)  # another domain's
    assert not bad(court, 0x8400_0005)
    assert bad(court, 0xC400_0005)


def test_cpu_targets_own_on_the_tiny_machine(tiny: Hear) -> None:
    court = tiny(
        "domain a { id = 1; vcpus = 0, 2; }\ncallee fw { fast 0..1; }\notherwise => forward;",
        "cpu_targets_own",
    )
    assert court.judged(court.call(0x30, 2)) is None
    assert court.judged(court.call(0x30, 1)) is not None
    assert court.judged(court.call(0x20, 2)) is None
    assert court.judged(court.call(0x20, 3)) is not None
