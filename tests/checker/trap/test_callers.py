"""Callers: switching inside a batch, what they bring along, stubs [TRAP-CALLER]."""

import struct
from itertools import pairwise

import pytest

from smcproof.checker.trap import callers, layout
from smcproof.checker.trap.batch import Batch, slot, slot_instruction
from smcproof.checker.trap.callers import Caller, CallSite
from smcproof.checker.trap.layout import Level
from smcproof.checker.trap.machine import Machine
from smcproof.checker.trap.sysreg import NAMED
from smcproof.spec.call import Conduit
from tests.checker.trap.dispatchers import ADVANCE, DATA, GOOD, framed

SHOW = (
    """
        mrs     x0, tpidr_el2
        adr     x1, cell
        ldr     x1, [x1]
        mrs     x2, vttbr_el2
"""
    + ADVANCE
)


def people() -> list[Caller]:
    """Four callers, each with its own registers and its own word in the dispatcher's memory."""
    return [
        Caller(
            sysregs=((NAMED["tpidr_el2"], 0x1000 + number), (NAMED["vttbr_el2"], number << 48)),
            writes=((DATA, struct.pack("<Q", 0x2000 + number)),),
        )
        for number in range(4)
    ]


def test_callers_take_turns_inside_a_batch() -> None:
    """System registers and memory of each caller are applied whenever it takes over [TRAP-SWITCH]."""
    order = [0, 0, 1, 2, 2, 3, 0, 3, 1, 1] * 300
    machine = Machine(framed(SHOW), callers=people())
    batch = Batch()
    for number in order:
        batch.add((5,), caller=number)
    results = machine.run(batch)
    seen = [call.x[:3] for call in results]
    assert seen == [(0x1000 + number, 0x2000 + number, number << 48) for number in order]
    assert results.drift == ()


def test_a_caller_is_applied_when_it_takes_over_and_not_again() -> None:
    """What the dispatcher does to its registers lasts until another caller comes."""
    handler = "        mrs x0, tpidr_el2\n        add x1, x0, #0x10\n        msr tpidr_el2, x1\n"
    machine = Machine(framed(handler + ADVANCE), callers=people())
    batch = Batch()
    for number in (1, 1, 1, 2, 1, 1):
        batch.add((5,), caller=number)
    seen = [call.x[0] for call in machine.run(batch)]
    assert seen == [0x1001, 0x1011, 0x1021, 0x1002, 0x1001, 0x1011]


def test_callers_at_two_levels() -> None:
    """EL1 and EL2 take turns under a dispatcher at EL3, each with its own vectors and stacks."""
    handler = framed("        mrs x0, spsr_el3\n        eret\n".replace("elr_el2", "elr_el3"))
    machine = Machine(handler, Level.EL3, callers=[Caller(Level.EL1), Caller(Level.EL2)])
    batch = Batch()
    order = [0, 1, 1, 0, 0, 1] * 50
    for number in order:
        batch.add((5,), caller=number, sp_elx=0x7000 + 16 * number)
    results = machine.run(batch)
    for index, number in enumerate(order):
        call = results[index]
        assert call.x[0] & 0xF == (0b0101, 0b1001)[number]
        assert call.pstate == (0x5, 0x9)[number]
        assert call.sp_elx == 0x7000 + 16 * number
    assert results.drift == ()


def test_more_calls_than_one_start_of_the_emulator_holds() -> None:
    """Chunks and stretches join without a seam."""
    count = layout.CHUNK * 17 + 3
    handler = (
        "        adr x3, cell\n        ldr x0, [x3]\n        add x0, x0, #1\n        str x0, [x3]\n"
    )
    machine = Machine(framed(handler + ADVANCE))
    batch = Batch()
    for _ in range(count):
        batch.add((5,))
    results = machine.run(batch)
    assert [call.x[0] for call in results] == list(range(1, count + 1))
    again = machine.run(batch)
    assert again[0].x[0] == count + 1


def test_an_empty_batch() -> None:
    results = Machine(framed(ADVANCE)).run(Batch())
    assert len(results) == 0
    assert list(results) == []


def test_calls_that_cannot_be_made() -> None:
    machine = Machine(framed(ADVANCE))
    batch = Batch()
    batch.add((GOOD,), caller=1)
    with pytest.raises(ValueError, match="caller 1 is none of the 1 callers"):
        machine.run(batch)
    with pytest.raises(ValueError, match="svc"):
        Batch().add((GOOD,), conduit=Conduit.SVC)
    with pytest.raises(ValueError, match="16 bits"):
        Batch().add((GOOD,), imm=0x10000)
    hvc = Batch()
    hvc.add((GOOD,), conduit=Conduit.HVC)
    with pytest.raises(ValueError, match="hvc"):
        Machine(framed(ADVANCE), Level.EL3).run(hvc)


@pytest.mark.parametrize("conduit", [Conduit.SMC, Conduit.HVC])
@pytest.mark.parametrize("imm", [0, 1, 0xEA1, 0xFFFF])
@pytest.mark.parametrize("audit", [False, True])
def test_slots_and_stubs(conduit: Conduit, imm: int, audit: bool) -> None:
    """The stub holds the instruction where the call site says, and every other word is a trap."""
    number = slot(conduit, imm, audit=audit)
    assert slot_instruction(number) == (conduit, imm, audit)
    for level in (Level.EL1, Level.EL2):
        sites = [CallSite(level, number, parity) for parity in (0, 1)]
        assert sites[0].address + layout.STUB_SIZE == sites[1].address
        for site in sites:
            assert site.stub in layout.STUBS[level]
            code = callers.stub(site)
            assert len(code) == layout.STUB_SIZE
            at = site.address - site.stub
            word = int.from_bytes(code[at : at + 4], "little")
            assert word == 0xD400_0000 | imm << 5 | (0b11 if conduit is Conduit.SMC else 0b10)
            where = site.landing + layout.LANDING_SIZE
            if not audit:
                assert callers.returned_to(level, where) == site.address + 4


def test_no_two_stubs_or_landings_overlap() -> None:
    for level in (Level.EL1, Level.EL2):
        last = CallSite(level, (layout.STUB_KINDS << 16) - 1, 1)
        assert last.stub + layout.STUB_SIZE == layout.STUBS[level].end
        assert last.landing + layout.LANDING_SIZE == layout.LANDINGS[level].end
    regions = [value for value in vars(layout).values() if isinstance(value, layout.Region)] + [
        *layout.STUBS.values(),
        *layout.LANDINGS.values(),
        layout.stack(16384),
    ]
    regions.sort(key=lambda region: region.base)
    assert all(a.end <= b.base for a, b in pairwise(regions))
    assert regions[0].base >= layout.HOME
    assert regions[-1].end <= layout.HOME_END
