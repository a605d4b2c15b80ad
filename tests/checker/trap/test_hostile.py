"""Whatever a dispatcher does comes back as a typed result, and the next call is made [TRAP-NEXT]."""

import time

import pytest

from smcproof.checker.trap import callers, layout
from smcproof.checker.trap.batch import Answer, Batch
from smcproof.checker.trap.machine import Machine
from smcproof.checker.trap.results import (
    Bound,
    Exceeded,
    Faulted,
    FaultKind,
    Injected,
    Lost,
    Results,
    Resumed,
)
from smcproof.checker.trap.sysreg import NAMED
from smcproof.spec.call import Conduit
from tests.checker.trap.dispatchers import (
    ADVANCE,
    DATA,
    GOOD,
    TEXT,
    framed,
    framed_program,
    writable_text,
)

BAD = 5
UNDER_TEST = TEXT + 0x800 + 8 * 4
"""After the vectors and the eight instructions of the good path."""
AT = 2
"""Which call of ``ordeal`` reaches the code under test."""


def ordeal(machine: Machine, *, counted: bool = False) -> Results:
    """Two good calls, a bad one, two good ones."""
    batch = Batch()
    for w0 in (GOOD, GOOD, BAD, GOOD, GOOD):
        batch.add((w0, 0x111, 0x222))
    return machine.run(batch, counted=counted)


def good(results: Results, *indices: int) -> bool:
    """Whether these calls were answered as they should be."""
    return all(
        results.ending(index) == Resumed(results.site(index).address + 4, 4)
        and results[index].x[0] == 1
        for index in indices
    )


def kept(results: Results, index: int) -> bool:
    """Whether the caller's registers are as they were, but x0, x1 and x29, which the frame uses."""
    before, after = results.batch.registers(index), results[index].x
    return before[2:29] == after[2:29] and before[30] == after[30]


def faulted(handler: str, **more: object) -> Faulted:
    """How the bad call ends; the good ones are not disturbed."""
    results = ordeal(Machine(framed(handler, **more)))
    assert good(results, 0, 1, 3, 4)
    ending = results.ending(AT)
    assert isinstance(ending, Faulted)
    return ending


def resumed(handler: str) -> Resumed:
    results = ordeal(Machine(framed(handler)))
    assert good(results, 0, 1, 3, 4)
    ending = results.ending(AT)
    assert isinstance(ending, Resumed)
    return ending


def address(value: int, register: str = "x1") -> str:
    """Code that loads a constant."""
    parts = [value >> shift & 0xFFFF for shift in (0, 16, 32, 48)]
    lines = [f"        movz {register}, #{parts[0]}"]
    lines += [
        f"        movk {register}, #{part}, lsl #{16 * at}" for at, part in enumerate(parts) if at
    ]
    return "\n".join(lines) + "\n"


# -- memory ---------------------------------------------------------------------------------------

FOREIGN = {
    "unmapped": 0x1238,
    "null": 0,
    "last": 2**64 - 8,
    "non-canonical": 0x7FFF_FFFF_FFFF_FFF8,
    "call table": layout.CALLS.base + 8,
    "results": layout.RESULTS.base + 8,
    "caller variables": layout.CALLER_VARS.base + 8,
    "caller code": layout.CALLER_CODE.base + 8,
    "stubs": layout.STUBS[layout.Level.EL1].base + 8,
    "callee frame": layout.CALLEE_FRAME.base + 8,
    "callee code": layout.CALLEE_CODE.base + 8,
    "log": layout.LOG.base + 8,
    "below the stack": layout.stack(16384).base - 8,
    "above the stack": layout.STACK_TOP,
}


@pytest.mark.parametrize("where", FOREIGN)
@pytest.mark.parametrize("size", [1, 8])
def test_a_stray_write_is_seen_with_address_and_value(where: str, size: int) -> None:
    store = {1: "strb w2, [x1]", 8: "str x2, [x1]"}[size]
    found = faulted(address(FOREIGN[where]) + f"        {store}\n" + ADVANCE)
    assert (found.kind, found.level) == (FaultKind.WRITE, layout.Level.EL2)
    assert (found.address, found.value) == (FOREIGN[where], 0x222 % 2 ** (8 * size))
    assert found.size == size


