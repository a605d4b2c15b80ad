"""The callers' machine code: the loop of callers.S, and generated stubs that hold the instruction of
each call [TRAP-CALLER] [TRAP-SWITCH].

Every (conduit, immediate) has two stubs that calls use in turn, so that an entry from the stub of
the last entry can only mean that the dispatcher resumed the caller at its call. A stub ends in a
branch to a landing of its own, which tells the loop where the caller resumed.
"""

import struct
from dataclasses import dataclass
from importlib import resources

from smcproof.checker.trap.assembler import Build, Source, build, link_script
from smcproof.checker.trap.batch import slot_instruction
from smcproof.checker.trap.elf import Program
from smcproof.checker.trap.entry import INSTRUCTION_BYTES, encode
from smcproof.checker.trap.layout import (
    BRK_AFTER,
    BRK_BEFORE,
    BRK_STRAY,
    CALLEE_CODE,
    CALLER_CODE,
    CALLER_VARS,
    LANDING_SIZE,
    LANDINGS,
    STUB_SHIFT,
    STUB_SIZE,
    STUB_WORDS,
    STUBS,
    Level,
    macros,
)
from smcproof.checker.trap.sysreg import SysReg

LEVEL2_CODE = CALLER_CODE.base + CALLER_CODE.size // 2
VECTOR_SIZE = 0x80
VECTORS = 16
VECTOR_RETURNS = VECTORS * VECTOR_SIZE
"""Offset from a level's vectors to the code where they end."""

_LDP_X29_X30 = 0xA940_0000 | 29 << 15 | 30 << 10 | 30 << 5 | 29
"""ldp x29, x30, [x30, #232]: the record's last registers, over the pointer to it."""
_FMOV_D31_X30 = 0x9E67_0000 | 30 << 5 | 31


@dataclass(frozen=True, slots=True)
class Caller:
    """One caller, by its number in the call table: the level it calls from, and what is applied
    whenever it takes over from another (system registers, words in memory)."""

    level: Level = Level.EL1
    sysregs: tuple[tuple[SysReg, int], ...] = ()
    writes: tuple[tuple[int, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class CallSite:
    """Which copy of which stub makes a call."""

    level: Level
    slot: int
    parity: int

    @property
    def stub(self) -> int:
        return STUBS[self.level].base + (self.slot << STUB_SHIFT) + self.parity * STUB_SIZE

    @property
    def address(self) -> int:
        """Of the call instruction."""
        audit = slot_instruction(self.slot)[2]
        return self.stub + INSTRUCTION_BYTES * (2 if audit else 1)

    @property
    def landing(self) -> int:
        return LANDINGS[self.level].base + (self.slot * 2 + self.parity) * LANDING_SIZE


def program() -> Program:
    """The loop, the vectors and the callee, assembled and linked."""
    package = resources.files("smcproof.checker.trap")
    sources = tuple(
        Source(name, package.joinpath(name).read_text(encoding="utf-8"))
        for name in ("callers.S", "callee.S")
    )
    script = link_script(
        {
            ".caller1": (CALLER_CODE.base, "*(.text.caller1)"),
            ".caller2": (LEVEL2_CODE, "*(.text.caller2)"),
            ".vars": (CALLER_VARS.base, "*(.bss.vars)"),
            ".callee": (CALLEE_CODE.base, "*(.text.callee)"),
        }
    )
    return build(Build(sources, script, macros()))


def stub(site: CallSite) -> bytes:
    """The code at ``site.stub``."""
    conduit, imm, audit = slot_instruction(site.slot)
    call = encode(conduit, imm)
    words = [_LDP_X29_X30]
    if audit:
        words += [brk(BRK_BEFORE), call, brk(BRK_AFTER)]
    else:
        words += [call, _branch(site.address + INSTRUCTION_BYTES, site.landing)]
    words += [brk(BRK_STRAY)] * (STUB_WORDS - len(words))
    return struct.pack(f"<{STUB_WORDS}I", *words)


def landing(site: CallSite, target: int) -> bytes:
    """The code at ``site.landing``: note x30 and where this is, and go on at ``target``."""
    return struct.pack(
        "<2I", _FMOV_D31_X30, _branch(site.landing + INSTRUCTION_BYTES, target, link=True)
    )


def vectors(level: Level) -> int:
    """The callers' vector table at ``level``."""
    return CALLER_CODE.base if level is Level.EL1 else LEVEL2_CODE


def returned_to(level: Level, where: int) -> int:
    """Where a caller came back, from the address that its landing noted: the address after its call,
    or the offset of a vector."""
    returns = vectors(level) + VECTOR_RETURNS
    index = (where - returns) // LANDING_SIZE - 1
    if 0 <= index < VECTORS:
        return index * VECTOR_SIZE
    index = (where - LANDINGS[level].base) // LANDING_SIZE - 1
    return CallSite(level, index >> 1, index & 1).address + INSTRUCTION_BYTES


def landed(level: Level, pc: int) -> int | None:
    """The address that ``where`` would hold if the landing at ``pc`` could be executed, None if there
    is no landing. A dispatcher that traps FP and SIMD keeps landings from being executed."""
    returns = vectors(level) + VECTOR_RETURNS
    in_vectors = returns <= pc < returns + VECTORS * LANDING_SIZE
    return pc + LANDING_SIZE if in_vectors or pc in LANDINGS[level] else None


def brk(imm: int) -> int:
    """The breakpoint instruction."""
    return 0xD420_0000 | imm << 5


def brk_immediate(word: int) -> int | None:
    """Its immediate, None for another instruction."""
    return word >> 5 & 0xFFFF if word & 0xFFE0_001F == 0xD420_0000 else None


def _branch(source: int, target: int, *, link: bool = False) -> int:
    offset = (target - source) // INSTRUCTION_BYTES
    return (0x9400_0000 if link else 0x1400_0000) | offset & 0x3FF_FFFF
