"""The memory of the machine by name, and the records through which calls go in and answers come out.

Everything of the harness lies above ``HOME``, which no image may overlap. ``macros`` gives the same
numbers to the assembler, so that no offset is written twice.
"""

from dataclasses import dataclass
from enum import IntEnum

PAGE = 0x1000
HOME = 0x78_0000_0000
CHUNK = 512
"""Calls per run of the emulator; large enough to make starting it cheap, small enough that tables
and log stay in the emulator's TLB and in the host's cache."""


class Level(IntEnum):
    """An exception level."""

    EL0 = 0
    EL1 = 1
    EL2 = 2
    EL3 = 3

    def __str__(self) -> str:
        return f"el{int(self)}"


@dataclass(frozen=True, slots=True)
class Region:
    """``size`` bytes at ``base``; both are multiples of a page."""

    name: str
    base: int
    size: int

    @property
    def end(self) -> int:
        return self.base + self.size

    def __contains__(self, address: int) -> bool:
        return self.base <= address < self.end


WORD = 8
REGISTERS = 31
"""x0..x30."""
WINDOW = 18
"""x0..x17, the registers that SMCCC passes."""

CALL_SP_EL0 = REGISTERS * WORD
CALL_PSTATE = 264
CALL_SLOT = 272
CALL_ANSWERS = 280
CALL_TAG = 288
CALL_SIZE = 304

RESULT_X30 = 240
RESULT_SP_EL0 = 248
RESULT_SP_ELX = 256
RESULT_PSTATE = 264
RESULT_WHERE = 272
RESULT_ENDING = 280
RESULT_SENDS = 288
RESULT_ESR = 296
RESULT_ELR = 304
RESULT_SPSR = 312
RESULT_OBSERVED = 320
OBSERVED = 8
RESULT_SIZE = RESULT_OBSERVED + OBSERVED * WORD

LOG_ANSWERED = WINDOW * WORD
LOG_ESR = 288
LOG_ELR = 296
LOG_CANON = 304
LOG_SIZE = 320
LOG_RECORDS = 4 * CHUNK

ANSWER_COUNT = WINDOW * WORD
ANSWER_SIZE = 160
ANSWERS_PER_CHUNK = 4 * CHUNK

VARS_CALL = 0
VARS_RESULT = 8
VARS_END = 16
VARS_PARITY = 24
VARS_SENDS = 32
VARS_OBSERVE = 40
VARS_ANSWERS = 48
VARS_CALLER = 56
VARS_OBSERVED = 64

FRAME_LOG = 64
FRAME_SECRET = 80
FRAME_GARBAGE = 88
FRAME_PROFILE = 96
FRAME_ANSWERS = 104

STUB_SHIFT = 6
STUB_SIZE = 32
STUB_WORDS = STUB_SIZE // 4
LANDING_SIZE = 8
IMMEDIATES = 1 << 16
STUB_KINDS = 4
"""SMC and HVC, and each of them once more with the harness looking on."""

ENDING_NONE = 0
ENDING_RESUMED = 1
ENDING_VECTOR = 2
ENDING_HOST = 3
"""How a result record was filled: not at all, by a stub, by the vector table, or by the harness,
which then holds the details."""

PROFILE_1_0 = 0
PROFILE_1_1 = 1
PROFILE_1_2 = 2

BRK_DONE = 0x5C00
BRK_SWITCH = 0x5C01
BRK_LOG_FULL = 0x5C02
BRK_SETUP = 0x5C03
BRK_STRAY = 0x5C04
BRK_BEFORE = 0x5C05
BRK_AFTER = 0x5C06
BRK_EXCEPTION = 0x5C07
BRK_PORTED = 0x5C08


def _pages(size: int) -> int:
    return (size + PAGE - 1) // PAGE * PAGE


# The emulator's TLB has 256 entries per level, indexed by the low bits of the page number; regions
# that one level uses together are placed so that the pages of a chunk do not collide.
CALLER_CODE = Region("caller code", HOME, 0x8000)
CALLER_VARS = Region("caller variables", HOME + 0x8000, PAGE)
CALLEE_CODE = Region("callee code", HOME + 0x1_0000, 0x2000)
CALLEE_FRAME = Region("callee frame", HOME + 0x1_4000, PAGE)
RETURN = Region("setup return", HOME + 0x1_8000, PAGE)
PORT = Region("callee port", HOME + 0x1_C000, PAGE)
AUDIT_VECTORS = Region("vectors of audited calls", HOME + 0x2_0000, PAGE)
CALLS = Region("call table", HOME + 0x11_0000, _pages(CHUNK * CALL_SIZE))
RESULTS = Region("result table", HOME + 0x24_0000, _pages(CHUNK * RESULT_SIZE))
ANSWERS = Region("answer table", HOME + 0x3C_0000, _pages((ANSWERS_PER_CHUNK + 1) * ANSWER_SIZE))
LOG = Region("log", HOME + 0x62_0000, _pages(LOG_RECORDS * LOG_SIZE))
STUBS = {
    level: Region(f"stubs of {level}", HOME + at, STUB_KINDS * IMMEDIATES << STUB_SHIFT)
    for level, at in ((Level.EL1, 0x108_0000), (Level.EL2, 0x308_0000))
}
LANDINGS = {
    level: Region(f"landings of {level}", HOME + at, STUB_KINDS * IMMEDIATES * 2 * LANDING_SIZE)
    for level, at in ((Level.EL1, 0x20C_0000), (Level.EL2, 0x40C_0000))
}
WATCHED = Region("watched page", HOME + 0x800_0000, PAGE)
STACK_TOP = HOME + 0x900_0000
"""The dispatcher's stack ends here; nothing is mapped below it."""
HOME_END = HOME + 0xA00_0000


def stack(size: int) -> Region:
    """The dispatcher's stack of at least ``size`` bytes."""
    whole = max(PAGE, _pages(size))
    return Region("stack", STACK_TOP - whole, whole)


_MACROS = (
    "ANSWER_",
    "BRK_",
    "CALL_",
    "ENDING_",
    "FRAME_",
    "LOG_",
    "PROFILE_",
    "RESULT_",
    "STUB_",
    "VARS_",
)


def macros() -> dict[str, int]:
    """Every number that the assembly sources use."""
    found = {
        name: value
        for name, value in globals().items()
        if isinstance(value, int) and name.startswith(_MACROS)
    }
    found["ANSWERS"] = ANSWERS.base
    found["STUBS_EL1"] = STUBS[Level.EL1].base
    found["STUBS_EL2"] = STUBS[Level.EL2].base
    return found
