"""The machine around its calls: functions, snapshots, memory, counting."""

import signal
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from smcproof.checker.trap.batch import Answer, Batch
from smcproof.checker.trap.callers import Caller
from smcproof.checker.trap.elf import Segment
from smcproof.checker.trap.image import Image
from smcproof.checker.trap.layout import HOME, RETURN, STACK_TOP, Level
from smcproof.checker.trap.machine import Machine
from smcproof.checker.trap.results import Bound, Exceeded, Faulted, FaultKind, Resumed, Stopped
from tests.checker.trap.dispatchers import ADVANCE, DATA, framed, framed_program

TESTS = Path(__file__).resolve().parents[2]
COUNTING = (
    "        adr x3, cell\n        ldr x0, [x3]\n        add x0, x0, #1\n        str x0, [x3]\n"
    + ADVANCE
)
FUNCTIONS = (
    ADVANCE
    + """
        .globl  add, hang, call, stack, deliver
add:    add     x0, x0, x1
        adr     x3, cell
        str     x0, [x3]
        ret
hang:   b       hang
call:   mov     x20, x30
        smc     #0
        ret     x20
stack:  sub     sp, sp, #128
        ret
deliver:
        b       deliver
crash:  .word   0
"""
)


def calls(count: int) -> Batch:
    batch = Batch()
    for _ in range(count):
        batch.add((5,))
    return batch


def test_functions_of_the_dispatcher_can_be_called() -> None:
    """At its own level, with arguments and a result [TRAP-INVOKE]."""
    machine = Machine(framed(FUNCTIONS))
    symbols = framed_program(FUNCTIONS).symbols
    done = machine.invoke(symbols["add"], (40, 2))
    assert done.ending == Resumed(RETURN.base, 0)
    assert done.registers.x[0] == 42
    assert done.registers.level is Level.EL2
    assert machine.read(DATA, 8) == struct.pack("<Q", 42)
    assert done.sends == ()


def test_a_function_may_call_the_callee() -> None:
    machine = Machine(framed(FUNCTIONS))
    call = framed_program(FUNCTIONS).symbol("call")
    for number in (1, 2):
        done = machine.invoke(call, (0xC2000000, 7), [Answer((number, 2, 3, 4))])
        assert done.registers.x[:4] == (number, 2, 3, 4)
        assert [sent.x[:2] for sent in done.sends] == [(0xC2000000, 7)]


def test_a_function_that_does_not_return() -> None:
    symbols = framed_program(FUNCTIONS).symbols
    image = framed(FUNCTIONS)
    image = Image(image.segments, image.vectors, {symbols["deliver"]: "deliver"})
    machine = Machine(image, seconds=0.1)
    hang = machine.invoke(symbols["hang"]).ending
    assert isinstance(hang, Exceeded)
    assert hang.bound is Bound.TIME
    crash = machine.invoke(symbols["crash"]).ending
    assert isinstance(crash, Faulted)
    assert crash.kind is FaultKind.UNDEFINED
    wild = machine.invoke(0x1000).ending
    assert isinstance(wild, Faulted)
    assert (wild.kind, wild.address) == (FaultKind.FETCH, 0x1000)
    delivered = machine.invoke(symbols["deliver"]).ending
    assert isinstance(delivered, Stopped)
    results = machine.run(calls(2))
    assert all(isinstance(call.ending, Resumed) for call in results)


def test_a_function_may_set_the_stack_for_the_calls() -> None:
    handler = "        mov x0, sp\n" + FUNCTIONS
    machine = Machine(framed(handler))
    machine.invoke(framed_program(handler).symbol("stack"))
    assert machine.run(calls(1))[0].x[0] == STACK_TOP - 128


def test_state_stays_between_runs_and_comes_back_from_a_snapshot() -> None:
    machine = Machine(framed(COUNTING))
    machine.run(calls(3))
    saved = machine.save()
    assert [call.x[0] for call in machine.run(calls(2))] == [4, 5]
    machine.restore(saved)
    assert [call.x[0] for call in machine.run(calls(2))] == [4, 5]


def test_a_snapshot_holds_system_registers_too() -> None:
    handler = (
        "        mrs x0, tpidr_el2\n        add x1, x0, #1\n        msr tpidr_el2, x1\n" + ADVANCE
    )
    machine = Machine(framed(handler))
    machine.run(calls(3))
    saved = machine.save()
    machine.run(calls(5))
    machine.restore(saved)
    assert machine.run(calls(1))[0].x[0] == 3


