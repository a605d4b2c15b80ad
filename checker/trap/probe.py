"""Reading and writing the machine's registers from outside a call."""

import ctypes
from collections.abc import Mapping

from smcproof.checker.trap.emulator import Emulator
from smcproof.checker.trap.entry import EL_SHIFT, PSTATE_DAIF, PSTATE_SP, exception_level
from smcproof.checker.trap.layout import REGISTERS, Level
from smcproof.checker.trap.results import Registers
from smcproof.checker.trap.state import FP_STATUS, SIMD, system_registers
from smcproof.checker.trap.sysreg import NAMED, SysReg
from smcproof.checker.trap.transfer import Transfer, cp_reg

_LEVELS = (1, 2, 3)
_BANKED = [f"SP_EL{level}" for level in (0, *_LEVELS)]
_ELR = [f"ELR_EL{level}" for level in _LEVELS]
_ESR = [f"ESR_EL{level}" for level in _LEVELS]


class Probe:
    """Prepared transfers for whole dumps, and writes of any registers."""

    def __init__(self, emulator: Emulator, dispatcher: Level) -> None:
        self._emulator = emulator
        names = [f"X{number}" for number in range(REGISTERS)]
        names += ["SP", "PC", "PSTATE", *_BANKED, *_ELR, *_ESR]
        self._words = (ctypes.c_uint64 * len(names))()
        base = ctypes.addressof(self._words)
        self._spsr = [cp_reg(NAMED[f"spsr_el{level}"]) for level in _LEVELS]
        ids = [emulator.ids[name] for name in names] + [emulator.ids["CP_REG"]] * len(self._spsr)
        places = [base + 8 * index for index in range(len(names))]
        self._dump = Transfer(ids, places + [ctypes.addressof(reg) for reg in self._spsr])
        self._system = {
            name: cp_reg(register) for name, register in system_registers(dispatcher).items()
        }
        self._simd = (ctypes.c_uint64 * (2 * len(SIMD)))()
        self._status = (ctypes.c_uint64 * len(FP_STATUS))()
        simd, status = ctypes.addressof(self._simd), ctypes.addressof(self._status)
        self._wide = Transfer(
            [emulator.ids[name] for name in (*SIMD, *FP_STATUS)]
            + [emulator.ids["CP_REG"]] * len(self._system),
            [
                *(simd + 16 * index for index in range(len(SIMD))),
                *(status + 8 * index for index in range(len(FP_STATUS))),
                *(ctypes.addressof(reg) for reg in self._system.values()),
            ],
        )
        # a system register that is read and written back: the write has the emulator see PSTATE
        self._refresh = cp_reg(NAMED["tpidr_el0"])
        self._reread = Transfer([emulator.ids["CP_REG"]], [ctypes.addressof(self._refresh)])

        self._pstate = ctypes.c_uint64()
        self._level = Transfer([emulator.ids["PSTATE"]], [ctypes.addressof(self._pstate)])

    def level(self) -> Level:
        """The current exception level."""
        self._emulator.read(self._level)
        return exception_level(self._pstate.value)

    def dump(self) -> Registers:
        """Everything a report shows; the stack pointer in use also in its bank."""
        self._emulator.read(self._dump)
        words = list(self._words)
        sp, pc, pstate = words[REGISTERS : REGISTERS + 3]
        rest = words[REGISTERS + 3 :]
        pstate &= (1 << 32) - 1
        banked = rest[:4]
        banked[exception_level(pstate) if pstate & PSTATE_SP else 0] = sp
        return Registers(
            x=tuple(words[:REGISTERS]),
            sp=sp,
            pc=pc,
            pstate=pstate,
            banked_sp=tuple(banked),
            elr=tuple(rest[4:7]),
            esr=tuple(rest[7:10]),
            spsr=tuple(reg.val for reg in self._spsr),
        )

    def system(self) -> dict[str, int]:
        """SIMD and FP state, and the system registers that belong to the callers, by name."""
        self._emulator.read(self._wide)
        found = {
            name.lower(): self._simd[2 * index] | self._simd[2 * index + 1] << 64
            for index, name in enumerate(SIMD)
        }
        found |= {name.lower(): self._status[at] for at, name in enumerate(FP_STATUS)}
        found |= {name: reg.val for name, reg in self._system.items()}
        return found

    def put(self, values: Mapping[str, int]) -> None:
        """Writes registers by the emulator's names. After PSTATE the emulator is made to see it. PC is
        written alone: as part of a batch it is lost where a code hook made the write."""
        words: list[ctypes.c_uint64] = []
        ids: list[int] = []
        places: list[int] = []
        for name, value in values.items():
            if name == "PC":
                continue
            word = ctypes.c_uint64(value)
            words.append(word)
            ids.append(self._emulator.ids[name])
            places.append(ctypes.addressof(word))
            if name == "PSTATE":
                self._emulator.read(self._reread)
                ids.append(self._emulator.ids["CP_REG"])
                places.append(ctypes.addressof(self._refresh))
        self._emulator.write(Transfer(ids, places))
        if "PC" in values:
            self._emulator.put("PC", values["PC"])

    def system_register(self, register: SysReg) -> int:
        """The value of one system register."""
        reg = cp_reg(register)
        self._emulator.read(Transfer([self._emulator.ids["CP_REG"]], [ctypes.addressof(reg)]))
        return reg.val


def handler_pstate(level: Level) -> int:
    """PSTATE of code at ``level`` with its own stack and exceptions masked."""
    return PSTATE_DAIF | level << EL_SHIFT | PSTATE_SP
