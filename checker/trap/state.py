"""The registers that a dispatcher must hand back as it found them, besides those of each result
[TRAP-AUDIT].
"""

from collections.abc import Mapping

from smcproof.checker.trap.layout import Level
from smcproof.checker.trap.results import Difference
from smcproof.checker.trap.sysreg import NAMED, SysReg

SIMD = tuple(f"Q{number}" for number in range(32))
FP_STATUS = ("FPSR", "FPCR")
STASH = frozenset({"q30", "q31"})
"""The landings of the callers use these, so that only an audited call shows them unchanged."""

_EL1 = (
    *("tpidr_el0", "tpidrro_el0", "tpidr_el1", "contextidr_el1", "sctlr_el1", "cpacr_el1"),
    *("ttbr0_el1", "ttbr1_el1", "tcr_el1", "mair_el1", "cntkctl_el1", "csselr_el1"),
    *("par_el1", "far_el1", "vbar_el1", "esr_el1", "elr_el1", "spsr_el1"),
)
_EL2 = (
    *("hcr_el2", "cptr_el2", "sctlr_el2", "tpidr_el2", "vttbr_el2", "ttbr0_el2", "tcr_el2"),
    *("mair_el2", "sp_el1", "vbar_el2", "esr_el2", "elr_el2", "spsr_el2"),
)
SYNDROMES = frozenset(
    f"{name}_{level}" for name in ("esr", "elr", "spsr") for level in ("el1", "el2")
)
"""Written by an injected exception, and then part of its result."""
NEEDED = ("sctlr_el1", "cpacr_el1", "hcr_el2", "cptr_el2", "sctlr_el2")
"""Without these as they were the callers' code does not run."""
STACKS = frozenset({"sp_el1"})
"""Set by the callers' loop for each call."""
TABLES = frozenset({"vbar_el1", "vbar_el2"})
"""Point elsewhere while a call is audited."""


def system_registers(dispatcher: Level) -> dict[str, SysReg]:
    """Those that belong to the levels below the dispatcher."""
    names = (*_EL1, *_EL2) if dispatcher is Level.EL3 else _EL1
    return {name: NAMED[name] for name in names}


def marks() -> dict[str, int]:
    """Values that the machine starts with, so that a zeroed or swapped register shows."""
    simd = {
        name: 0x51D0_0000_0000_0000 | number << 32 | (0x51D1_0000_0000_0000 | number) << 64
        for number, name in enumerate(SIMD)
    }
    system = {
        name: 0x5E60_0000_0000_0000 | number
        for number, name in enumerate(("tpidr_el0", "tpidrro_el0", "tpidr_el1"))
    }
    return {**simd, **system, "FPSR": 0x0000_0010}


def differences(
    before: Mapping[str, int], after: Mapping[str, int], ignored: frozenset[str]
) -> tuple[Difference, ...]:
    """What changed, in the order of the registers."""
    return tuple(
        Difference(name, value, after[name])
        for name, value in before.items()
        if name not in ignored and after[name] != value
    )