@pytest.mark.parametrize("where", FOREIGN)
def test_a_stray_read_is_seen_with_its_address(where: str) -> None:
    found = faulted(address(FOREIGN[where]) + "        nop\n        ldr x2, [x1]\n" + ADVANCE)
    assert (found.kind, found.address, found.size) == (FaultKind.READ, FOREIGN[where], 8)
    assert found.registers.x[1] == FOREIGN[where]
    assert found.registers.pc == UNDER_TEST + 5 * 4


@pytest.mark.parametrize(
    ("instruction", "kind"),
    [
        ("ldp x2, x3, [x1]", FaultKind.READ),
        ("stp x2, x3, [x1]", FaultKind.WRITE),
        ("ldxr x2, [x1]", FaultKind.READ),
        ("dc zva, x1", FaultKind.WRITE),
        ("str q0, [x1]", FaultKind.WRITE),
        ("ldr x2, [x1], #8", FaultKind.READ),
    ],
)
def test_every_kind_of_access(instruction: str, kind: FaultKind) -> None:
    found = faulted(address(0x8000) + f"        {instruction}\n" + ADVANCE)
    assert (found.kind, found.address) == (kind, 0x8000)


def test_a_write_that_leaves_the_own_page() -> None:
    end = DATA + layout.PAGE
    found = faulted(address(end - 4) + "        str x2, [x1]\n" + ADVANCE)
    assert (found.kind, found.address) == (FaultKind.WRITE, end)


def test_code_is_not_writable() -> None:
    found = faulted("        adr x1, vectors\n        str wzr, [x1]\n" + ADVANCE)
    assert (found.kind, found.address) == (FaultKind.WRITE, TEXT)


def test_an_lse_atomic_on_foreign_memory() -> None:
    """Only the model ``max`` has them [TRAP-MEMORY]."""
    handler = address(0x8000) + "        .word 0xf8230022\n" + ADVANCE  # ldadd x3, x2, [x1]
    results = ordeal(Machine(framed(handler), cpu="max"))
    ending = results.ending(AT)
    assert isinstance(ending, Faulted)
    assert ending.address == 0x8000
    assert good(results, 0, 1, 3, 4)


def test_stack_overflow() -> None:
    found = faulted("1:      stp x0, x1, [sp, #-16]!\n        b 1b\n")
    bottom = layout.stack(16384).base
    assert (found.kind, found.address) == (FaultKind.WRITE, bottom - 16)


# -- control flow ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target",
    [
        0,
        0x1234,
        2**64 - 4,
        DATA,
        layout.STACK_TOP - 64,
        layout.CALLER_CODE.base,
        layout.STUBS[layout.Level.EL1].base + 4,
        layout.CALLEE_CODE.base,
    ],
)
def test_wild_branch(target: int) -> None:
    found = faulted(address(target) + "        br x1\n")
    assert (found.kind, found.address) == (FaultKind.FETCH, target)
    assert (found.registers.pc, found.level) == (target, layout.Level.EL2)


def test_branch_to_an_address_that_is_not_aligned() -> None:
    assert faulted("        adr x1, handler + 2\n        br x1\n").kind is FaultKind.MISALIGNED


def test_running_off_the_end_of_the_code() -> None:
    found = faulted(
        "        b 1f\n        .balign 4096\n        .space 4088\n1:      nop\n        nop\n"
    )
    assert found.kind is FaultKind.FETCH
    assert found.address == TEXT + 2 * layout.PAGE


@pytest.mark.parametrize(
    ("instruction", "kind"),
    [
        (".word 0", FaultKind.UNDEFINED),
        ("hlt #7", FaultKind.UNDEFINED),
        ("mrs x1, S3_0_C12_C12_5", FaultKind.UNDEFINED),
        ("mrs x1, scr_el3", FaultKind.UNDEFINED),
        ("brk #7", FaultKind.BREAKPOINT),
        ("svc #0", FaultKind.BREAKPOINT),  # its own vector at 0x200, which holds BRK
        ("hvc #0", FaultKind.BREAKPOINT),
        ("wfi", FaultKind.HALTED),
    ],
)
def test_instructions_that_end_the_dispatcher(instruction: str, kind: FaultKind) -> None:
    """Each is a fault of its own kind [TRAP-FAULT]."""
    found = faulted(f"1:      {instruction}\n        b 1b\n")
    assert (found.kind, found.level) == (kind, layout.Level.EL2)


