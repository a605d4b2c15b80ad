"""What the harness does when the emulator reports an exception [TRAP-ENTRY]
[TRAP-RETURN-ADDRESS] [TRAP-INJECTION] [TRAP-CODE].

The emulator decides that there is one and which; the harness performs the entry. The common case is
a plan that is known already; everything else is worked out in ``_unplanned``.
"""

from collections import defaultdict
from collections.abc import Callable
from enum import IntEnum
from typing import Protocol

from smcproof.checker.trap import callee
from smcproof.checker.trap.callers import brk_immediate
from smcproof.checker.trap.emulator import Emulator
from smcproof.checker.trap.entry import INSTRUCTION_BYTES, Cause, decode, exception_level, take
from smcproof.checker.trap.layout import (
    BRK_AFTER,
    BRK_BEFORE,
    BRK_DONE,
    BRK_EXCEPTION,
    BRK_LOG_FULL,
    BRK_PORTED,
    BRK_SETUP,
    BRK_SWITCH,
    CALLEE_FRAME,
    HOME,
    HOME_END,
    Level,
)
from smcproof.checker.trap.memory import MemoryMap
from smcproof.checker.trap.plans import WRITES, EntryRegisters, Plan
from smcproof.checker.trap.probe import Probe, handler_pstate
from smcproof.checker.trap.results import FaultKind
from smcproof.checker.trap.sysreg import NAMED, SysReg, decode_access, matches
from smcproof.checker.trap.tables import Tables
from smcproof.spec.call import Conduit

PLANS = 1 << 16
"""Plans kept at most; a batch with more different call sites works them out again."""


class Interrupt(IntEnum):
    """Exception numbers of the emulator."""

    UNDEFINED = 1
    SVC = 2
    DATA_ABORT = 4
    BREAKPOINT = 7
    HVC = 11
    TRAP = 12
    SMC = 13


_CALLS: dict[int, tuple[Conduit, Cause]] = {
    Interrupt.SVC: (Conduit.SVC, Cause.SVC),
    Interrupt.HVC: (Conduit.HVC, Cause.HVC),
    Interrupt.TRAP: (Conduit.SMC, Cause.SMC_TRAPPED),
    Interrupt.SMC: (Conduit.SMC, Cause.SMC),
}


class Host(Protocol):
    """Whom the interrupts report to; each of these decides how the machine goes on."""

    def resumed(self) -> None: ...
    def called_again(self) -> None: ...
    def undefined_at_caller(self, pc: int) -> None: ...
    def faulted(self, kind: FaultKind) -> None: ...
    def harness_breakpoint(self, imm: int, pc: int) -> None: ...
    def failed(self, error: BaseException) -> None: ...


