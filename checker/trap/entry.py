"""Exception entry as the Arm ARM's AArch64.TakeException defines it, as pure functions: which level,
which vector, which syndrome, which PSTATE [TRAP-TARGET] [TRAP-VECTOR] [TRAP-SYNDROME] [TRAP-PSTATE].

Section names are those of the Arm ARM (DDI 0487): "AArch64.TakeException" and its callers in the
shared pseudocode, and "ESR_ELx, Exception Syndrome Register".
"""

from dataclasses import dataclass
from enum import Enum

from smcproof.checker.trap.layout import Level
from smcproof.spec.call import Conduit

PSTATE_SP = 1 << 0
PSTATE_NRW = 1 << 4
PSTATE_DAIF = 0b1111 << 6
PSTATE_NZCV = 0b1111 << 28
EL_SHIFT = 2
ESR_IL = 1 << 25
EC_SHIFT = 26

INSTRUCTION_BYTES = 4
_CONDUITS = {0b01: Conduit.SVC, 0b10: Conduit.HVC, 0b11: Conduit.SMC}


class Cause(Enum):
    """Why an exception is taken."""

    SMC_TRAPPED = "SMC trapped by HCR_EL2.TSC"
    SMC = "SMC taken to EL3"
    HVC = "HVC"
    SVC = "SVC"
    UNDEFINED = "undefined instruction"


class ExceptionClass(Enum):
    """ESR_ELx.EC of the exceptions that calls cause."""

    UNKNOWN = 0x00
    SVC32 = 0x11
    HVC32 = 0x12
    SMC32 = 0x13
    SVC64 = 0x15
    HVC64 = 0x16
    SMC64 = 0x17


@dataclass(frozen=True, slots=True)
class Entry:
    """What the hardware does: go to ``level`` at VBAR + ``offset`` with ``syndrome`` in ESR and
    ``pstate``."""

    level: Level
    offset: int
    syndrome: int
    pstate: int


def exception_level(pstate: int) -> Level:
    """PSTATE.EL of an AArch64 state."""
    return Level(pstate >> EL_SHIFT & 0b11)


def decode(word: int) -> tuple[Conduit, int] | None:
    """The conduit and immediate of an A64 SVC, HVC or SMC, None for any other instruction
    ("Exception generation", C4.1)."""
    if word & 0xFFE0_001C != 0xD400_0000:
        return None
    conduit = _CONDUITS.get(word & 0b11)
    return None if conduit is None else (conduit, word >> 5 & 0xFFFF)


def encode(conduit: Conduit, imm: int) -> int:
    """The A64 instruction; inverse of ``decode``."""
    low = next(bits for bits, name in _CONDUITS.items() if name is conduit)
    return 0xD400_0000 | imm << 5 | low


def target_level(cause: Cause, source: Level, *, tge: bool = False) -> Level:
    """Where the exception is taken to (AArch64.CallSecureMonitor, AArch64.CallHypervisor,
    AArch64.CallSupervisor, AArch64.CheckForSMCUndefOrTrap, AArch64.UndefinedFault)."""
    match cause:
        case Cause.SMC_TRAPPED:
            return Level.EL2
        case Cause.SMC:
            return Level.EL3
        case Cause.HVC:
            return max(source, Level.EL2)
        case Cause.SVC | Cause.UNDEFINED:
            if source is Level.EL0:
                return Level.EL2 if tge else Level.EL1
            return source


def vector_offset(
    source: Level, target: Level, *, sp_elx: bool, below_aarch32: bool = False
) -> int:
    """Offset of a synchronous exception in the target's vector table ("Exception vectors", and the
    first lines of AArch64.TakeException).

    ``sp_elx`` is PSTATE.SP before; ``below_aarch32`` whether the level immediately below the target
    uses AArch32, which need not be the level that the exception came from.
    """
    if source < target:
        return 0x600 if below_aarch32 else 0x400
    return 0x200 if sp_elx else 0x000


def entered_pstate(pstate: int, target: Level) -> int:
    """PSTATE after entry: NZCV kept, DAIF set, SP_ELx selected, SS, IL and nRW clear. No feature
    after Armv8.0 has a bit here (the machine is a Cortex-A57)."""
    return pstate & PSTATE_NZCV | PSTATE_DAIF | target << EL_SHIFT | PSTATE_SP


def syndrome(cause: Cause, imm: int = 0) -> int:
    """ESR_ELx of an exception from AArch64 state."""
    match cause:
        case Cause.SMC | Cause.SMC_TRAPPED:
            return _esr(ExceptionClass.SMC64, imm)
        case Cause.HVC:
            return _esr(ExceptionClass.HVC64, imm)
        case Cause.SVC:
            return _esr(ExceptionClass.SVC64, imm)
        case Cause.UNDEFINED:
            return _esr(ExceptionClass.UNKNOWN, 0)


def syndrome_hvc32(imm: int) -> int:
    """ESR_EL2 of an HVC from AArch32 state, which is 32 bits long in A32 and T32."""
    return _esr(ExceptionClass.HVC32, imm)


def syndrome_svc32(imm: int, *, t32: bool) -> int:
    """ESR_ELx of an SVC from AArch32 state; the T32 instruction is 16 bits long."""
    esr = _esr(ExceptionClass.SVC32, imm)
    return esr & ~ESR_IL if t32 else esr


def syndrome_smc32(*, condition: int | None, may_have_failed: bool) -> int:
    """ESR_EL2 of an SMC from AArch32 state that HCR_EL2.TSC traps: no immediate; CV (24) and COND
    (23:20) if ``condition`` is known; CCKNOWNPASS (19), which is 1 when the condition is valid and
    the instruction may have failed it, whatever its name suggests."""
    iss = 0 if condition is None else 1 << 24 | condition << 20
    return _esr(ExceptionClass.SMC32, iss | (may_have_failed << 19))


def take(cause: Cause, pstate: int, imm: int = 0, *, tge: bool = False) -> Entry:
    """The whole entry for an exception from AArch64 state with nothing in AArch32 below."""
    source = exception_level(pstate)
    target = target_level(cause, source, tge=tge)
    return Entry(
        level=target,
        offset=vector_offset(source, target, sp_elx=bool(pstate & PSTATE_SP)),
        syndrome=syndrome(cause, imm),
        pstate=entered_pstate(pstate, target),
    )


def _esr(ec: ExceptionClass, iss: int) -> int:
    return ec.value << EC_SHIFT | ESR_IL | iss
