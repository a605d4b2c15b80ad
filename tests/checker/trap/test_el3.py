"""A dispatcher at EL3 and its callers at EL1 and EL2 [TRAP-LEVELS]."""

import pytest

from smcproof.checker.trap.batch import Answer, Batch
from smcproof.checker.trap.callers import Caller
from smcproof.checker.trap.layout import CALLEE_FRAME, LOG, Level
from smcproof.checker.trap.machine import Machine
from smcproof.checker.trap.results import Faulted, FaultKind, Injected, Resumed, Stopped
from tests.checker.trap.dispatchers import el3, framed, program

CALLERS = (Caller(Level.EL1), Caller(Level.EL2))


@pytest.fixture(scope="module")
def machine() -> Machine:
    return Machine(el3(), Level.EL3, callers=CALLERS, observe=[program("el3").symbol("forwarded")])


@pytest.mark.parametrize("caller", [0, 1])
@pytest.mark.parametrize("handler_mode", [True, False])
def test_a_taken_smc_returns_where_the_hardware_left_it(
    machine: Machine, caller: int, handler_mode: bool
) -> None:
    """ELR_EL3 is past the SMC without anybody's doing [TRAP-RETURN-ADDRESS]."""
    batch = Batch()
    batch.add((0x84000000, 9), caller=caller, sp_elx_in_use=handler_mode, nzcv=0b1001, daif=0b0011)
    (call,) = results = list(machine.run(batch))
    assert isinstance(call.ending, Resumed)
    assert call.ending.delta == 4
    assert call.x[:2] == (0x10001, 9)
    level = (Level.EL1, Level.EL2)[caller]
    assert call.pstate == 0b1001 << 28 | 0b0011 << 6 | level << 2 | handler_mode
    assert len(results) == 1


@pytest.mark.parametrize("caller", [0, 1])
@pytest.mark.parametrize("handler_mode", [True, False])
@pytest.mark.parametrize("imm", [1, 0xEA1, 0xFFFF])
@pytest.mark.parametrize("audit", [False, True])
def test_undef_injection_into_each_level(
    machine: Machine, caller: int, handler_mode: bool, imm: int, audit: bool
) -> None:
    batch = Batch()
    batch.add((7,), caller=caller, imm=imm, sp_elx_in_use=handler_mode, audit=audit)
    results = machine.run(batch)
    level = (Level.EL1, Level.EL2)[caller]
    vector = 0x200 if handler_mode else 0x000
    site = results.site(0)
    assert results.ending(0) == Injected(
        vector, 0x0200_0000, site.address, level << 2 | handler_mode, 0
    )
    assert results[0].x == batch.registers(0)
    assert results[0].differences == (() if audit else None)


@pytest.mark.parametrize("caller", [0, 1])
def test_calls_reach_the_callee_through_the_port(machine: Machine, caller: int) -> None:
    batch = Batch()
    for number in range(600):
        batch.add((0xC2000005, number), caller=caller, answers=[Answer((number, 1, 2, 3))])
    results = machine.run(batch)
    for number, call in enumerate(results):
        assert call.x[:4] == (number, 1, 2, 3)
        assert call.x[4:] == batch.registers(number)[4:]
        assert [sent.x[:2] for sent in call.sends] == [(0xC2000005, number)]
    assert results[599].observed[0] - results[0].observed[0] == 599
    assert results.drift == ()


def test_outcomes(machine: Machine) -> None:
    batch = Batch()
    for w0 in (0x84000008, 0x84000000):
        for caller in (0, 1):
            batch.add((w0,), caller=caller)
    results = machine.run(batch)
    assert [type(call.ending) for call in results] == [Stopped, Stopped, Resumed, Resumed]


@pytest.mark.parametrize("target", [LOG.base, CALLEE_FRAME.base, 0x1238])
def test_the_callees_memory_is_not_the_dispatchers(target: int) -> None:
    """Though both would be at EL3: the callee is behind the port."""
    parts = [target >> shift & 0xFFFF for shift in (0, 16, 32)]
    handler = f"        movz x1, #{parts[0]}\n"
    handler += f"        movk x1, #{parts[1]}, lsl #16\n        movk x1, #{parts[2]}, lsl #32\n"
    machine = Machine(framed(handler + "        str x1, [x1]\n"), Level.EL3)
    batch = Batch()
    batch.add((5,))
    ending = machine.run(batch).ending(0)
    assert isinstance(ending, Faulted)
    assert (ending.kind, ending.address) == (FaultKind.WRITE, target)
    assert ending.level is Level.EL3


def test_a_dispatcher_that_moves_its_stack_pointer() -> None:
    """SP_EL3 at entry is that of the last exception return, as on hardware."""
    handler = "        mov x0, sp\n        sub sp, sp, #64\n        eret\n"
    machine = Machine(framed(handler), Level.EL3)
    batch = Batch()
    for _ in range(4):
        batch.add((5,))
    stacks = [call.x[0] for call in machine.run(batch)]
    assert [stacks[0] - sp for sp in stacks] == [0, 64, 128, 192]
