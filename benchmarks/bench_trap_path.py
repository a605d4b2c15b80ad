"""The trap path alone: forwarded calls per second through EL1, EL2, EL3, EL2 and EL1, beside the
naive way (one start of the emulator per call, one register at a time) in the same run.

    python benchmarks/bench_trap_path.py [--calls N] [--seconds S]

Rates are per core: by the clock on the wall, and by the processor time that this process used, which
differ on a busy machine. Every result of every run is checked.
"""

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

try:
    import smcproof.checker.trap  # noqa: F401
except ImportError:  # run from a checkout that is not installed
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
    import conftest  # noqa: F401

from smcproof.checker.trap.assembler import Build, Source, build, link_script
from smcproof.checker.trap.batch import Answer, Batch
from smcproof.checker.trap.elf import Program
from smcproof.checker.trap.emulator import ON_FILL, ON_INTERRUPT, Emulator, TlbEntries
from smcproof.checker.trap.entry import Cause, decode, take
from smcproof.checker.trap.image import Image, load
from smcproof.checker.trap.layout import PAGE, Level, Region
from smcproof.checker.trap.machine import Machine
from smcproof.checker.trap.memory import Block, Permission
from smcproof.checker.trap.placement import HCR_EL2_RW, HCR_EL2_TSC, SCR_EL3
from smcproof.checker.trap.results import Results
from smcproof.checker.trap.sysreg import NAMED

TEXT, STACK, CALLER, FIRMWARE = 0x4000_0000, 0x4010_0000, 0x4020_0000, 0x4030_0000
SCRIPT = link_script({".text": (TEXT, "*(.text*)")})
VECTORS = """
        .section .text, "ax"
        .balign 0x800
        .globl  vectors
vectors:
        .space  0x400
"""
LEAN = (
    VECTORS
    + """
        mrs     x18, elr_el2                    /* forwards everything, shows everything */
        add     x18, x18, #4
        msr     elr_el2, x18
        smc     #0
        eret
"""
)
CAREFUL = (
    VECTORS
    + """
        b       1f
        .balign 0x80
1:      stp     x29, x30, [sp, #-144]!          /* a range of identifiers is forwarded: x0..x7 as */
        stp     x4, x5, [sp, #16]               /* they are, x8..x17 zero; x0..x3 come back, the  */
        stp     x6, x7, [sp, #32]               /* caller keeps the rest                          */
        stp     x8, x9, [sp, #48]
        stp     x10, x11, [sp, #64]
        stp     x12, x13, [sp, #80]
        stp     x14, x15, [sp, #96]
        stp     x16, x17, [sp, #112]
        mrs     x29, esr_el2
        movz    w30, #0x5e00, lsl #16
        cmp     w29, w30
        b.ne    2f
        movz    w30, #0xc200, lsl #16
        sub     w30, w0, w30
        cmp     w30, #0x100
        b.hs    2f
        mov     x8, xzr
        mov     x9, xzr
        mov     x10, xzr
        mov     x11, xzr
        mov     x12, xzr
        mov     x13, xzr
        mov     x14, xzr
        mov     x15, xzr
        mov     x16, xzr
        mov     x17, xzr
        mrs     x30, spsr_el2
        mrs     x29, elr_el2
        add     x29, x29, #4
        smc     #0
        msr     elr_el2, x29
        msr     spsr_el2, x30
3:      ldp     x4, x5, [sp, #16]
        ldp     x6, x7, [sp, #32]
        ldp     x8, x9, [sp, #48]
        ldp     x10, x11, [sp, #64]
        ldp     x12, x13, [sp, #80]
        ldp     x14, x15, [sp, #96]
        ldp     x16, x17, [sp, #112]
        ldp     x29, x30, [sp], #144
        eret
2:      mrs     x29, elr_el2
        add     x29, x29, #4
        msr     elr_el2, x29
        mov     x0, #-1
        b       3b
"""
)
ANSWER_ALL = (
    VECTORS.replace("vectors", "firmware")
    + """
        add     x0, x1, #1                      /* the naive run's EL3 */
        eret
"""
)


def program(text: str) -> Program:
    return build(Build((Source("dispatcher.S", text),), SCRIPT))


def rates(count: int, seconds: float, once: Callable[[], None]) -> tuple[float, float]:
    """The best rate of repeated runs: on the wall and in processor time."""
    wall = cpu = 0.0
    end = time.perf_counter() + seconds
    while True:
        started, used = time.perf_counter(), time.process_time()
        once()
        wall = max(wall, count / (time.perf_counter() - started))
        cpu = max(cpu, count / (time.process_time() - used))
        if time.perf_counter() > end:
            return wall, cpu


