"""What the machine observed of each call, as plain records [TRAP-RESULT] [TRAP-RESUME]
[TRAP-INJECTED].

The fast path leaves packed records; ``Results`` turns one into a ``CallResult`` when it is asked
for, and gives the packed bytes to those who compare thousands.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias, TypeVar

from smcproof.checker.trap.batch import Batch, slot_instruction
from smcproof.checker.trap.callee import Profile, answered_registers
from smcproof.checker.trap.callers import CallSite, returned_to
from smcproof.checker.trap.layout import (
    ENDING_NONE,
    ENDING_RESUMED,
    ENDING_VECTOR,
    LOG_SIZE,
    OBSERVED,
    REGISTERS,
    RESULT_SIZE,
    WINDOW,
    Level,
)

_T = TypeVar("_T")
RESULT = struct.Struct(f"<{REGISTERS}Q 9Q {OBSERVED}Q")
"""x0..x30; SP_EL0, SP_ELx, PSTATE, where, ending, sends so far, ESR, ELR, SPSR; observed words."""
LOGGED = struct.Struct(f"<{2 * WINDOW}Q 4Q")
"""x0..x17 as sent, x0..x17 as answered (see ``answered_registers``); ESR, ELR, canon(x0), unused."""


@dataclass(frozen=True, slots=True)
class Registers:
    """A dump: x0..x30, the stack pointer in use, PC and PSTATE, all banked stack pointers
    (SP_EL0..SP_EL3) and ELR, ESR and SPSR of EL1 to EL3."""

    x: tuple[int, ...]
    sp: int
    pc: int
    pstate: int
    banked_sp: tuple[int, ...]
    elr: tuple[int, ...]
    esr: tuple[int, ...]
    spsr: tuple[int, ...]

    @property
    def level(self) -> Level:
        return Level(self.pstate >> 2 & 0b11)

    def __str__(self) -> str:
        words = [f"x{at} {value:#018x}" for at, value in enumerate(self.x)]
        rows = ["  ".join(words[at : at + 4]) for at in range(0, len(words), 4)]
        rows.append(f"sp {self.sp:#x}  pc {self.pc:#x}  pstate {self.pstate:#x} ({self.level})")
        for at, level in enumerate((Level.EL1, Level.EL2, Level.EL3)):
            rows.append(
                f"elr_{level} {self.elr[at]:#x}  esr_{level} {self.esr[at]:#x}  "
                f"spsr_{level} {self.spsr[at]:#x}"
            )
        return "\n".join(rows)


@dataclass(frozen=True, slots=True)
class Resumed:
    """The caller runs again at ``address``, which is ``delta`` bytes from its call."""

    address: int
    delta: int


@dataclass(frozen=True, slots=True)
class Injected:
    """The caller is in its own exception vector at offset ``vector``; ``elr_delta`` is how far ELR
    is from the call."""

    vector: int
    esr: int
    elr: int
    spsr: int
    elr_delta: int


@dataclass(frozen=True, slots=True)
class Stopped:
    """The dispatcher reached the outcome address called ``label``."""

    label: str
    registers: Registers


class FaultKind(Enum):
    """What went wrong below the caller."""

    READ = "read of memory that is not the dispatcher's"
    WRITE = "write to memory that is not the dispatcher's"
    FETCH = "execution of memory that is not the dispatcher's code"
    MISALIGNED = "program counter is not aligned"
    ALIGNMENT = "exclusive access that is not aligned"
    UNDEFINED = "undefined instruction"
    BREAKPOINT = "breakpoint instruction"
    HALTED = "waits for an interrupt that cannot come"
    TRAPPED = "exception that is no call"
    CALLER = "the callers' own code faults, so registers of their level were changed"
    UNEXPECTED = "exception other than a call at the callee"
    OTHER = "exception that the harness does not know"


@dataclass(frozen=True, slots=True)
class Faulted:
    """The dispatcher (or what it jumped to) did what it must not. ``address``, ``size`` and
    ``value`` are the access's; ``address`` of a write is exact."""

    kind: FaultKind
    level: Level
    address: int | None
    size: int | None
    value: int | None
    registers: Registers

    def __str__(self) -> str:
        at = "" if self.address is None else f" at {self.address:#x}"
        return f"{self.kind.value}{at}, pc {self.registers.pc:#x} at {self.level}"


class Bound(Enum):
    """Which bound a call exceeded."""

    INSTRUCTIONS = "instructions"
    TIME = "time"
    SENDS = "calls to the callee"


@dataclass(frozen=True, slots=True)
class Exceeded:
    """The call did not end within a bound; ``instructions`` of the dispatcher were counted until
    then, None where nobody counted."""

    bound: Bound
    instructions: int | None
    registers: Registers


@dataclass(frozen=True, slots=True)
class Lost:
    """Nothing was recorded: the dispatcher resumed the caller in the middle of the loop that makes
    the calls."""


Ending: TypeAlias = Resumed | Injected | Stopped | Faulted | Exceeded | Lost


@dataclass(frozen=True, slots=True)
class Sent:
    """One SMC that reached the callee: x0..x17 as they came, what went back, and what the callee saw
    in its syndrome registers and made of w0."""

    x: tuple[int, ...]
    answered: tuple[int, ...]
    esr: int
    elr: int
    canon: int


@dataclass(frozen=True, slots=True)
class Fetch:
    """One access by the dispatcher to the caller's watched page, at ``offset``; ``written`` is None
    for a read. The emulator makes accesses of 8 bytes as two of 4, and those that are not aligned as
    the aligned words they touch."""

    offset: int
    size: int
    written: int | None