def test_memory_can_be_read_and_written() -> None:
    machine = Machine(framed(COUNTING))
    machine.write(DATA, struct.pack("<Q", 100))
    assert machine.run(calls(1))[0].x[0] == 101
    with pytest.raises(ValueError, match="no memory of 8 bytes at 0x1000"):
        machine.read(0x1000, 8)
    with pytest.raises(ValueError, match="no memory of 8 bytes"):
        machine.write(DATA + 0x1000 - 4, bytes(8))


def test_instructions_are_counted_if_asked_for() -> None:
    """Those of the dispatcher: eight until the code under test, then its own [TRAP-COUNT] [TRAP-SNAPSHOT]."""
    machine = Machine(framed("        nop\n" * 10 + ADVANCE))
    batch = calls(3)
    batch.add((0x84000000,))
    plain, counted = machine.run(batch), machine.run(batch, counted=True)
    assert [call.instructions for call in plain] == [None] * 4
    # one branch in the vector, three to compare; then ten and four, or the good path's five
    assert [call.instructions for call in counted] == [18, 18, 18, 9]


def test_the_limit_is_exact_to_a_block_where_instructions_are_counted() -> None:
    handler = "        mov x5, #100\n1:      sub x5, x5, #1\n        cbnz x5, 1b\n" + ADVANCE
    for limit, over in ((1000, False), (208, True)):
        machine = Machine(framed(handler), limit=limit)
        ending = machine.run(calls(1), counted=True).ending(0)
        assert isinstance(ending, Exceeded) is over


def test_an_image_must_have_aligned_vectors_and_its_own_addresses() -> None:
    code = Segment(0x4000_0000, b"", 0x1000, execute=True)
    with pytest.raises(ValueError, match="aligned"):
        Image((code,), 0x4000_0400)
    with pytest.raises(ValueError, match="harness"):
        Image((Segment(HOME + 0x1000, b"", 0x1000),), 0x4000_0000)


@pytest.mark.parametrize("level", [Level.EL0, Level.EL1])
def test_a_dispatcher_stands_at_el2_or_el3(level: Level) -> None:
    with pytest.raises(ValueError, match="el2 or el3"):
        Machine(framed(ADVANCE), level)


def test_an_image_linked_high_runs_where_it_is() -> None:
    """Above the physical addresses of the processor; no translation is needed [TRAP-IMAGE]."""
    base = 0xFFFF_8000_0800_0000
    image = framed(COUNTING)
    moved = tuple(
        Segment(part.address - 0x4000_0000 + base, part.data, part.size, part.write, part.execute)
        for part in image.segments
    )
    machine = Machine(Image(moved, base))
    assert [call.x[0] for call in machine.run(calls(3))] == [1, 2, 3]


def test_an_error_of_the_harness_is_raised_and_nothing_hangs() -> None:
    """A caller that writes where nothing is: the batch ends with the reason."""
    machine = Machine(framed(COUNTING), callers=[Caller(writes=((0x1000, b"x"),))])
    with pytest.raises(ValueError, match="caller 0 writes to 0x1000"):
        machine.run(calls(1))


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs POSIX timers")
@pytest.mark.parametrize("handler", [COUNTING, "        b .\n"])
def test_ctrl_c_ends_a_run_and_not_the_machine(handler: str) -> None:
    """Raised when the emulator has stopped, wherever the signal came; then calls can be made."""
    machine = Machine(framed(handler), seconds=0.4)
    batch = calls(200_000)
    before = signal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        for delay in (0.02, 0.05, 0.1):
            signal.setitimer(signal.ITIMER_REAL, delay)
            with pytest.raises(KeyboardInterrupt):
                machine.run(batch)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    good = Batch()
    for _ in range(3):
        good.add((0x84000000,))
    assert [call.x[0] for call in machine.run(good)] == [1, 1, 1]


def test_many_machines_one_after_another() -> None:
    """None keeps the memory of those before it."""
    for number in range(40):
        machine = Machine(framed(COUNTING))
        machine.write(DATA, struct.pack("<Q", number))
        assert machine.run(calls(1))[0].x[0] == number + 1


def test_nothing_heavy_is_imported_before_a_machine_is_made() -> None:
    """unicorn, ziglang and pyelftools belong to the machine alone."""
    code = (
        "import sys; sys.path.insert(0, {!r}); import conftest;"
        "import smcproof.checker.trap.machine;"
        "print(sorted({{'unicorn', 'ziglang', 'elftools'}} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code.format(str(TESTS))], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_only_one_file_imports_unicorn() -> None:
    folder = TESTS.parent / "checker" / "trap"
    naming = [
        path.name for path in sorted(folder.glob("*.py")) if "import unicorn" in path.read_text()
    ]
    assert naming == ["emulator.py"]
