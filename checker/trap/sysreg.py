"""System registers by name and by encoding [TRAP-SYSREG].

``parse`` accepts the names that the harness itself needs and the architecture's generic spelling
``S<op0>_<op1>_C<n>_C<m>_<op2>`` for all others; ``matches`` also knows three families.
"""

import re
from dataclasses import dataclass
from typing import NamedTuple


class SysReg(NamedTuple):
    op0: int
    op1: int
    crn: int
    crm: int
    op2: int


NAMED: dict[str, SysReg] = {
    name: SysReg(*encoding)
    for name, encoding in {
        "sctlr_el1": (3, 0, 1, 0, 0),
        "cpacr_el1": (3, 0, 1, 0, 2),
        "ttbr0_el1": (3, 0, 2, 0, 0),
        "ttbr1_el1": (3, 0, 2, 0, 1),
        "tcr_el1": (3, 0, 2, 0, 2),
        "spsr_el1": (3, 0, 4, 0, 0),
        "elr_el1": (3, 0, 4, 0, 1),
        "sp_el0": (3, 0, 4, 1, 0),
        "esr_el1": (3, 0, 5, 2, 0),
        "far_el1": (3, 0, 6, 0, 0),
        "par_el1": (3, 0, 7, 4, 0),
        "mair_el1": (3, 0, 10, 2, 0),
        "vbar_el1": (3, 0, 12, 0, 0),
        "contextidr_el1": (3, 0, 13, 0, 1),
        "tpidr_el1": (3, 0, 13, 0, 4),
        "cntkctl_el1": (3, 0, 14, 1, 0),
        "csselr_el1": (3, 2, 0, 0, 0),
        "tpidr_el0": (3, 3, 13, 0, 2),
        "tpidrro_el0": (3, 3, 13, 0, 3),
        "vpidr_el2": (3, 4, 0, 0, 0),
        "vmpidr_el2": (3, 4, 0, 0, 5),
        "sctlr_el2": (3, 4, 1, 0, 0),
        "hcr_el2": (3, 4, 1, 1, 0),
        "mdcr_el2": (3, 4, 1, 1, 1),
        "cptr_el2": (3, 4, 1, 1, 2),
        "hstr_el2": (3, 4, 1, 1, 3),
        "ttbr0_el2": (3, 4, 2, 0, 0),
        "tcr_el2": (3, 4, 2, 0, 2),
        "vttbr_el2": (3, 4, 2, 1, 0),
        "vtcr_el2": (3, 4, 2, 1, 2),
        "spsr_el2": (3, 4, 4, 0, 0),
        "elr_el2": (3, 4, 4, 0, 1),
        "sp_el1": (3, 4, 4, 1, 0),
        "esr_el2": (3, 4, 5, 2, 0),
        "far_el2": (3, 4, 6, 0, 0),
        "hpfar_el2": (3, 4, 6, 0, 4),
        "mair_el2": (3, 4, 10, 2, 0),
        "vbar_el2": (3, 4, 12, 0, 0),
        "tpidr_el2": (3, 4, 13, 0, 2),
        "cnthctl_el2": (3, 4, 14, 1, 0),
        "sctlr_el3": (3, 6, 1, 0, 0),
        "scr_el3": (3, 6, 1, 1, 0),
        "cptr_el3": (3, 6, 1, 1, 2),
        "spsr_el3": (3, 6, 4, 0, 0),
        "elr_el3": (3, 6, 4, 0, 1),
        "sp_el2": (3, 6, 4, 1, 0),
        "esr_el3": (3, 6, 5, 2, 0),
        "far_el3": (3, 6, 6, 0, 0),
        "vbar_el3": (3, 6, 12, 0, 0),
        "tpidr_el3": (3, 6, 13, 0, 2),
    }.items()
}

_GENERIC = re.compile(r"s([0-3])_([0-7])_c(\d+)_c(\d+)_([0-7])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Access:
    """An MRS (``read``) or MSR of ``register`` from or to general register ``rt`` (31: XZR)."""

    register: SysReg
    read: bool
    rt: int


def parse(name: str) -> SysReg:
    """The encoding of a register name; ValueError says what is accepted."""
    found = NAMED.get(name.lower())
    if found is not None:
        return found
    match = _GENERIC.fullmatch(name)
    if match is not None:
        register = SysReg(*(int(part) for part in match.groups()))
        if register.crn < 16 and register.crm < 16:
            return register
    raise ValueError(
        f"`{name}` is no system register known here; write `S<op0>_<op1>_C<n>_C<m>_<op2>`"
    )


def matches(pattern: str, register: SysReg) -> bool:
    """Whether ``pattern`` names ``register``: ``ICC_*`` and ``ICH_*`` are the GIC's CPU interface,
    ``S3_*`` the implementation-defined space ("System register encoding"), all else one register."""
    match pattern.upper():
        case "ICC_*":
            interface = register.crn == 12 and 8 <= register.crm <= 12
            priority = (register.op1, register.crn, register.crm) == (0, 4, 6)
            return register.op0 == 3 and (interface or priority)
        case "ICH_*":
            return register[:3] == (3, 4, 12) and register.crm >= 8
        case "S3_*":
            return register.op0 == 3 and register.crn in (11, 15)
        case _:
            return parse(pattern) == register


def spelling(register: SysReg) -> str:
    """The name, or the generic spelling of a register without one."""
    for name, encoding in NAMED.items():
        if encoding == register:
            return name
    return "s{}_{}_c{}_c{}_{}".format(*register)


def decode_access(word: int) -> Access | None:
    """The access that an A64 instruction makes, None if it is not MRS or MSR (register)
    ("System instructions", C4.1)."""
    if word & 0xFFD0_0000 != 0xD510_0000:
        return None
    register = SysReg(
        2 + (word >> 19 & 1), word >> 16 & 7, word >> 12 & 15, word >> 8 & 15, word >> 5 & 7
    )
    return Access(register, bool(word >> 21 & 1), word & 31)
