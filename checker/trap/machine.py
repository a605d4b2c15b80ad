"""The AArch64 machine: a dispatcher's code at EL2 or EL3 under real callers [TRAP-MACHINE].

Calls go in and results come out through memory, thousands per start of the emulator; Python runs at
exception entries, and there costs one prepared register read and one write.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from smcproof.checker.trap import layout as at
from smcproof.checker.trap.batch import Answer, Batch, slot_instruction
from smcproof.checker.trap.callee import SENDS_LIMIT, Profile
from smcproof.checker.trap.callers import VECTOR_SIZE, Caller
from smcproof.checker.trap.callers import vectors as caller_vectors
from smcproof.checker.trap.devices import Watched
from smcproof.checker.trap.emulator import (
    ON_ACCESS,
    ON_CODE,
    ON_FILL,
    ON_INTERRUPT,
    Emulator,
    TlbEntries,
)
from smcproof.checker.trap.entry import INSTRUCTION_BYTES
from smcproof.checker.trap.image import Image, dispatcher_level
from smcproof.checker.trap.interrupts import Interrupts
from smcproof.checker.trap.layout import PAGE, Level
from smcproof.checker.trap.memory import MemoryMap, Permission
from smcproof.checker.trap.placement import place, set_registers
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
    Resumed,
    Results,
    Sent,
    Stopped,
)
from smcproof.checker.trap.state import STASH, SYNDROMES, TABLES, differences
from smcproof.checker.trap.sysreg import NAMED, SysReg, spelling
from smcproof.checker.trap.tables import NOBODY, Tables
from smcproof.spec.call import Conduit

STRETCH = 16
"""Chunks per start of the emulator, and so per bound on time."""
DENIED = 1 << 62
"""Added to the address of an access that nobody granted. Nothing is mapped there, and the emulator
reports the address exactly."""
PATIENCE = 20
"""Times the bound on time where instructions are counted."""

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


@dataclass(frozen=True, slots=True)
class Invocation:
    """A function of the dispatcher that the harness called: how it ended, the registers then (x0 is
    its result if it returned) and the SMCs that reached the callee."""

    ending: Ending
    registers: Registers
    sends: tuple[Sent, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The machine between two calls, to return to."""

    context: Any
    memory: tuple[bytes, ...]
    devices: tuple[dict[int, int], ...]
    remembered: dict[SysReg, int]
    watched: bytes