# -- bounds ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "loop",
    ["1:      b 1b\n", "1:      add x5, x5, #1\n        wfe\n        b 1b\n"],
)
@pytest.mark.parametrize("counted", [False, True])
def test_endless_loop(loop: str, counted: bool) -> None:
    """Ends at the limit of instructions; found by time if they were not counted [TRAP-BOUND]."""
    machine = Machine(framed(loop), limit=1000, seconds=0.1)
    results = ordeal(machine, counted=counted)
    ending = results.ending(AT)
    assert isinstance(ending, Exceeded)
    assert ending.bound is Bound.INSTRUCTIONS
    assert ending.instructions is not None
    assert 1000 < ending.instructions < 1010
    assert good(results, 0, 1, 3, 4)


def test_an_endless_loop_ends_the_same_every_time() -> None:
    """The registers at the limit do not depend on when the time was up."""
    loop = "1:      add x5, x5, #1\n        b 1b\n"
    dumps = []
    for _ in range(3):
        ending = ordeal(Machine(framed(loop), seconds=0.05)).ending(AT)
        assert isinstance(ending, Exceeded)
        dumps.append(ending.registers)
    assert dumps[0] == dumps[1] == dumps[2]


def test_a_hang_undoes_and_repeats_the_calls_before_it() -> None:
    """State that earlier calls of the chunk left is that of one run, not of two."""
    handler = (
        """
        adr     x3, cell
        ldr     x4, [x3]
        add     x4, x4, #1
        str     x4, [x3]
        cmp     x4, #3
        b.eq    .
        mov     x0, x4
"""
        + ADVANCE
    )
    machine = Machine(framed(handler), limit=500, seconds=0.1, observe=[DATA])
    batch = Batch()
    for _ in range(5):
        batch.add((BAD,))
    results = machine.run(batch)
    assert [call.observed[0] for call in results] == [1, 2, 3, 4, 5]
    assert [type(call.ending) for call in results] == [Resumed, Resumed, Exceeded, Resumed, Resumed]


def test_endless_calls_to_the_callee() -> None:
    results = ordeal(Machine(framed("1:      smc #0\n        b 1b\n"), seconds=5))
    ending = results.ending(AT)
    assert isinstance(ending, Exceeded)
    assert ending.bound is Bound.SENDS
    assert len(results.sends(AT)) > 1000
    assert results.sends(AT)[-1].x[1] == 0
    assert good(results, 0, 1, 3, 4)


def test_a_thousand_sends_are_no_runaway() -> None:
    """As many SMCs as the log holds are drained, not refused; each is observed."""
    handler = (
        "        mov x20, #1000\n1:      smc #0\n        sub x20, x20, #1\n        cbnz x20, 1b\n"
    )
    results = ordeal(Machine(framed(handler + ADVANCE)))
    assert isinstance(results.ending(AT), Resumed)
    assert len(results.sends(AT)) == 1000
    batch = Batch()
    for _ in range(5):
        batch.add((BAD,))
    five = Machine(framed(handler + ADVANCE)).run(batch)
    assert [len(call.sends) for call in five] == [1000] * 5


def test_time_is_bounded() -> None:
    """Twenty calls that hang cost twenty times the bound, give or take; each ends as one alone."""
    batch = Batch()
    for at in range(40):
        batch.add((BAD if at % 2 else GOOD,))
    started = time.monotonic()
    results = Machine(framed("        b .\n"), seconds=0.05).run(batch)
    assert time.monotonic() - started < 6
    assert good(results, *range(0, 40, 2))
    for at in range(1, 40, 2):
        ending = results.ending(at)
        assert isinstance(ending, Exceeded)
        assert ending.bound is Bound.INSTRUCTIONS


def test_what_left_before_a_hang_stays_known() -> None:
    """The log is neither lost nor doubled where calls are made again."""
    handler = "        smc #0\n        cmp x1, #7\n        b.eq .\n" + ADVANCE
    batch = Batch()
    for at in range(600):
        answer = Answer((1, 7 if at in (5, 9, 300, 550) else 0))
        batch.add((0xC200_0001, at), answers=[answer])
    results = Machine(framed(handler), limit=500, seconds=0.05).run(batch)
    assert [call.sends[0].x[1] for call in results] == list(range(600))
    assert [len(call.sends) for call in results] == [1] * 600
    hung = [at for at in range(600) if isinstance(results.ending(at), Exceeded)]
    assert hung == [5, 9, 300, 550]


# -- returns --------------------------------------------------------------------------------------


