"""Calls as the machine takes them: packed records of a call table [TRAP-CALLER].

A ``Batch`` is filled call by call; ``add`` writes the record that the callers' machine code reads,
so that handing thousands of calls to the machine is a copy of bytes.
"""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from smcproof.checker.trap.layout import (
    ANSWER_SIZE,
    ANSWERS_PER_CHUNK,
    CALL_SIZE,
    IMMEDIATES,
    REGISTERS,
    WINDOW,
)
from smcproof.spec.call import Conduit

CALL = struct.Struct(f"<{REGISTERS}Q 3Q 4I 2Q")
"""x0..x30; SP_EL0, SP_ELx, PSTATE; slot, caller, first answer, answers; tag, unused."""
ANSWER = struct.Struct(f"<{WINDOW}Q 2Q")
"""x0..x17; how many of them are results, unused."""

FILLER = tuple(0xCA11_0000_0000_0000 | number << 32 | number for number in range(REGISTERS))
"""What a caller's register holds if nothing is said: its own mark."""
SP_EL0_FILLER = 0xCA11_50E0_0000_0010
SP_ELX_FILLER = 0xCA11_50E1_0000_0020

_NZCV_SHIFT = 28
_DAIF_SHIFT = 6
_KIND_SHIFT = 16
_AUDIT = 2


@dataclass(frozen=True, slots=True)
class Answer:
    """What the callee returns for one SMC: its results x0.., at least four of them are returned
    (missing ones are 0), more only under profile 1.2."""

    results: tuple[int, ...]

    def packed(self) -> bytes:
        missing = WINDOW - len(self.results)
        return ANSWER.pack(*self.results, *(0,) * missing, max(4, len(self.results)), 0)


def slot(conduit: Conduit, imm: int, *, audit: bool = False) -> int:
    """The number of the stub that executes this instruction."""
    if conduit is Conduit.SVC:
        raise ValueError("the machine has no callers at EL0, so `svc` makes no call")
    if not 0 <= imm < IMMEDIATES:
        raise ValueError(f"the immediate {imm:#x} does not fit 16 bits")
    return (int(conduit) | (_AUDIT if audit else 0)) << _KIND_SHIFT | imm


def slot_instruction(number: int) -> tuple[Conduit, int, bool]:
    """Conduit, immediate and whether the harness looks on; inverse of ``slot``."""
    kind = number >> _KIND_SHIFT
    return Conduit(kind & ~_AUDIT), number & (IMMEDIATES - 1), bool(kind & _AUDIT)


class Batch:
    """Calls in the order in which they are made, with the callee's answers to the SMCs that each of
    them may cause."""

    def __init__(self) -> None:
        self.records = bytearray()
        self.answers = bytearray()
        self.slots: set[int] = set()
        self.callers: set[int] = set()

    def __len__(self) -> int:
        return len(self.records) // CALL_SIZE

    def add(
        self,
        x: Sequence[int] = (),
        *,
        conduit: Conduit = Conduit.SMC,
        imm: int = 0,
        caller: int = 0,
        answers: Iterable[Answer] = (),
        sp_el0: int = SP_EL0_FILLER,
        sp_elx: int = SP_ELX_FILLER,
        nzcv: int = 0,
        daif: int = 0,
        sp_elx_in_use: bool = True,
        audit: bool = False,
        tag: int = 0,
    ) -> int:
        """Appends a call and returns its index.

        ``x`` are x0.. as far as they matter, the others hold their marks. ``sp_elx`` is the stack
        pointer of the caller's level; ``sp_elx_in_use`` False is EL1t (EL2t). ``audit`` has the
        harness compare SIMD and system registers before and after. ``answers`` are used in order;
        an SMC beyond them is answered with NOT_SUPPORTED. ``tag`` is kept for the reader.
        """
        number = slot(conduit, imm, audit=audit)
        first = len(self.answers) // ANSWER_SIZE
        for answer in answers:
            self.answers += answer.packed()
        count = len(self.answers) // ANSWER_SIZE - first
        if count > ANSWERS_PER_CHUNK:
            raise ValueError(f"{count} answers for one call; at most {ANSWERS_PER_CHUNK} are kept")
        pstate = nzcv << _NZCV_SHIFT | daif << _DAIF_SHIFT | sp_elx_in_use
        registers = (*x, *FILLER[len(x) :])
        self.records += CALL.pack(
            *registers, sp_el0, sp_elx, pstate, number, caller, first, count, tag, 0
        )
        self.slots.add(number)
        self.callers.add(caller)
        return len(self) - 1

    def registers(self, index: int) -> tuple[int, ...]:
        """x0..x30 of a call as it enters."""
        return self._fields(index)[:REGISTERS]

    def stack_pointers(self, index: int) -> tuple[int, int]:
        """SP_EL0 and SP_ELx of a call as it enters."""
        fields = self._fields(index)
        return fields[REGISTERS], fields[REGISTERS + 1]

    def pstate(self, index: int) -> int:
        """NZCV, DAIF and SPSel of a call as it enters, in the positions of SPSR."""
        return self._fields(index)[REGISTERS + 2]

    def slot(self, index: int) -> int:
        return self._fields(index)[REGISTERS + 3]

    def caller(self, index: int) -> int:
        return self._fields(index)[REGISTERS + 4]

    def answer_range(self, index: int) -> tuple[int, int]:
        """Index of the first answer and how many there are."""
        fields = self._fields(index)
        return fields[REGISTERS + 5], fields[REGISTERS + 6]

    def tag(self, index: int) -> int:
        return self._fields(index)[REGISTERS + 7]

    def _fields(self, index: int) -> tuple[int, ...]:
        return CALL.unpack_from(self.records, index * CALL_SIZE)
