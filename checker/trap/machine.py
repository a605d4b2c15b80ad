"""The AArch64 machine: a dispatcher's code at EL2 or EL3 under real callers, in Unicorn [TRAP-MACHINE].

The only module that imports unicorn, and only when a machine is made. Calls go in and results come
out through memory, a chunk per start of the emulator; Python runs at exception entries, and there
costs one prepared register read and one write.
"""

import ctypes
import struct
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from smcproof.checker.trap import callee, callers
from smcproof.checker.trap import layout as at
from smcproof.checker.trap.batch import Answer, Batch
from smcproof.checker.trap.callers import Caller
from smcproof.checker.trap.entry import Cause, decode, exception_level, take
from smcproof.checker.trap.image import Image, MemoryKind, dispatcher_level, load
from smcproof.checker.trap.layout import PAGE, Level, Region
from smcproof.checker.trap.memory import Block, MemoryMap, Permission
from smcproof.checker.trap.plans import WRITES, EntryRegisters, Plan
from smcproof.checker.trap.results import (
    Bound,
    Difference,
    Ending,
    Exceeded,
    Faulted,
    FaultKind,
    Fetch,
    Injected,
    Registers,
    Resumed,
    Results,
    Sent,
    Stopped,
)
from smcproof.checker.trap.sysreg import NAMED, SysReg, decode_access, matches
from smcproof.checker.trap.tables import Tables
from smcproof.checker.trap.transfer import CpReg, Transfer, cp_reg, val_address

STRETCH = 16
"""Chunks per start of the emulator with a time bound, which costs about 160 microseconds."""
DENIED = 1 << 62
"""Added to the address of an access that nobody granted; nothing is mapped there, and the emulator
reports the exact address."""


class Interrupt(Enum):
    pass


class Signal(Enum):
    """Why the harness stopped the emulator."""

    DONE = auto()
    RETURNED = auto()
    ENDED = auto()
