"""Exception entries as prepared register writes [TRAP-ENTRY].

An entry depends on the interrupt, PC, PSTATE and VBAR (the key) and on the instruction at PC, which
cannot change where nobody may write. So each is worked out once, by ``entry.take``, and from then
on is one look-up and one write.
"""

import ctypes
from collections.abc import Callable, Mapping
from typing import TypeAlias

from smcproof.checker.trap.entry import PSTATE_SP, Entry, exception_level
from smcproof.checker.trap.layout import Level
from smcproof.checker.trap.sysreg import NAMED
from smcproof.checker.trap.transfer import CpReg, Transfer, cp_reg, val_address

Plan: TypeAlias = tuple[object, object, int | None, object]
"""Ids and values of the write, the PC of a call by a caller (None for other entries), and what keeps
the values' memory alive."""

WRITES = 7
_PC, _PSTATE, _VBAR = 0, 8, 16
KEY_SIZE = 24
_SAVED = {"PC": "ELR_EL0", "PSTATE": "ESR_EL0", "SP": "FAR_EL0"}
"""Where a dispatcher at EL3 is kept while its callee runs: registers that the emulator has room for
and the architecture does not have."""
_LEVELS = (Level.EL1, Level.EL2, Level.EL3)


class EntryRegisters:
    """The memory that entries read registers into and write them from."""

    def __init__(self, ids: Mapping[str, int], dispatcher: Level) -> None:
        self._ids = ids
        self.key = (ctypes.c_char * KEY_SIZE)()
        self._sp = {name: ctypes.c_uint64() for name in ("SP", "SP_EL1", "SP_EL2", "SP_EL3")}
        self._spsr: dict[Level, CpReg] = {
            level: cp_reg(NAMED[f"spsr_{level}"]) for level in _LEVELS
        }
        base = ctypes.addressof(self.key)
        state = [
            ("PC", base + _PC),
            ("PSTATE", base + _PSTATE),
            (f"VBAR_EL{int(dispatcher)}", base + _VBAR),
            ("SP", ctypes.addressof(self._sp["SP"])),
        ]
        self._refresh = cp_reg(NAMED["tpidr_el0"])
        self._saved = {name: ctypes.c_uint64() for name in _SAVED.values()}
        if dispatcher is Level.EL3:
            state += [(name, ctypes.addressof(word)) for name, word in self._saved.items()]
            state.append(("CP_REG", ctypes.addressof(self._refresh)))
        self.read = self._transfer(state + self._targets(lambda level: level >= dispatcher))
        self.read_lower = self._transfer(self._targets(lambda level: level < dispatcher))
        """What an entry below the dispatcher needs besides; no call causes one."""

    def _targets(self, wanted: Callable[[Level], bool]) -> list[tuple[str, int]]:
        """Old PSTATE for SPSR, and the stack pointer, of levels that an exception may go to."""
        levels = [level for level in _LEVELS if wanted(level)]
        return [
            *(("PSTATE", val_address(self._spsr[level])) for level in levels),
            *(
                (f"SP_EL{int(level)}", ctypes.addressof(self._sp[f"SP_EL{int(level)}"]))
                for level in levels
            ),
        ]

    def _transfer(self, wanted: list[tuple[str, int]]) -> Transfer:
        return Transfer([self._ids[name] for name, _ in wanted], [place for _, place in wanted])

    @property
    def pc(self) -> int:
        return self._word(_PC, 8)

    @property
    def pstate(self) -> int:
        return self._word(_PSTATE, 4)

    @property
    def vbar(self) -> int:
        """The dispatcher's."""
        return self._word(_VBAR, 8)

    def _word(self, at: int, size: int) -> int:
        return int.from_bytes(self.key.raw[at : at + size], "little")

    def plan(self, entry: Entry, vbar: int, call: int | None) -> Plan:
        """The write that performs ``entry`` from the state last read: ELR and SPSR from PC and
        PSTATE, the stack pointer in use to its bank and the target's from its own."""
        pstate = self.pstate
        level = entry.level
        constants = (
            ctypes.c_uint64(entry.syndrome),
            ctypes.c_uint64(entry.pstate),
            ctypes.c_uint64(vbar + entry.offset),
        )
        syndrome, entered, vector = (ctypes.addressof(word) for word in constants)
        bank = f"SP_EL{int(exception_level(pstate))}" if pstate & PSTATE_SP else "SP_EL0"
        target = f"SP_EL{int(level)}"
        sp = self._sp["SP" if bank == target else target]
        writes = (
            (f"ELR_EL{int(level)}", ctypes.addressof(self.key) + _PC),
            (f"ESR_EL{int(level)}", syndrome),
            (bank, ctypes.addressof(self._sp["SP"])),
            ("SP", ctypes.addressof(sp)),
            ("PSTATE", entered),
            # any write through CP_REG after PSTATE makes the emulator see the new level
            ("CP_REG", ctypes.addressof(self._spsr[level])),
            ("PC", vector),
        )
        write = self._transfer(list(writes))
        return write.ids, write.pointers, call, (constants, write)

    def into_port(self, pstate: int, sp: int, pc: int) -> Plan:
        """The write that leaves the dispatcher for the callee, from the state last read."""
        constants = tuple(ctypes.c_uint64(value) for value in (sp, pstate, pc))
        stack, entered, start = (ctypes.addressof(word) for word in constants)
        writes = [
            (_SAVED["PC"], ctypes.addressof(self.key) + _PC),
            (_SAVED["PSTATE"], val_address(self._spsr[Level.EL3])),
            (_SAVED["SP"], ctypes.addressof(self._sp["SP"])),
            ("SP", stack),
            ("PSTATE", entered),
            ("CP_REG", ctypes.addressof(self._refresh)),
            ("PC", start),
        ]
        write = self._transfer(writes)
        return write.ids, write.pointers, None, (constants, write)

    def out_of_port(self) -> Plan:
        """The write that returns to the dispatcher."""
        saved = {name: ctypes.addressof(self._saved[place]) for name, place in _SAVED.items()}
        writes = [
            *[("SP", saved["SP"])] * (WRITES - 3),
            ("PSTATE", saved["PSTATE"]),
            ("CP_REG", ctypes.addressof(self._refresh)),
            ("PC", saved["PC"]),
        ]
        write = self._transfer(writes)
        return write.ids, write.pointers, None, write