def machine_rate(text: str, count: int, seconds: float) -> tuple[float, float]:
    """Calls through the machine, all in one batch."""
    built = program(text)
    machine = Machine(Image(built.segments, built.symbol("vectors")))
    batch = Batch()
    for at in range(count):
        answer = Answer((at, at + 1, at + 2, at + 3))
        batch.add((0xC200_0000 + at % 256, at, at * 3), answers=(answer,))
    found: list[Results] = []
    result = rates(count, seconds, lambda: found.append(machine.run(batch)))
    last = found[-1]
    for at, call in enumerate(last):
        assert call.x[:4] == (at, at + 1, at + 2, at + 3), at
        assert call.sends[0].x[:3] == (0xC200_0000 + at % 256, at, at * 3), at
    return result


class Naive:
    """The same path by the emulator's own register functions, one start per call."""

    def __init__(self) -> None:
        self.emulator = emulator = Emulator("cortex-a57")
        dispatcher, firmware = program(LEAN), _moved(program(ANSWER_ALL))
        self.vbar = {Level.EL2: dispatcher.symbol("vectors"), Level.EL3: FIRMWARE}
        self.blocks = [block for block, _ in load((*dispatcher.segments, *firmware.segments))]
        caller = Block(Region("caller", CALLER, PAGE))
        caller.view[:8] = bytes.fromhex("030000d4 000020d4")  # smc #0; brk #0
        stack = Block(Region("stack", STACK, PAGE))
        for block in (*self.blocks, caller, stack):
            emulator.map(block, Permission.READ | Permission.WRITE | Permission.EXECUTE)
        emulator.put_system(NAMED["scr_el3"], SCR_EL3)
        emulator.put_system(NAMED["hcr_el2"], HCR_EL2_RW | HCR_EL2_TSC)
        emulator.hook("INTR", ON_INTERRUPT(self.interrupt))
        emulator.hook("TLB_FILL", ON_FILL(self.fill))

    def fill(self, _uc: int, address: int, _access: int, entry: TlbEntries) -> bool:
        entry[0].paddr, entry[0].perms = address, 7
        return True

    def interrupt(self, _uc: int, number: int) -> None:
        emulator = self.emulator
        if number == 7:
            emulator.stop()
            return
        pc, pstate = emulator.get("PC"), emulator.get("PSTATE")
        cause, at = (Cause.SMC_TRAPPED, pc) if number == 12 else (Cause.SMC, pc - 4)
        block = next((b for b in self.blocks if at in b.region), None)
        word = b"\x03\x00\x00\xd4" if block is None else bytes(block.view[block.offset(at) :][:4])
        found = decode(int.from_bytes(word, "little"))
        entry = take(cause, pstate, found[1] if found else 0)
        level = int(entry.level)
        emulator.put(f"ELR_EL{level}", pc)
        emulator.put(f"ESR_EL{level}", entry.syndrome)
        emulator.put("PSTATE", entry.pstate)
        emulator.put_system(NAMED[f"spsr_{entry.level}"], pstate)
        emulator.put("PC", self.vbar[entry.level] + entry.offset)

    def call(self, x: tuple[int, ...]) -> tuple[int, ...]:
        emulator = self.emulator
        for at, value in enumerate(x):
            emulator.put(f"X{at}", value)
        emulator.put("PSTATE", 0x3C5)
        emulator.put_system(NAMED["tpidr_el0"], 0)
        emulator.start(CALLER, 1.0)
        return tuple(emulator.get(f"X{at}") for at in range(8))


def _moved(built: Program) -> Program:
    """The program where the firmware is, which holds no absolute addresses."""

    segments = tuple(replace(part, address=FIRMWARE) for part in built.segments)
    return Program(segments, {"firmware": FIRMWARE})


def naive_rate(count: int, seconds: float) -> tuple[float, float]:
    naive = Naive()
    calls = [(0xC200_0000 + at % 256, at, at * 3, 4, 5, 6, 7, 8) for at in range(count)]

    def once() -> None:
        for x in calls:
            assert naive.call(x)[0] == x[1] + 1

    return rates(count, seconds, once)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=50_000)
    parser.add_argument("--seconds", type=float, default=5.0, help="per line")
    chosen = parser.parse_args()
    lines = {
        "machine, dispatcher of five instructions": machine_rate(
            LEAN, chosen.calls, chosen.seconds
        ),
        "machine, dispatcher that decides and protects x4..x17": machine_rate(
            CAREFUL, chosen.calls, chosen.seconds
        ),
        "naive, dispatcher of five instructions": naive_rate(2_000, chosen.seconds),
    }
    for name, (wall, cpu) in lines.items():
        print(f"{name:56s} {wall:9,.0f} calls/s   {cpu:9,.0f} calls/s of processor time")
    machine, _, naive = (wall for wall, _ in lines.values())
    print(f"ratio {machine / naive:.1f}")


if __name__ == "__main__":
    main()