@pytest.mark.parametrize("delta", [-8, -4, 0, 4, 8, 12, 16, 20])
@pytest.mark.parametrize("audit", [False, True])
def test_where_the_caller_resumes(delta: int, audit: bool) -> None:
    """PC in bytes from the call instruction, exactly [TRAP-RESUME]."""
    step = f"add x1, x1, #{delta}" if delta >= 0 else f"sub x1, x1, #{-delta}"
    machine = Machine(
        framed(f"        mrs x1, elr_el2\n        {step}\n        msr elr_el2, x1\n        eret\n")
    )
    batch = Batch()
    batch.add((GOOD,))
    batch.add((BAD, 0x111, 0x222), audit=audit)
    batch.add((GOOD,))
    results = machine.run(batch)
    assert results.ending(1) == Resumed(results.site(1).address + delta, delta)
    assert kept(results, 1)
    assert good(results, 0, 2)


@pytest.mark.parametrize("target", [0, 0x1234, 0x4000_0000, 0xFFFF_0000_0000_0000])
def test_resuming_elsewhere(target: int) -> None:
    handler = address(target) + "        msr elr_el2, x1\n        eret\n"
    found = resumed(handler)
    assert found.address == target


def test_resuming_at_the_call_is_not_an_endless_loop() -> None:
    """The call is executed again, and that is where it ends [TRAP-AGAIN]."""
    machine = Machine(framed("        eret\n"))
    batch = Batch()
    for _ in range(50):
        batch.add((BAD,))
    results = machine.run(batch)
    assert all(call.ending == Resumed(results.site(i).address, 0) for i, call in enumerate(results))


def test_resuming_a_forwarded_call_at_the_call() -> None:
    """Also where each round goes to EL3 and back."""
    results = ordeal(Machine(framed("        smc #0\n        eret\n")))
    assert results.ending(AT) == Resumed(results.site(AT).address, 0)
    assert len(results.sends(AT)) == 1
    assert good(results, 0, 1, 3, 4)


@pytest.mark.parametrize(
    ("spsr", "pstate"),
    [
        (0x00, 0x00),  # EL0
        (0x04, 0x04),  # EL1t
        (0x05, 0x05),  # EL1h
        (0x10, 0x10),  # AArch32 User
    ],
)
def test_the_level_and_state_that_the_caller_resumes_in(spsr: int, pstate: int) -> None:
    handler = f"        mov x1, #{spsr}\n        msr spsr_el2, x1\n" + ADVANCE
    results = ordeal(Machine(framed(handler)))
    assert results.ending(AT) == Resumed(results.site(AT).address + 4, 4)
    assert results[AT].pstate == pstate
    assert good(results, 0, 1, 3, 4)


@pytest.mark.parametrize("spsr", [0x08, 0x09, 0x0C, 0x0D, 0x03, 0x13, 0x1F])
def test_returns_to_the_own_level_and_illegal_returns(spsr: int) -> None:
    """EL2t and EL2h; EL3, a reserved mode and AArch32 at EL1 under HCR_EL2.RW, which are illegal:
    the dispatcher then runs at EL2 where only the caller may [TRAP-AARCH32]."""
    found = faulted(f"        mov x1, #{spsr}\n        msr spsr_el2, x1\n" + ADVANCE)
    assert (found.kind, found.level) == (FaultKind.FETCH, layout.Level.EL2)


def test_resuming_in_the_callers_loop() -> None:
    """The harness's own code is the one place where a wild resume can hide: the call is lost or the
    loop faults, and the calls after it are not disturbed."""
    machine = Machine(framed(address(next_call()) + "        msr elr_el2, x1\n        eret\n"))
    results = ordeal(machine)
    assert isinstance(results.ending(AT), Lost | Faulted)
    assert results.sends(AT + 1) == ()
    assert good(results, 0, 1, 3, 4)


def next_call() -> int:
    return callers.program().symbol("next_el1")


# -- registers ------------------------------------------------------------------------------------


def test_lower_level_switched_to_big_endian() -> None:
    """SCTLR_EL1.EE breaks the callers' loop; it is put right and the next call is made [TRAP-STATE]."""
    set_ee = (
        "        mrs x1, sctlr_el1\n        orr x1, x1, #(1 << 25)\n        msr sctlr_el1, x1\n"
    )
    assert faulted(set_ee + ADVANCE).kind is FaultKind.CALLER