class Interrupts:
    """The interrupt hook of one machine."""

    def __init__(
        self,
        emulator: Emulator,
        memory: MemoryMap,
        tables: Tables,
        probe: Probe,
        dispatcher: Level,
        remember: tuple[str, ...],
        host: Host,
    ) -> None:
        self._emulator = emulator
        self._memory = memory
        self._tables = tables
        self._probe = probe
        self._dispatcher = dispatcher
        self._patterns = remember
        self._host = host
        self._registers = EntryRegisters(emulator.ids, dispatcher)
        self._plans: defaultdict[int, dict[bytes, Plan]] = defaultdict(dict)
        self._planned = 0
        self.remembered: dict[SysReg, int] = {}
        self._last_call = 0

    def hook(self) -> Callable[[int, int], None]:
        """The callback. ``_last_call`` is where the last call came from: calls alternate between two
        stubs, so the same place again means that the dispatcher resumed the caller at its call."""
        handle = self._emulator.handle
        read_batch, write_batch = self._emulator.read_batch, self._emulator.write_batch
        read = self._registers.read
        ids, pointers, count = read.ids, read.pointers, read.count
        key = self._registers.key
        plans = self._plans
        unplanned = self._unplanned

        def on_interrupt(_uc: int, number: int) -> None:
            try:
                read_batch(handle, ids, pointers, count)
                plan = plans[number].get(key.raw)
                if plan is None:
                    plan = unplanned(number)
                    if plan is None:
                        return
                where, values, call, _ = plan
                if call is not None:
                    if call == self._last_call:
                        self._host.called_again()
                        return
                    self._last_call = call
                write_batch(handle, where, values, WRITES)
            except BaseException as error:  # noqa: BLE001 nothing may leave a callback
                self._host.failed(error)

        return on_interrupt

    def call_ended(self) -> None:
        """What comes next is another call, wherever it comes from."""
        self._last_call = 0

    def _unplanned(self, number: int) -> Plan | None:
        """The plan of an exception seen for the first time, None if it was dealt with here."""
        pc = self._registers.pc
        level = exception_level(self._registers.pstate)
        if number in _CALLS:
            return self._call(number, pc, level)
        if number == Interrupt.BREAKPOINT:
            return self._breakpoint(pc, level)
        if number == Interrupt.UNDEFINED:
            return self._undefined(pc, level)
        aborted = number == Interrupt.DATA_ABORT
        self._host.faulted(FaultKind.ALIGNMENT if aborted else FaultKind.OTHER)
        return None

    def _call(self, number: int, pc: int, level: Level) -> Plan | None:
        conduit, cause = _CALLS[number]
        at = pc if cause is Cause.SMC_TRAPPED else pc - INSTRUCTION_BYTES
        found = decode(self._word(at))
        if found is None or found[0] is not conduit:
            self._host.faulted(FaultKind.TRAPPED)
            return None
        if level is Level.EL3 and pc == callee.PORT_RETURN:
            start = self._tables.program.symbol("callee_ported")
            pstate = handler_pstate(self._tables.callee_level)
            plan = self._registers.into_port(pstate, CALLEE_FRAME.base, start)
            return self._remember_plan(number, plan)
        return self._plan(number, cause, found[1], at, level)

    def _plan(self, number: int, cause: Cause, imm: int, at: int, level: Level) -> Plan | None:
        entry = take(cause, self._registers.pstate, imm)
        from_caller = level in self._tables.caller_levels
        if entry.level is self._dispatcher:
            vbar = self._registers.vbar
        elif entry.level > self._dispatcher:
            vbar = self._tables.program.symbol("callee_vectors")
        else:
            vbar = self._probe.system_register(NAMED[f"vbar_{entry.level}"])
            self._emulator.read(self._registers.read_lower)
        call = self._registers.pc if from_caller and entry.level is self._dispatcher else None
        plan = self._registers.plan(entry, vbar, call)
        if self._memory.constant(at) and entry.level >= self._dispatcher:
            return self._remember_plan(number, plan)
        return plan

    def _remember_plan(self, number: int, plan: Plan) -> Plan:
        if self._planned >= PLANS:
            self._plans.clear()
            self._planned = 0
        self._plans[number][self._registers.key.raw] = plan
        self._planned += 1
        return plan

    def _undefined(self, pc: int, level: Level) -> Plan | None:
        """A dispatcher's access to a register that the emulator lacks, or a caller's call that is
        disabled; anything else is the end of the call."""
        word = self._word(pc)
        if level is self._dispatcher and self._remembered(word, pc):
            return None
        if pc % INSTRUCTION_BYTES and level is self._dispatcher:
            self._host.faulted(FaultKind.MISALIGNED)
            return None
        if level in self._tables.caller_levels:
            if decode(word) is not None:
                return self._plan(Interrupt.UNDEFINED, Cause.UNDEFINED, 0, pc, level)
            self._host.undefined_at_caller(pc)
            return None
        self._host.faulted(FaultKind.UNDEFINED)
        return None

    def _remembered(self, word: int, pc: int) -> bool:
        access = decode_access(word)
        if access is None or not any(matches(p, access.register) for p in self._patterns):
            return False
        name = f"X{access.rt}"
        if not access.read:
            value = self._emulator.get(name) if access.rt < 31 else 0
            self.remembered[access.register] = value
        elif access.rt < 31:
            self._probe.put({name: self.remembered.get(access.register, 0)})
        self._probe.put({"PC": pc + INSTRUCTION_BYTES})
        return True

    def _breakpoint(self, pc: int, level: Level) -> Plan | None:
        imm = brk_immediate(self._word(pc))
        ours = HOME <= pc < HOME_END
        if ours and imm == BRK_PORTED:
            return self._remember_plan(Interrupt.BREAKPOINT, self._registers.out_of_port())
        if ours and imm == BRK_EXCEPTION:
            self._host.faulted(FaultKind.UNEXPECTED)
        elif ours and imm in (BRK_DONE, BRK_SWITCH, BRK_LOG_FULL, BRK_SETUP, BRK_BEFORE, BRK_AFTER):
            self._host.harness_breakpoint(imm, pc)
        elif level in self._tables.caller_levels:
            self._host.resumed()
        else:
            self._host.faulted(FaultKind.BREAKPOINT)
        return None

    def _word(self, address: int) -> int:
        return int.from_bytes(self._memory.read(address, INSTRUCTION_BYTES) or b"", "little")