class Machine:
    """One processor with one dispatcher, its callers and the callee.

    ``level`` is the dispatcher's (EL2: calls are trapped SMC and HVC from EL1; EL3: taken SMC from
    EL1 and EL2). ``callers`` are known by number. ``observe`` are addresses of 8-byte words that are
    copied into every result. ``limit`` bounds the dispatcher's instructions per call where they are
    counted, ``seconds`` the time for ``STRETCH`` chunks where they are not. Raises ValueError for an
    image that cannot be placed, AssemblyError or ImportError where a tool is missing.
    """

    def __init__(
        self,
        image: Image,
        level: Level = Level.EL2,
        profile: Profile = Profile.V1_0,
        *,
        callers: Sequence[Caller] = (Caller(),),
        observe: Sequence[int] = (),
        limit: int = 20_000,
        seconds: float = 0.5,
        cpu: str = "cortex-a57",
    ) -> None:
        self.image = image
        self.level = dispatcher_level(level)
        self.profile = profile
        self.callers = tuple(callers)
        self.limit = limit
        self.seconds = seconds
        self._emulator = Emulator(cpu)
        self._memory = MemoryMap()
        self._tables = Tables(self._memory, self.level, profile, observe)
        self._placed = place(image, self._emulator, self._memory, self._tables, self.level)
        self._watched = Watched(self._emulator, self._fetched)
        self._probe = Probe(self._emulator, self.level)
        set_registers(image, self._emulator, self._tables, self.level)
        self._interrupts = Interrupts(
            self._emulator,
            self._memory,
            self._tables,
            self._probe,
            self.level,
            image.remember,
            self,
        )
        self._pages: dict[tuple[int, Level], Permission] = {}
        self._denied: FaultKind | None = None
        self._access: tuple[FaultKind, int, int, int] | None = None
        self._trouble: BaseException | None = None
        self._results = Results(Batch(), (), 0, profile)
        self._first = self._count = self._until = self._log_start = 0
        self._finished = self._partial = False
        self._counting = False
        self._counters: list[int] = []
        self._before: dict[str, int] | None = None
        self._invoking = False
        self._invoked: tuple[Ending, Registers] | None = None
        hook = self._emulator.hook
        hook("INTR", ON_INTERRUPT(self._interrupts.hook()))
        hook("TLB_FILL", ON_FILL(self._fill))
        for address, label in image.outcomes.items():
            hook("CODE", ON_CODE(self._outcome(label)), address, address)
        self._context = self._emulator.save()
        self._chunk_start = self._snapshot(self._context)

    # -- for users -------------------------------------------------------------------------------

    @property
    def watched(self) -> bytearray:
        """The content of the watched page, which stands at ``layout.WATCHED``."""
        return self._watched.content

    def read(self, address: int, size: int) -> bytes:
        """The dispatcher's memory; ValueError if it has none there."""
        data = self._memory.read(address, size)
        if data is None:
            raise ValueError(f"there is no memory of {size} bytes at {address:#x}")
        return data

    def write(self, address: int, data: bytes) -> None:
        """Changes the dispatcher's memory; ValueError if it has none there."""
        if not self._memory.write(address, data):
            raise ValueError(f"there is no memory of {len(data)} bytes at {address:#x}")
        self._emulator.forget_code()

    def run(self, batch: Batch, *, counted: bool = False) -> Results:
        """Makes the calls, each in the state that the one before left.

        ``counted`` counts the dispatcher's instructions per call and ends a call at the limit;
        without it only a call that does not end in time is made again with counting.
        """
        levels = self._check(batch)
        self._tables.add_stubs(batch, levels)
        self._tables.sends = 0
        all_levels = tuple(caller.level for caller in self.callers)
        self._results = results = Results(
            batch, all_levels, self._tables.next_parity, self.profile
        )
        before = self._probe.system()
        self._count_instructions(counted)
        position = 0
        while position < len(batch):
            self._until = min(len(batch), position + STRETCH * at.CHUNK)
            self._load(position)
            self._loop()
            position = self._first + self._count
        self._count_instructions(False)
        ignored = STASH | SYNDROMES | self._applied()
        results.drift = differences(before, self._probe.system(), ignored)
        results.damage = self._damage()
        return results

    def invoke(
        self, address: int, arguments: Sequence[int] = (), answers: Sequence[Answer] = ()
    ) -> Invocation:
        """Calls a function of the dispatcher, at its own level and on its own stack."""
        self._results = Results(Batch(), (), 0, self.profile)
        self._tables.sends = 0
        self._tables.load_answers(b"".join(answer.packed() for answer in answers))
        stack = f"SP_EL{int(self.level)}"
        values = {f"X{number}": value for number, value in enumerate(arguments)}
        values |= {"X30": at.RETURN.base, "SP": self._emulator.get(stack)}
        self._probe.put({**values, "PSTATE": handler_pstate(self.level)})
        self._invoking, self._invoked = True, None
        try:
            error = self._emulate(address)
            if self._invoked is None:
                self._without_signal(error)
        finally:
            self._invoking = False
        assert self._invoked is not None
        ending, registers = self._invoked
        if isinstance(ending, Resumed):
            self._emulator.put(stack, registers.sp)
        self._tables.drain(self._results)
        sends = tuple(self._results.logged(index) for index in range(self._tables.sends))
        return Invocation(ending, registers, sends)

    def save(self) -> Snapshot:
        """The state between two batches."""
        return self._snapshot(self._emulator.save())

    def restore(self, snapshot: Snapshot) -> None:
        """Back to a state that was saved."""
        self._emulator.restore(snapshot.context)
        for block, content in zip(self._placed.mutable, snapshot.memory, strict=True):
            block.view[:] = content
        for device, values in zip(self._placed.devices, snapshot.devices, strict=True):
            device.content = dict(values)
        self._interrupts.remembered = dict(snapshot.remembered)
        self._interrupts.last_call = 0
        self._watched.content[:] = snapshot.watched
        self._emulator.forget_code()

    def _snapshot(self, context: Any) -> Snapshot:
        return Snapshot(
            context,
            tuple(bytes(block.view) for block in self._placed.mutable),
            tuple(dict(device.content) for device in self._placed.devices),
            dict(self._interrupts.remembered),
            bytes(self._watched.content),
        )

    # -- running chunks --------------------------------------------------------------------------

    def _check(self, batch: Batch) -> list[Level]:
        for number in batch.callers:
            if not 0 <= number < len(self.callers):
                raise ValueError(f"caller {number} is none of the {len(self.callers)} callers")
        for number in batch.slots:
            if self.level is Level.EL3 and slot_instruction(number)[0] is Conduit.HVC:
                raise ValueError("no `hvc` reaches a dispatcher at el3")
        return [self.callers[number].level for number in batch.callers]

    def _applied(self) -> frozenset[str]:
        """Registers that callers bring along, which change with them."""
        return frozenset(spelling(name) for caller in self.callers for name, _ in caller.sysregs)

    def _load(self, first: int) -> None:
        self._first = first
        self._count = self._tables.load(self._results.batch, first, self._until - first)
        self._log_start = len(self._results.log)
        self._chunk_start = self._snapshot(self._emulator.save(self._context))

    def _loop(self) -> None:
        """Runs the loop of the callers until it signals that it is finished."""
        self._finished = False
        self._restart()
        while not self._finished:
            error = self._emulate(self._next())
            if not self._finished:
                self._without_signal(error)

    def _emulate(self, pc: int) -> int:
        self._denied = None
        seconds = self.seconds * (PATIENCE if self._counting else 1)
        error = self._emulator.start(pc, seconds)
        if self._trouble is not None:
            trouble, self._trouble = self._trouble, None
            raise trouble
        return error

    def _next(self) -> int:
        return self._tables.program.symbol(f"next_{self._level()}")

    def _level(self) -> Level:
        """The level of the caller that runs."""
        number = self._tables.caller
        return Level.EL1 if number == NOBODY else self.callers[number].level

    def _restart(self) -> None:
        """Has the loop go on with the next call, whatever happened to this one."""
        unknown = (1 << 64) - 1
        self._probe.put(
            {"X22": unknown, "PSTATE": handler_pstate(self._level()), "PC": self._next()}
        )

    def _without_signal(self, error: int) -> None:
        """The emulator came back by itself: a fault, the time, or a halt."""
        registers = self._probe.dump()
        if not self._invoking and self._tables.index < 0:
            self._restart()  # stopped between two chunks, where no call runs
        elif error:
            self._end(self._fault(registers), registers)
        elif not self._emulator.timed_out:
            self._end(self._faulted(FaultKind.HALTED, registers), registers)
        elif self._invoking or self._counting or self._partial:
            self._end(Exceeded(Bound.TIME, None, registers), registers)
        else:
            self._again_counted()

    def _again_counted(self) -> None:
        """The running call does not end in time: returns to the start of the chunk, makes the calls
        before it again, and then this one with its instructions counted, so that it ends the same
        whenever it is made."""
        index, count = self._tables.index, self._count
        results, first = self._results, self._first
        self.restore(self._chunk_start)
        del results.log[self._log_start :]
        for kept in (results.endings, results.fetches, results.differences, results.instructions):
            for number in [number for number in kept if number >= first]:
                del kept[number]
        self._tables.clear_results(count)
        self._partial = True
        for end, counting in ((index, False), (index + 1, True)):
            self._tables.extend(end)
            self._count_instructions(counting)
            self._loop()
        self._count_instructions(False)
        self._partial = False
        self._tables.extend(count)
        self._finished = False
        self._restart()

    def _count_instructions(self, wanted: bool) -> None:
        if wanted == self._counting:
            return
        self._counting = wanted
        if wanted:
            self._counters = [
                self._emulator.hook("BLOCK", ON_CODE(self._block), region.base, region.end - 1)
                for region in self._placed.executable
            ]
        else:
            for handle in self._counters:
                self._emulator.unhook(handle)
        self._emulator.forget_code()

    def _damage(self) -> tuple[int, ...]:
        return tuple(
            block.region.base + offset
            for block, content in self._placed.constant
            if block.view != content
            for offset, (now, then) in enumerate(zip(block.view, content, strict=True))
            if now != then
        )

    # -- what hooks report -----------------------------------------------------------------------

    def resumed(self) -> None:
        """The caller runs where it should not: not behind its call and not in its vectors."""
        registers = self._probe.dump()
        self._end(self._resumed(registers.pc), registers)

    def called_again(self) -> None:
        """The caller made its call once more: it had been resumed at it."""
        registers = self._probe.dump()
        self._end(self._resumed(self._results.site(self._index).address), registers)

    def faulted(self, kind: FaultKind) -> None:
        """The dispatcher (or the callee) caused an exception that is no call."""
        registers = self._probe.dump()
        self._end(self._faulted(kind, registers), registers)

    def failed(self, error: BaseException) -> None:
        """Something in the harness raised; ``run`` raises it again."""
        if self._trouble is None:
            self._trouble = error
        self._emulator.stop()

    def harness_breakpoint(self, imm: int, pc: int) -> None:
        """The machine code of the harness asks for something."""
        match imm:
            case at.BRK_DONE:
                self._chunk_done()
            case at.BRK_SWITCH:
                self._switch()
            case at.BRK_LOG_FULL:
                self._log_full(pc)
            case at.BRK_BEFORE:
                self._before_audit(pc)
            case at.BRK_AFTER:
                self._after_audit(pc)
            case _:
                registers = self._probe.dump()
                self._end(Resumed(pc, 0), registers)

    def _chunk_done(self) -> None:
        following = self._first + self._count
        if not self._partial:
            self._tables.collect(self._results, self._first, self._count)
            if following < self._until:
                self._load(following)
                self._restart()
                return
        self._finished = True
        self._emulator.stop()

    def _switch(self) -> None:
        number = self._results.batch.caller(self._index)
        caller = self.callers[number]
        for register, value in caller.sysregs:
            self._emulator.put_system(register, value)
        for address, data in caller.writes:
            self.write(address, data)
        self._tables.caller = number
        after = self._tables.program.symbol(f"switched_{caller.level}")
        state = {"X22": (1 << 64) - 1, "PSTATE": handler_pstate(caller.level), "PC": after}
        self._probe.put(state)

    def _log_full(self, pc: int) -> None:
        self._tables.drain(self._results)
        before = self._tables.sends_before(self._results, self._first)
        if self._tables.sends - before > SENDS_LIMIT:
            registers = self._probe.dump()
            self._end(Exceeded(Bound.SENDS, None, registers), registers)
        else:
            self._probe.put({"PC": pc + INSTRUCTION_BYTES})

    def _before_audit(self, pc: int) -> None:
        self._before = self._probe.system()
        self._emulator.put_system(NAMED[f"vbar_{self._level()}"], at.AUDIT_VECTORS.base)
        self._probe.put({"PC": pc + INSTRUCTION_BYTES})

    def _after_audit(self, pc: int) -> None:
        registers = self._probe.dump()
        ending: Ending = self._resumed(pc)
        if pc in at.AUDIT_VECTORS and pc % VECTOR_SIZE == 0:
            bank = max(registers.level, Level.EL1) - 1
            elr = registers.elr[bank]
            site = self._results.site(self._index)
            ending = Injected(
                vector=pc - at.AUDIT_VECTORS.base,
                esr=registers.esr[bank],
                elr=elr,
                spsr=registers.spsr[bank],
                elr_delta=elr - site.address,
            )
        self._end(ending, registers)

    def _outcome(self, label: str) -> Callable[[int, int, int], None]:
        def reached(_uc: int, _address: int, _size: int) -> None:
            try:
                registers = self._probe.dump()
                self._end(Stopped(label, registers), registers)
            except BaseException as error:  # nothing may leave a callback
                self.failed(error)

        return reached

    def _block(self, _uc: int, _address: int, size: int) -> None:
        try:
            index = -1 if self._invoking else self._index
            spent = self._results.instructions.get(index, 0) + size // INSTRUCTION_BYTES
            self._results.instructions[index] = spent
            if spent > self.limit:
                registers = self._probe.dump()
                self._end(Exceeded(Bound.INSTRUCTIONS, spent, registers), registers)
        except BaseException as error:  # nothing may leave a callback
            self.failed(error)

    def _fill(self, _uc: int, address: int, access: int, answer: TlbEntries) -> bool:
        """The emulator's TLB lacks a page for the current level."""
        try:
            page = address // PAGE * PAGE
            level = self._probe.level()
            may = self._pages.get((page, level))
            if may is None:
                may = self._pages[page, level] = self._memory.permission(page, level)
            needed = _NEEDS[access]
            if not may & needed:
                self._denied = _DENIALS[access]
            entry = answer[0]
            entry.paddr = page if may & needed else page | DENIED
            entry.perms = int(may if may & needed else needed)
        except BaseException as error:  # nothing may leave a callback
            self.failed(error)
            return False
        return True

    def _invalid(self, _uc: int, kind: int, address: int, size: int, value: int) -> bool:
        self._access = (_INVALID.get(kind, FaultKind.OTHER), address & ~DENIED, size, value)
        return False

    def _fetched(self, fetch: Fetch) -> None:
        index = -1 if self._invoking else self._index
        self._results.fetches.setdefault(index, []).append(fetch)

    # -- ending a call ---------------------------------------------------------------------------

    @property
    def _index(self) -> int:
        """The call of the batch that runs."""
        return self._first + self._tables.index

    def _resumed(self, address: int) -> Resumed:
        return Resumed(address, address - self._results.site(self._index).address)

    def _faulted(self, kind: FaultKind, registers: Registers) -> Faulted:
        return Faulted(kind, registers.level, None, None, None, registers)

    def _fault(self, registers: Registers) -> Ending:
        level = registers.level
        if not self._invoking and level in (Level.EL0, *self._tables.caller_levels):
            return self._resumed(registers.pc)
        if self._denied is FaultKind.FETCH:
            return Faulted(FaultKind.FETCH, level, registers.pc, INSTRUCTION_BYTES, None, registers)
        self._look_again(registers.pc)
        if self._access is None:
            return self._faulted(FaultKind.OTHER, registers)
        kind, address, size, value = self._access
        written = value & (1 << 8 * size) - 1 if kind is FaultKind.WRITE else None
        return Faulted(kind, level, address, size, written, registers)

    def _look_again(self, pc: int) -> None:
        """Makes the access that faulted once more, with a hook that sees its address. The hook is
        not always there because it slows every store down by twenty times."""
        self._access = None
        handle = self._emulator.hook("MEM_INVALID", ON_ACCESS(self._invalid))
        self._emulator.forget_code()
        self._emulator.start(pc, self.seconds)
        self._emulator.unhook(handle)
        self._emulator.forget_code()

    def _end(self, ending: Ending, registers: Registers) -> None:
        """Notes how the call ended and has the loop go on with the next one."""
        if self._invoking:
            self._invoked = (ending, registers)
            self._emulator.stop()
            return
        index = self._index
        if self._before is not None:
            before, self._before = self._before, None
            if isinstance(ending, Resumed | Injected):
                ignored = TABLES | (SYNDROMES if isinstance(ending, Injected) else frozenset())
                after = self._probe.system()
                self._results.differences[index] = differences(before, after, ignored)
            level = self._level()
            self._emulator.put_system(NAMED[f"vbar_{level}"], caller_vectors(level))
        self._results.endings[index] = ending
        where = ending.address if isinstance(ending, Resumed) else registers.pc
        self._tables.write_result(registers, registers.banked_sp[self._level()], where)
        self._restart()
