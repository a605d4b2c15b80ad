"""How each call ends: what the hooks of the emulator report, and the result made of it [TRAP-NEXT]
[TRAP-FAULT] [TRAP-OUTCOME] [TRAP-AGAIN] [TRAP-STATE] [TRAP-AARCH32].

Most calls end in the callers' machine code and never come here. The rest, whatever the dispatcher
does, end with a typed result, and the callers' loop goes on with the next call.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from smcproof.checker.trap import callers
from smcproof.checker.trap import layout as at
from smcproof.checker.trap.callee import SENDS_LIMIT
from smcproof.checker.trap.callers import VECTOR_SIZE, Caller
from smcproof.checker.trap.emulator import NOWHERE, ON_ACCESS, Emulator, TlbEntries
from smcproof.checker.trap.entry import INSTRUCTION_BYTES, PSTATE_NRW
from smcproof.checker.trap.layout import PAGE, Level
from smcproof.checker.trap.memory import MemoryMap, Permission
from smcproof.checker.trap.probe import Probe, handler_pstate
from smcproof.checker.trap.results import (
    Bound,
    Ending,
    Exceeded,
    Faulted,
    FaultKind,
    Fetch,
    Injected,
    Registers,
    Results,
    Resumed,
    Stopped,
)
from smcproof.checker.trap.state import NEEDED, SYNDROMES, TABLES, differences
from smcproof.checker.trap.sysreg import NAMED
from smcproof.checker.trap.tables import NOBODY, Tables

DENIED = 1 << 62
"""Added to the address of an access that nobody granted. Nothing is mapped there."""
ERET = (0xD69F_03E0).to_bytes(INSTRUCTION_BYTES, "little")
UNKNOWN = (1 << 64) - 1
"""Has the loop set stack pointers and PSTATE anew."""

_NOWHERE_PAGE = NOWHERE // PAGE * PAGE
_NEEDS = {16: Permission.READ, 17: Permission.WRITE, 18: Permission.EXECUTE}
_DENIALS = {16: FaultKind.READ, 17: FaultKind.WRITE, 18: FaultKind.FETCH}
_INVALID = {
    19: FaultKind.READ,
    20: FaultKind.WRITE,
    21: FaultKind.FETCH,
    22: FaultKind.WRITE,
    23: FaultKind.READ,
    24: FaultKind.FETCH,
}


class Observer:
    """Sees what happens to the running call, and ends it where its own code does not."""

    def __init__(
        self,
        emulator: Emulator,
        memory: MemoryMap,
        tables: Tables,
        probe: Probe,
        known: Sequence[Caller],
        dispatcher: Level,
        limit: int,
        seconds: float,
        results: Results,
    ) -> None:
        self._emulator = emulator
        self._memory = memory
        self._tables = tables
        self._probe = probe
        self._callers = known
        self._dispatcher = dispatcher
        self._limit = limit
        self._seconds = seconds
        self._pages: dict[tuple[int, Level], Permission] = {}
        self._denied: tuple[FaultKind, int] | None = None
        self._looking = False
        self._on_access = ON_ACCESS(self._invalid)
        self._access: tuple[FaultKind, int, int, int] | None = None
        self._before: dict[str, int] | None = None
        self._ended = -1
        self._sane = emulator.save()
        system = probe.system()
        self._repair = {name: system[name] for name in NEEDED if name in system}
        self.results = results
        self.first = 0
        """Index in the batch of the chunk's first call."""
        self.invoking = False
        """Whether the harness called a function of the dispatcher; then no call runs."""
        self._invoked: tuple[Ending, Registers] | None = None
        self.broken = False
        """Whether the callers' loop cannot go on; the calls after the running one are lost."""
        self.trouble: BaseException | None = None
        self.chunk_done: Callable[[], None] = lambda: None
        self.ended: Callable[[], None] = lambda: None
        """What the machine and the interrupts do when the loop, or a call, comes to its end."""

    @property
    def index(self) -> int:
        """The call of the batch that runs; -1 if none does."""
        return -1 if self.invoking else self.first + self._tables.index

    @property
    def level(self) -> Level:
        """The level of the caller that runs."""
        number = self._tables.caller
        return Level.EL1 if number == NOBODY else self._callers[number].level

    @property
    def next_call(self) -> int:
        """Where the loop goes on with the next call."""
        return self._tables.program.symbol(f"next_{self.level}")

    def restart(self) -> None:
        """Has the loop go on with the next call, whatever happened to this one."""
        state = {"X22": UNKNOWN, "PSTATE": handler_pstate(self.level), "PC": self.next_call}
        self._probe.put(state)

    # -- what the interrupts report --------------------------------------------------------------

    def resumed(self) -> None:
        """The caller runs where it should not: not behind its call and not in its vectors."""
        registers = self._probe.dump()
        self.end(self._resumed(registers.pc), registers)

    def called_again(self) -> None:
        """The caller made its call once more: it had been resumed at it."""
        registers = self._probe.dump()
        self.end(self._resumed(self.results.site(self.index).address), registers)

    def undefined_at_caller(self, pc: int) -> None:
        """The caller met an undefined instruction: a landing, if the dispatcher traps SIMD."""
        registers = self._probe.dump()
        where = callers.landed(self.level, pc)
        if where is None:
            self.end(self._at_caller(registers), registers)
            return
        address = callers.returned_to(self.level, where)
        if address < callers.VECTORS * VECTOR_SIZE:
            self.end(self._injected(address, registers), registers)
        else:
            self.end(self._resumed(address), registers)

    def faulted(self, kind: FaultKind) -> None:
        """The dispatcher (or the callee) caused an exception that is no call."""
        registers = self._probe.dump()
        self.end(_fault(kind, registers), registers)

    def failed(self, error: BaseException) -> None:
        """Something in the harness raised; whoever started the emulator raises it again."""
        if self.trouble is None:
            self.trouble = error
        self._emulator.stop()

    def harness_breakpoint(self, imm: int, pc: int) -> None:
        """The machine code of the harness asks for something."""
        match imm:
            case at.BRK_DONE:
                self.chunk_done()
            case at.BRK_SWITCH:
                self._switch()
            case at.BRK_LOG_FULL:
                self._log_full(pc)
            case at.BRK_BEFORE:
                self._before_audit(pc)
            case at.BRK_AFTER:
                self._after_audit(pc)
            case _:
                self.end(Resumed(pc, 0), self._probe.dump())

    def _switch(self) -> None:
        """Another caller takes over: applies what belongs to it."""
        number = self.results.batch.caller(self.index)
        caller = self._callers[number]
        for register, value in caller.sysregs:
            self._emulator.put_system(register, value)
        for address, data in caller.writes:
            if not self._memory.write(address, data):
                raise ValueError(f"caller {number} writes to {address:#x}, where nothing is")
        self._tables.caller = number
        after = self._tables.program.symbol(f"switched_{caller.level}")
        self._probe.put({"X22": UNKNOWN, "PSTATE": handler_pstate(caller.level), "PC": after})

    def _log_full(self, pc: int) -> None:
        self._tables.drain(self.results)
        before = 0 if self.invoking else self._tables.sends_before(self.results, self.first)
        if self._tables.sends - before > SENDS_LIMIT:
            registers = self._probe.dump()
            self.end(Exceeded(Bound.SENDS, None, registers), registers)
        else:
            self._probe.put({"PC": pc + INSTRUCTION_BYTES})

    def _before_audit(self, pc: int) -> None:
        if self._before is not None:
            self.resumed()  # in front of the call, where the audit began
            return
        self._before = self._probe.system()
        self._emulator.put_system(NAMED[f"vbar_{self.level}"], at.AUDIT_VECTORS.base)
        self._probe.put({"PC": pc + INSTRUCTION_BYTES})

    def _after_audit(self, pc: int) -> None:
        registers = self._probe.dump()
        if pc not in at.AUDIT_VECTORS or pc % VECTOR_SIZE:
            self.end(self._resumed(pc), registers)
            return
        self.end(self._injected(pc - at.AUDIT_VECTORS.base, registers), registers)

    # -- other hooks -----------------------------------------------------------------------------

    def outcome(self, label: str) -> Callable[[int, int, int], None]:
        """A code hook that ends the call as ``label``."""

        def reached(_uc: int, _address: int, _size: int) -> None:
            try:
                registers = self._probe.dump()
                self.end(Stopped(label, registers), registers)
            except BaseException as error:  # noqa: BLE001 nothing may leave a callback
                self.failed(error)

        return reached

    def block(self, _uc: int, _address: int, size: int) -> None:
        """A block hook that counts the dispatcher's instructions and ends the call at the limit."""
        if self._looking:
            return
        try:
            index = self.index
            spent = self.results.instructions.get(index, 0) + size // INSTRUCTION_BYTES
            self.results.instructions[index] = spent
            if spent > self._limit:
                registers = self._probe.dump()
                self.end(Exceeded(Bound.INSTRUCTIONS, spent, registers), registers)
        except BaseException as error:  # noqa: BLE001 nothing may leave a callback
            self.failed(error)

    def fill(self, _uc: int, address: int, access: int, answer: TlbEntries) -> bool:
        """The emulator's TLB lacks a page for the current level; False denies the access. When an
        access is made once more to see its address, the page is entered where nothing is mapped."""
        try:
            page = address // PAGE * PAGE
            level = self._probe.level()
            may = self._pages.get((page, level))
            if may is None:
                may = self._pages[page, level] = self._memory.permission(page, level)
            needed = _NEEDS[access]
            entry = answer[0]
            entry.paddr, entry.perms = page, int(may)
            if may & needed:
                return True
            entry.paddr, entry.perms = page | DENIED, int(needed)
            if page == _NOWHERE_PAGE and needed is Permission.EXECUTE:
                return True  # whenever it stops the emulator looks at where it was to stop
            self._denied = (_DENIALS[access], page)
        except BaseException as error:  # noqa: BLE001 nothing may leave a callback
            self.failed(error)
            return False
        return self._looking

    def fetched(self, fetch: Fetch) -> None:
        """The dispatcher touched the watched page."""
        self.results.fetches.setdefault(self.index, []).append(fetch)

    # -- ending a call ---------------------------------------------------------------------------

    def without_signal(self, error: int) -> bool:
        """The emulator came back by itself: ends the call for a fault or a halt. False if only the
        time was up."""
        registers = self._probe.dump()
        if self._left_aarch64(registers):
            return True
        if error or registers.pc // PAGE * PAGE == _NOWHERE_PAGE:
            self.end(self._access_fault(registers), registers)
            return True
        if not self._emulator.timed_out:
            self.faulted(FaultKind.HALTED)
            return True
        return False

    def begin_invocation(self, results: Results) -> None:
        """Before the harness calls a function of the dispatcher."""
        self.results = results
        self.invoking, self._invoked = True, None

    def invocation(self, error: int) -> tuple[Ending, Registers]:
        """How the function that the harness called ended."""
        if self._invoked is None and not self.without_signal(error):
            self.out_of_time()
        invoked, self._invoked = self._invoked, None
        if invoked is None:
            raise RuntimeError("a function of the dispatcher ended without a result")
        return invoked

    def out_of_time(self) -> None:
        """Ends the call because the time is up."""
        registers = self._probe.dump()
        spent = self.results.instructions.get(self.index)
        self.end(Exceeded(Bound.TIME, spent, registers), registers)

    def end(self, ending: Ending, registers: Registers) -> None:
        """Notes how the call ended and has the loop go on with the next one."""
        if self.invoking:
            self._invoked = (ending, registers)
            self._emulator.stop()
            return
        index = self.index
        if index == self._ended:
            self.broken = True  # the loop does not come as far as the next call
            self._emulator.stop()
            return
        self._ended = index
        if self._before is not None:
            self._end_audit(index, ending)
        self.results.endings[index] = ending
        where = ending.address if isinstance(ending, Resumed) else registers.pc
        self._tables.write_result(registers, registers.banked_sp[self.level], where)
        self.ended()
        self.restart()

    def forget(self) -> None:
        """Calls are given up and made again."""
        self._before = None
        self._ended = -1

    def _end_audit(self, index: int, ending: Ending) -> None:
        before, self._before = self._before or {}, None
        if isinstance(ending, Resumed | Injected):
            ignored = TABLES | (SYNDROMES if isinstance(ending, Injected) else frozenset())
            after = self._probe.system()
            self.results.differences[index] = differences(before, after, ignored)
        self._emulator.put_system(NAMED[f"vbar_{self.level}"], callers.vectors(self.level))

    def _injected(self, vector: int, registers: Registers) -> Injected:
        bank = max(registers.level, Level.EL1) - 1
        elr = registers.elr[bank]
        return Injected(
            vector=vector,
            esr=registers.esr[bank],
            elr=elr,
            spsr=registers.spsr[bank],
            elr_delta=elr - self.results.site(self.index).address,
        )

    def _at_caller(self, registers: Registers) -> Ending:
        """The caller's level runs where it cannot. If that is the callers' loop itself, the registers
        that it needs are put right."""
        if registers.pc not in at.CALLER_CODE:
            return self._resumed(registers.pc)
        for name, value in self._repair.items():
            self._emulator.put_system(NAMED[name], value)
        return _fault(FaultKind.CALLER, registers)

    def _resumed(self, address: int) -> Ending:
        if self.invoking:
            return _fault(FaultKind.FETCH, self._probe.dump())
        return Resumed(address, address - self.results.site(self.index).address)

    def _access_fault(self, registers: Registers) -> Ending:
        level = registers.level
        denied, page = self._denied or (None, 0)
        if level in (Level.EL0, *self._tables.caller_levels):
            return self._at_caller(registers)
        if denied is FaultKind.FETCH or registers.pc // PAGE * PAGE == _NOWHERE_PAGE:
            return Faulted(FaultKind.FETCH, level, registers.pc, INSTRUCTION_BYTES, None, registers)
        self._look_again(registers.pc)
        if self._access is None:
            return _fault(FaultKind.OTHER, registers)
        kind, address, size, value = self._access
        address = page | address % PAGE
        written = value & (1 << 8 * size) - 1 if kind is FaultKind.WRITE else None
        return Faulted(kind, level, address, size, written, registers)

    def _left_aarch64(self, registers: Registers) -> bool:
        """Whether the dispatcher returned to AArch32 state, which nobody here uses and the emulator
        does not come back from: ends the call at the address it returned to, and continues in the
        state of the beginning of the run with the system registers of now."""
        at_bank = self._dispatcher - 1
        spsr = registers.spsr[at_bank]
        word = self._memory.read(registers.pc, INSTRUCTION_BYTES)
        if not spsr & PSTATE_NRW or word != ERET:
            return False
        system = {name: self._probe.system_register(reg) for name, reg in NAMED.items()}
        banks = {
            name: self._emulator.get(name) for name in ("SP_EL0", "SP_EL1", "SP_EL2", "SP_EL3")
        }
        self._emulator.restore(self._sane)
        for name, value in system.items():
            self._emulator.put_system(NAMED[name], value)
        for name, value in banks.items():
            self._emulator.put(name, value)
        left = replace(registers, pstate=spsr, pc=registers.elr[at_bank])
        self.end(self._resumed(left.pc), left)
        return True

    def _look_again(self, pc: int) -> None:
        """Makes the access that faulted once more, with a hook that sees its address. The hook is
        not always there because every store is then twenty times as slow."""
        self._access = None
        handle = self._emulator.hook("MEM_INVALID", self._on_access)
        self._emulator.forget_code()
        self._looking = True
        self._emulator.start(pc, self._seconds)
        self._looking = False
        self._emulator.unhook(handle)
        self._emulator.forget_pages()
        self._emulator.forget_code()

    def _invalid(self, _uc: int, kind: int, address: int, size: int, value: int) -> bool:
        if self._access is None:
            self._access = (_INVALID.get(kind, FaultKind.OTHER), address, size, value)
        return False

    def clear(self) -> None:
        """Before the emulator starts."""
        self._denied = None

    def begin(self, results: Results) -> None:
        """Before a run."""
        self.results = results
        if self._before is not None:  # the run before was given up in an audited call
            self._emulator.put_system(NAMED[f"vbar_{self.level}"], callers.vectors(self.level))
            self._before = None
        self._emulator.save(self._sane)
        self.broken = False
        self._ended = -1


def _fault(kind: FaultKind, registers: Registers) -> Faulted:
    return Faulted(kind, registers.level, None, None, None, registers)