@pytest.mark.parametrize(
    "trap",
    [
        "        mov x1, #0x400\n        msr cptr_el2, x1\n",
        "        msr cpacr_el1, xzr\n",
    ],
)
def test_a_dispatcher_may_trap_simd(trap: str) -> None:
    """The landings use a SIMD register; where that traps the harness does without [TRAP-RESUME]."""
    machine = Machine(framed(trap + ADVANCE))
    for _ in range(2):
        results = ordeal(machine)
        assert results.ending(AT) == Resumed(results.site(AT).address + 4, 4)
        assert kept(results, AT)
        assert good(results, 0, 1, 3, 4)


def test_the_trap_of_smc_switched_off() -> None:
    """Without HCR_EL2.TSC the call reaches the callee without the dispatcher."""
    handler = address(0x8000_0000) + "        msr hcr_el2, x1\n" + ADVANCE
    results = ordeal(Machine(framed(handler)))
    assert len(results.sends(AT)) == 0
    assert [len(results.sends(index)) for index in (3, 4)] == [1, 1]
    assert results.sends(3)[0].x[:2] == (GOOD, 0x111)
    assert results.ending(3) == Resumed(results.site(3).address + 4, 4)


def test_hvc_switched_off() -> None:
    """Without SCR_EL3.HCE an HVC is UNDEFINED at EL1, which its own vector takes [TRAP-INJECTION]."""
    image = framed(ADVANCE, sysregs=((NAMED["scr_el3"], 1 << 10 | 1),))
    batch = Batch()
    batch.add((GOOD,))
    batch.add((GOOD,), conduit=Conduit.HVC)
    ending = Machine(image).run(batch).ending(1)
    assert isinstance(ending, Injected)
    assert (ending.vector, ending.esr, ending.elr_delta) == (0x200, 0x0200_0000, 0)


def test_vectors_moved_into_nothing() -> None:
    handler = address(0x8000) + "        msr vbar_el2, x1\n" + ADVANCE
    results = ordeal(Machine(framed(handler)))
    assert isinstance(results.ending(AT), Resumed)
    for index in (3, 4):
        ending = results.ending(index)
        assert isinstance(ending, Faulted)
        assert (ending.kind, ending.address) == (FaultKind.FETCH, 0x8400)


def test_a_fault_leaves_the_stack_where_it_was() -> None:
    """A call that ends in the middle does not shift the dispatcher's stack for the next."""
    handler = "        stp x0, x1, [sp, #-512]!\n        .word 0\n"
    machine = Machine(framed(handler), observe=[DATA])
    batch = Batch()
    for _ in range(100):
        batch.add((BAD,))
    stacks = {
        call.ending.registers.sp for call in machine.run(batch) if isinstance(call.ending, Faulted)
    }
    assert stacks == {layout.STACK_TOP - 512}


# -- code that changes itself ---------------------------------------------------------------------

SELF_MODIFYING = """
        adr     x1, 1f
        ldr     w2, [x1]
        add     w2, w2, #(1 << 5)               /* the immediate of MOVZ */
        str     w2, [x1]
        dc      cvau, x1
        dsb     ish
        ic      ivau, x1
        dsb     ish
        isb
1:      movz    x0, #7
"""


def test_code_that_changes_itself() -> None:
    """Faults in an image whose code is read-only, and works in one whose code is writable."""
    assert faulted(SELF_MODIFYING + ADVANCE).kind is FaultKind.WRITE
    machine = Machine(writable_text(framed(SELF_MODIFYING + ADVANCE)))
    batch = Batch()
    for _ in range(4):
        batch.add((BAD,))
    assert [call.x[0] for call in machine.run(batch)] == [8, 9, 10, 11]


def test_code_that_changes_the_immediate_of_its_call() -> None:
    """No syndrome is remembered for an instruction that may change [TRAP-CODE]."""
    handler = """
        adr     x1, 1f
        ldr     w2, [x1]
        add     w2, w2, #(1 << 5)
        str     w2, [x1]
        dsb     ish
        ic      ivau, x1
        dsb     ish
        isb
1:      smc     #0
"""
    machine = Machine(writable_text(framed(handler + ADVANCE)))
    batch = Batch()
    for _ in range(4):
        batch.add((BAD,))
    seen = [call.sends[0].esr for call in machine.run(batch)]
    assert seen == [0x5E00_0001, 0x5E00_0002, 0x5E00_0003, 0x5E00_0004]


def test_framed_handlers_are_where_the_tests_think() -> None:
    assert framed_program(ADVANCE).symbol("vectors") == TEXT
