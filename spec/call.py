"""One call, as a plain record [CALL-INPUTS]."""

from dataclasses import dataclass
from enum import IntEnum


class Conduit(IntEnum):
    """The instruction that made the call, in the order that minimal counterexamples use."""

    SMC = 0
    HVC = 1
    SVC = 2

    def __str__(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Call:
    """A call by vCPU ``vcpu`` (an index) of domain ``caller`` (an ordinal) from exception level
    ``el``. ``x`` holds the entering registers x0.. at their full width; bits above those an AArch32
    caller can set are whatever the machine held."""

    caller: int
    vcpu: int
    el: int
    aarch32: bool
    conduit: Conduit
    imm: int
    x: tuple[int, ...]
    condition_passed: bool = True


def imm_visible(conduit: Conduit, aarch32: bool) -> bool:
    """Whether the syndrome holds the immediate: not for an SMC from AArch32 (Arm ARM D24.2.40,
    EC 0x13) [CALL-IMM]."""
    return not (aarch32 and conduit is Conduit.SMC)
