"""What images/el2.S does, written down in Python from its header and from nothing of the machine."""

from dataclasses import dataclass

CLIENT = 0x0C11_E477
"""TPIDR_EL2 in the tests, which CPU_ON sends as x7."""


@dataclass(frozen=True)
class Given:
    """A call: conduit ``smc`` or ``hvc``, immediate, x0..x30, and the callee's results."""

    conduit: str
    imm: int
    x: tuple[int, ...]
    results: tuple[int, int, int, int]


@dataclass(frozen=True)
class Expected:
    """How it ends (``past``, ``undef``, ``deliver`` or ``stop``), the caller's registers then, and
    what leaves (x0..x17) if anything does."""

    ending: str
    x: tuple[int, ...]
    sent: tuple[int, ...] | None = None


def expected(call: Given) -> Expected:
    if call.conduit == "hvc" and call.imm == 0xEA1:
        return Expected("past", (0x5EA1, *call.x[1:]))
    if call.imm:
        return Expected("undef", call.x)
    w0 = call.x[0] % 2**32
    if w0 == 0x84000000:
        return Expected("past", (0x10001, *call.x[1:]))
    if w0 == 0x84000008:
        return Expected("deliver", call.x)
    if w0 == 0x84000009:
        return Expected("stop", call.x)
    cpu_on = w0 == 0x84000003
    if call.conduit == "smc" and (cpu_on or 0xC2000000 <= w0 <= 0xC20000FF):
        sent = (*call.x[:7], CLIENT if cpu_on else call.x[7], *[0] * 10)
        return Expected("past", (*returned(w0, call.results), *call.x[4:]), sent)
    return Expected("past", (2**64 - 1, *call.x[1:]))


def returned(w0: int, results: tuple[int, int, int, int]) -> tuple[int, ...]:
    """x0..x3 from the callee, of an SMC32 only the low halves: the others mean nothing."""
    if w0 & 1 << 30:
        return results
    return tuple(Low(value % 2**32) for value in results)


class Low(int):
    """A register of which only the low half is known: equal to any value with that half."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, int) and int(self) == other % 2**32

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = int.__hash__
