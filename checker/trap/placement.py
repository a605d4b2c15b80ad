"""Putting a dispatcher, the callers and the callee into a fresh emulator [TRAP-LEVELS]."""

from dataclasses import dataclass, field

from smcproof.checker.trap import layout as at
from smcproof.checker.trap.callers import vectors as caller_vectors
from smcproof.checker.trap.devices import Registerlike
from smcproof.checker.trap.elf import Segment
from smcproof.checker.trap.emulator import Emulator
from smcproof.checker.trap.image import Image, MemoryKind, load
from smcproof.checker.trap.layout import PAGE, Level, Region
from smcproof.checker.trap.memory import Block, MemoryMap, Permission
from smcproof.checker.trap.state import marks
from smcproof.checker.trap.sysreg import NAMED
from smcproof.checker.trap.tables import Tables

SCR_EL3 = 1 << 10 | 1 << 8 | 1 << 0
"""RW, HCE, NS: EL2 is AArch64 and non-secure, HVC and SMC are enabled."""
HCR_EL2_RW = 1 << 31
HCR_EL2_TSC = 1 << 19
CPACR_EL1 = 0b11 << 20
"""FP and SIMD are not trapped at EL1."""
CPTR_EL2 = 0x33FF
"""RES1 bits; FP and SIMD are not trapped to EL2."""


@dataclass(slots=True)
class Placed:
    """What of the dispatcher may change, the read-only parts that share a page with what may, and its
    devices."""

    mutable: list[Block] = field(default_factory=list[Block])
    constant: list[tuple[memoryview, Segment]] = field(
        default_factory=list[tuple[memoryview, Segment]]
    )
    devices: list[Registerlike] = field(default_factory=list[Registerlike])
    executable: list[Region] = field(default_factory=list[Region])


def place(
    image: Image, emulator: Emulator, memory: MemoryMap, tables: Tables, level: Level
) -> Placed:
    """Maps everything. ValueError for memory that overlaps or cannot be mapped."""
    placed = Placed()
    stack = Block(at.stack(image.stack))
    for block, permission in (*load(image.segments), (stack, Permission.READ | Permission.WRITE)):
        _map(block, permission, emulator, memory, level)
        if permission & Permission.EXECUTE:
            placed.executable.append(block.region)
        if permission & Permission.WRITE:
            placed.mutable.append(block)
    placed.constant = [
        (block.view[block.offset(segment.address) :], segment)
        for segment in image.segments
        if not segment.write
        for block in placed.mutable
        if segment.address in block.region
    ]
    for more in image.memory:
        permission = Permission.READ | (Permission.WRITE if more.write else Permission.NONE)
        if more.kind is MemoryKind.RAM:
            block = Block(more.region)
            _map(block, permission, emulator, memory, level)
            placed.mutable.append(block)
        else:
            placed.devices.append(Registerlike(emulator, more))
            memory.grant(more.region, level, permission)
    for block, permission in tables.blocks:
        emulator.map(block, permission)
    placed.mutable += [tables.vars, tables.frame]
    for address in tables.observe:
        page = Region("observed words", address // PAGE * PAGE, PAGE)
        for caller in tables.caller_levels:
            memory.grant(page, caller, Permission.READ)
    memory.grant(at.WATCHED, level, Permission.READ | Permission.WRITE)
    return placed


def set_registers(image: Image, emulator: Emulator, tables: Tables, level: Level) -> None:
    """The state from which everything starts: routing, vectors, stacks, marks, then the image's own
    wishes."""
    put = emulator.put_system
    put(NAMED["scr_el3"], SCR_EL3)
    put(NAMED["hcr_el2"], HCR_EL2_RW | (HCR_EL2_TSC if level is Level.EL2 else 0))
    put(NAMED["cpacr_el1"], CPACR_EL1)
    put(NAMED["cptr_el2"], CPTR_EL2)
    for caller in tables.caller_levels:
        put(NAMED[f"vbar_{caller}"], caller_vectors(caller))
    put(NAMED[f"vbar_{level}"], image.vectors)
    if tables.callee_level is Level.EL3:
        put(NAMED["vbar_el3"], tables.program.symbol("callee_vectors"))
        emulator.put("SP_EL3", at.CALLEE_FRAME.base)
    emulator.put(f"SP_EL{int(level)}", at.STACK_TOP)
    for name, value in marks().items():
        if name in NAMED:
            put(NAMED[name], value)
        else:
            emulator.put(name, value)
    for register, value in image.sysregs:
        put(register, value)


def _map(
    block: Block, permission: Permission, emulator: Emulator, memory: MemoryMap, level: Level
) -> None:
    memory.add(block)
    memory.grant(block.region, level, permission)
    emulator.map(block, permission)