@dataclass(frozen=True, slots=True)
class Difference:
    """A register that is not what it was before."""

    register: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class CallResult:
    """One call. ``x``, stack pointers and ``pstate`` are the caller's where it runs again (Resumed,
    Injected), and what the machine held when the call was ended for it otherwise. ``differences``
    is None unless the call was audited, ``instructions`` unless they were counted."""

    ending: Ending
    x: tuple[int, ...]
    sp_el0: int
    sp_elx: int
    pstate: int
    sends: tuple[Sent, ...]
    observed: tuple[int, ...]
    fetches: tuple[Fetch, ...]
    differences: tuple[Difference, ...] | None
    instructions: int | None

    @property
    def double_fetches(self) -> tuple[int, ...]:
        """Offsets in the watched page that were read more than once."""
        seen: set[int] = set()
        twice: set[int] = set()
        for fetch in self.fetches:
            if fetch.written is None:
                span = set(range(fetch.offset, fetch.offset + fetch.size))
                twice |= seen & span
                seen |= span
        return tuple(sorted(twice))


class Results:
    """The results of a batch, by index of the call.

    ``records`` and ``log`` are packed (``RESULT`` and ``LOGGED``); a call's log entries are those
    from the count of sends of the call before to its own. ``endings`` holds those that the harness
    brought about; all others are in the records. ``drift`` are registers that should not have
    changed over the whole batch but did; ``damage`` are addresses of constant image bytes that did.
    """

    def __init__(
        self, batch: Batch, levels: tuple[Level, ...], parity: int, profile: Profile
    ) -> None:
        self.batch = batch
        self.profile = profile
        self.records = bytearray(len(batch) * RESULT_SIZE)
        self.log = bytearray()
        self.endings: dict[int, Ending] = {}
        self.fetches: dict[int, list[Fetch]] = {}
        self.differences: dict[int, tuple[Difference, ...]] = {}
        self.instructions: dict[int, int] = {}
        self.drift: tuple[Difference, ...] = ()
        self.damage: tuple[int, ...] = ()
        self._levels = levels
        self._parity = parity

    def __len__(self) -> int:
        return len(self.batch)

    def __getitem__(self, index: int) -> CallResult:
        fields = self._fields(index)
        sp_el0, sp_elx, pstate = fields[REGISTERS : REGISTERS + 3]
        return CallResult(
            ending=self.ending(index),
            x=fields[:REGISTERS],
            sp_el0=sp_el0,
            sp_elx=sp_elx,
            pstate=pstate,
            sends=self.sends(index),
            observed=fields[REGISTERS + 9 :],
            fetches=tuple(self.fetches.get(index, ())),
            differences=self.differences.get(index),
            instructions=self.instructions.get(index),
        )

    def __iter__(self) -> Iterator[CallResult]:
        return (self[index] for index in range(len(self)))

    def site(self, index: int) -> CallSite:
        """Where the call's instruction stands."""
        level = self._levels[self.batch.caller(index)]
        return CallSite(level, self.batch.slot(index), (self._parity + index) & 1)

    def ending(self, index: int) -> Ending:
        """How the call ended."""
        known = self.endings.get(index)
        if known is not None:
            return known
        _, _, _, where, ending, _, esr, elr, spsr = self._fields(index)[REGISTERS : REGISTERS + 9]
        site = self.site(index)
        if ending == ENDING_VECTOR:
            return Injected(returned_to(site.level, where), esr, elr, spsr, elr - site.address)
        if ending != ENDING_RESUMED:
            return Lost()
        address = returned_to(site.level, where)
        return Resumed(address, address - site.address)

    def sends(self, index: int) -> tuple[Sent, ...]:
        """The SMCs of one call that reached the callee, in order."""
        return tuple(self.logged(at) for at in range(*self.send_range(index)))

    def send_range(self, index: int) -> tuple[int, int]:
        """The call's entries in the log, from and to."""
        return (self._sends_so_far(index - 1) if index else 0), self._sends_so_far(index)

    def forget(self, first: int) -> None:
        """Drops what is known of the calls from ``first`` on, which are made again."""
        _forget(self.endings, first)
        _forget(self.fetches, first)
        _forget(self.differences, first)
        _forget(self.instructions, first)

    def audited(self, index: int) -> bool:
        return slot_instruction(self.batch.slot(index))[2]

    def _fields(self, index: int) -> tuple[int, ...]:
        if not 0 <= index < len(self):
            raise IndexError(index)
        return RESULT.unpack_from(self.records, index * RESULT_SIZE)

    def _sends_so_far(self, index: int) -> int:
        fields = self._fields(index)
        while index and fields[REGISTERS + 4] == ENDING_NONE:
            index -= 1
            fields = self._fields(index)
        return fields[REGISTERS + 5]

    def logged(self, at: int) -> Sent:
        """One entry of the log."""
        fields = LOGGED.unpack_from(self.log, at * LOG_SIZE)
        esr, elr, canon, _ = fields[2 * WINDOW :]
        sent = fields[:WINDOW]
        answered = answered_registers(self.profile, sent, fields[WINDOW : 2 * WINDOW])
        return Sent(sent, answered, esr, elr, canon)


def _forget(known: dict[int, _T], first: int) -> None:
    for index in [index for index in known if index >= first]:
        del known[index]
