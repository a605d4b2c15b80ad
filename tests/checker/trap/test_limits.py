"""The limits of the emulator that spec/8 lists, measured: a version that lifts one is noticed."""

import pytest

from smcproof.checker.trap.batch import Batch
from smcproof.checker.trap.machine import Machine
from smcproof.checker.trap.results import Faulted, FaultKind, Results, Resumed
from tests.checker.trap.dispatchers import ADVANCE, framed


def run(handler: str, cpu: str = "cortex-a57") -> Results:
    batch = Batch()
    batch.add((5, 0x1111_2222_3333_4444))
    return Machine(framed(handler + ADVANCE), cpu=cpu).run(batch)


def resumed(results: Results) -> bool:
    return results.ending(0) == Resumed(results.site(0).address + 4, 4)


def undefined(results: Results) -> bool:
    ending = results.ending(0)
    return isinstance(ending, Faulted) and ending.kind is FaultKind.UNDEFINED


@pytest.mark.parametrize(
    "access",
    ["str x1, [x2, #1]", "ldr x3, [x2, #3]", "stp x1, x1, [x2, #8]", "ldar x3, [x2]"],
)
@pytest.mark.parametrize("check", ["nop", "mrs x4, sctlr_el2\n orr x4, x4, #2\n msr sctlr_el2, x4"])
def test_unaligned_accesses_do_not_fault(access: str, check: str) -> None:
    """Neither with the MMU off, where they should, nor with SCTLR_EL2.A."""
    assert resumed(run(f"        {check}\n        adr x2, cell + 1\n        {access}\n"))


def test_exclusive_accesses_fault_only_if_unaligned() -> None:
    """With the MMU off memory is Device memory, where they are not architecturally performed."""
    assert resumed(run("        adr x2, cell\n        ldxr x3, [x2]\n        stxr w4, x1, [x2]\n"))
    ending = run("        adr x2, cell + 1\n        ldxr x3, [x2]\n").ending(0)
    assert isinstance(ending, Faulted)
    assert ending.kind is FaultKind.ALIGNMENT


def test_sp_alignment_is_not_checked() -> None:
    check = "        mrs x4, sctlr_el2\n        orr x4, x4, #8\n        msr sctlr_el2, x4\n"
    assert resumed(
        run(check + "        sub sp, sp, #8\n        ldr x3, [sp]\n        add sp, sp, #8\n")
    )


@pytest.mark.parametrize("level", ["el1", "el2"])
def test_translation_is_not_performed(level: str) -> None:
    """SCTLR.M with no tables changes nothing."""
    turn_on = (
        f"        mrs x4, sctlr_{level}\n        orr x4, x4, #1\n        msr sctlr_{level}, x4\n"
    )
    assert resumed(run(turn_on + "        isb\n"))


def test_stage_2_is_not_performed() -> None:
    turn_on = "        mrs x4, hcr_el2\n        orr x4, x4, #1\n        msr hcr_el2, x4\n"
    assert resumed(run(turn_on + "        isb\n"))


@pytest.mark.parametrize("cpu", ["cortex-a57", "max"])
def test_no_vhe(cpu: str) -> None:
    assert undefined(run("        mrs x4, S3_5_C12_C0_0\n", cpu))  # VBAR_EL12


def test_lse_atomics_only_on_max() -> None:
    ldadd = "        adr x2, cell\n        .word 0xf8210043\n"  # ldadd x1, x3, [x2]
    assert undefined(run(ldadd))
    assert resumed(run(ldadd, "max"))


def test_the_illegal_state_bit_is_dropped() -> None:
    """SPSR.IL set: the caller should take an Illegal Execution state exception."""
    results = run("        mov x4, #5\n        movk x4, #0x10, lsl #16\n        msr spsr_el2, x4\n")
    assert resumed(results)
    assert results[0].pstate == 0x5


@pytest.mark.parametrize("instruction", ["wfe", "yield"])
def test_wfe_and_yield_do_not_wait(instruction: str) -> None:
    assert resumed(run(f"        {instruction}\n"))


def test_software_step_does_not_act() -> None:
    step = "        mov x4, #1\n        msr mdscr_el1, x4\n        mov x4, #5\n"
    assert resumed(run(step + "        movk x4, #0x20, lsl #16\n        msr spsr_el2, x4\n"))
