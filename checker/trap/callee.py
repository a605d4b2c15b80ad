"""The callee as the harness sets it up: its profile, its marks, its frame [TRAP-CALLEE]
[TRAP-PROFILE] [TRAP-PORT].

The code is callee.S. It stands at EL3 for a dispatcher at EL2. For a dispatcher at EL3 it stands
behind a port, one SMC at a known address that the harness turns into a switch to the callee at EL1
and back, so that the dispatcher cannot touch the callee's memory.
"""

import struct
from enum import IntEnum

from smcproof.checker.trap.batch import Answer
from smcproof.checker.trap.entry import encode
from smcproof.checker.trap.layout import (
    ANSWER_SIZE,
    ANSWERS,
    FRAME_LOG,
    FRAME_SECRET,
    LOG,
    LOG_RECORDS,
    LOG_SIZE,
    PORT,
    PROFILE_1_0,
    PROFILE_1_1,
    PROFILE_1_2,
)
from smcproof.checker.trap.memory import Block
from smcproof.spec.call import Conduit

SECRET = 0x5EC2_E700_0000_0000
"""Under profile 1.0 x4..x17 come back with this, plus 0x100 times the number of calls so far, plus
the register's number."""
GARBAGE = 0x6A2B_A6E0
"""The upper half of an SMC32 result starts here and grows by 0x11 with each register written."""
NOT_SUPPORTED = Answer(((1 << 64) - 1,))
SENDS_LIMIT = 1024
"""More calls to the callee than this in one call are a runaway dispatcher."""


class Profile(IntEnum):
    """What the callee does with x4..x17 (DEN0028): 1.0 clobbers them, 1.1 preserves
    them, 1.2 returns results in as many as the answer has and preserves the others."""

    V1_0 = PROFILE_1_0
    V1_1 = PROFILE_1_1
    V1_2 = PROFILE_1_2


def answered_registers(
    profile: Profile, sent: tuple[int, ...], logged: tuple[int, ...]
) -> tuple[int, ...]:
    """x0..x17 as the callee left them, from a log entry. Only under 1.2 are all of them logged:
    under 1.0 x5.. follow from x4, under 1.1 x4.. are as sent."""
    match profile:
        case Profile.V1_0:
            return logged[:4] + tuple(logged[4] + more for more in range(len(sent) - 4))
        case Profile.V1_1:
            return logged[:4] + sent[4:]
        case Profile.V1_2:
            return logged


def prepare(frame: Block, answers: Block, profile: Profile) -> None:
    """The callee's memory before its first call."""
    answers.view[:ANSWER_SIZE] = NOT_SUPPORTED.packed()
    rewind_log(frame)
    struct.pack_into("<QQQQ", frame.view, FRAME_SECRET, SECRET, GARBAGE, profile, ANSWERS.base)


def rewind_log(frame: Block) -> None:
    """Empties the log."""
    end = LOG.base + LOG_RECORDS * LOG_SIZE
    struct.pack_into("<QQ", frame.view, FRAME_LOG, LOG.base, end)


def logged(frame: Block, log: Block) -> memoryview:
    """The log since it was rewound."""
    end: int = frame.words[FRAME_LOG // 8]
    return log.view[: end - LOG.base]


def port_code() -> bytes:
    """What stands at the port: a dispatcher at EL3 calls it with x0..x17 set, by BL."""
    return struct.pack("<2I", encode(Conduit.SMC, 0), 0xD65F_03C0)


PORT_CALL = PORT.base
PORT_RETURN = PORT.base + 4
