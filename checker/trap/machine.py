"""The AArch64 machine: a dispatcher's code at EL2 or EL3 under real callers [TRAP-LEVELS]
[TRAP-INVOKE] [TRAP-SNAPSHOT] [TRAP-COUNT].

Calls go in and results come out through memory, thousands per start of the emulator; Python runs at
exception entries, and there costs one prepared register read and one write.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from smcproof.checker.trap import layout as at
from smcproof.checker.trap.batch import Answer, Batch, slot_instruction
from smcproof.checker.trap.callee import Profile
from smcproof.checker.trap.callers import Caller
from smcproof.checker.trap.devices import Watched
from smcproof.checker.trap.emulator import ON_CODE, ON_FILL, ON_INTERRUPT, Emulator
from smcproof.checker.trap.image import Image, dispatcher_level
from smcproof.checker.trap.interrupts import Interrupts
from smcproof.checker.trap.layout import Level
from smcproof.checker.trap.memory import MemoryMap
from smcproof.checker.trap.observer import Observer
from smcproof.checker.trap.placement import place, set_registers
from smcproof.checker.trap.probe import Probe, handler_pstate
from smcproof.checker.trap.results import Ending, Registers, Results, Resumed, Sent
from smcproof.checker.trap.state import STACKS, STASH, SYNDROMES, differences
from smcproof.checker.trap.sysreg import SysReg, spelling
from smcproof.checker.trap.tables import Tables
from smcproof.spec.call import Conduit

STRETCH = 16
"""Chunks per start of the emulator, and so per bound on time."""
PATIENCE = 20
"""Times the bound on time where instructions are counted."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """A function of the dispatcher that the harness called: how it ended (Resumed: it returned), the
    registers then (x0 is its result) and the SMCs that reached the callee."""

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
        self.seconds = seconds
        self._emulator = emulator = Emulator(cpu)
        self._memory = memory = MemoryMap()
        self._tables = tables = Tables(memory, self.level, profile, observe)
        self._placed = place(image, emulator, memory, tables, self.level)
        self._probe = probe = Probe(emulator, self.level)
        set_registers(image, emulator, tables, self.level)
        self._observer = observer = Observer(
            emulator,
            memory,
            tables,
            probe,
            self.callers,
            self.level,
            limit,
            seconds,
            self._no_results(),
        )
        observer.chunk_done = self._chunk_done
        self._interrupts = Interrupts(
            emulator, memory, tables, probe, self.level, image.remember, observer
        )
        observer.ended = self._interrupts.call_ended
        self._watched = Watched(emulator, observer.fetched)
        emulator.hook("INTR", ON_INTERRUPT(self._interrupts.hook()))
        emulator.hook("TLB_FILL", ON_FILL(observer.fill))
        for address, label in image.outcomes.items():
            emulator.hook("CODE", ON_CODE(observer.outcome(label)), address, address)
        self._count = self._until = 0
        self._finished = self._partial = False
        self._counters: list[int] = []
        self._on_block = ON_CODE(observer.block)
        self._context = emulator.save()
        self._note(0)

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
        if any(address in region for region in self._placed.executable):
            self._emulator.forget_code()

    def run(self, batch: Batch, *, counted: bool = False) -> Results:
        """Makes the calls, each in the state that the one before left.

        ``counted`` counts the dispatcher's instructions per call and ends a call at the limit;
        without it only a call that does not end in time is made again with counting. Raises
        ValueError for a batch that this machine cannot make.
        """
        self._check(batch)
        self._tables.add_stubs(batch, {self.callers[number].level for number in batch.callers})
        self._tables.sends = 0
        levels = tuple(caller.level for caller in self.callers)
        results = Results(batch, levels, self._tables.next_parity, self.profile)
        self._observer.begin(results)
        before = self._probe.system()
        self._partial = False
        self._count_instructions(counted)
        try:
            position = 0
            while position < len(batch) and not self._observer.broken:
                self._until = min(len(batch), position + STRETCH * at.CHUNK)
                self._load(position)
                self._loop()
                if self._observer.broken:
                    self._tables.collect(results, self._observer.first, self._count)
                position = self._observer.first + self._count
        finally:
            self._count_instructions(False)
        applied = {spelling(name) for caller in self.callers for name, _ in caller.sysregs}
        ignored = STASH | SYNDROMES | STACKS | applied
        results.drift = differences(before, self._probe.system(), ignored)
        results.damage = self._damage()
        return results

    def invoke(
        self, address: int, arguments: Sequence[int] = (), answers: Sequence[Answer] = ()
    ) -> Invocation:
        """Calls a function of the dispatcher, at its own level and on its own stack."""
        packed = b"".join(answer.packed() for answer in answers)
        if len(answers) > at.ANSWERS_PER_CHUNK:
            raise ValueError(f"{len(answers)} answers; at most {at.ANSWERS_PER_CHUNK} are kept")
        observer = self._observer
        self._tables.sends = 0
        self._tables.load_answers(packed)
        stack = f"SP_EL{int(self.level)}"
        values = {f"X{number}": value for number, value in enumerate(arguments)}
        values |= {"X30": at.RETURN.base, "SP": self._emulator.get(stack)}
        self._probe.put({**values, "PSTATE": handler_pstate(self.level)})
        observer.begin_invocation(self._no_results())
        try:
            error = self._emulate(address)
            ending, registers = observer.invocation(error)
        finally:
            observer.invoking = False
        if isinstance(ending, Resumed):
            self._emulator.put(stack, registers.sp)
        self._tables.drain(observer.results)
        sends = tuple(observer.results.logged(index) for index in range(self._tables.sends))
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
        self._interrupts.call_ended()
        self._watched.content[:] = snapshot.watched
        self._observer.forget()
        self._emulator.forget_code()

    def _snapshot(self, context: Any) -> Snapshot:
        return Snapshot(
            context,
            tuple(bytes(block.view) for block in self._placed.mutable),
            tuple(dict(device.content) for device in self._placed.devices),
            dict(self._interrupts.remembered),
            bytes(self._watched.content),
        )

    def _no_results(self) -> Results:
        return Results(Batch(), (), 0, self.profile)

    def _check(self, batch: Batch) -> None:
        for number in batch.callers:
            if not 0 <= number < len(self.callers):
                raise ValueError(f"caller {number} is none of the {len(self.callers)} callers")
        for slot in batch.slots:
            if self.level is Level.EL3 and slot_instruction(slot)[0] is Conduit.HVC:
                raise ValueError("no `hvc` reaches a dispatcher at el3")

    def _damage(self) -> tuple[int, ...]:
        return tuple(
            segment.address + offset
            for now, segment in self._placed.constant
            for offset, (byte, then) in enumerate(zip(now, segment.data, strict=False))
            if byte != then
        )

    # -- running chunks --------------------------------------------------------------------------

    def _load(self, first: int) -> None:
        observer = self._observer
        observer.first = first
        self._count = self._tables.load(observer.results.batch, first, self._until - first)
        self._note(0)

    def _chunk_done(self) -> None:
        """The loop came to the end of its calls: hands it the next chunk of the stretch, if any."""
        observer = self._observer
        if not self._partial:
            self._tables.collect(observer.results, observer.first, self._count)
            following = observer.first + self._count
            if following < self._until:
                self._load(following)
                observer.restart()
                return
        self._finished = True
        self._emulator.stop()

    def _loop(self) -> None:
        """Runs the callers' loop until it is finished."""
        observer = self._observer
        self._finished = False
        observer.restart()
        while not (self._finished or observer.broken):
            error = self._emulate(observer.next_call)
            if self._finished or observer.broken:
                continue
            if self._tables.index < 0:
                observer.restart()  # stopped between two chunks, where no call runs
            elif not observer.without_signal(error):
                if self._counters or self._partial:
                    observer.out_of_time()
                else:
                    self._again_counted()

    def _emulate(self, pc: int) -> int:
        observer = self._observer
        observer.clear()
        error = self._emulator.start(pc, self.seconds * (PATIENCE if self._counters else 1))
        if observer.trouble is not None:
            trouble, observer.trouble = observer.trouble, None
            raise trouble
        return error

    def _again_counted(self) -> None:
        """The running call does not end in time. Returns to the last snapshot, makes the calls since
        then again, and then this one with its instructions counted: so it ends the same whenever it
        is made."""
        observer, tables = self._observer, self._tables
        index = tables.index
        self.restore(self._resume_from)
        del observer.results.log[self._resume_log :]
        observer.results.forget(observer.first + self._resume_index)
        tables.clear_results(self._resume_index, self._count)
        self._partial = True
        for end, counted in ((index, False), (index + 1, True)):
            tables.extend(end)
            self._count_instructions(counted)
            self._loop()
        self._count_instructions(False)
        self._partial = False
        tables.drain(observer.results)
        self._note(index + 1)
        tables.extend(self._count)
        self._finished = False
        observer.restart()

    def _note(self, index: int) -> None:
        """Takes the snapshot to which a call that hangs returns: before call ``index`` of the chunk."""
        self._resume_from = self._snapshot(self._emulator.save(self._context))
        self._resume_log = len(self._observer.results.log)
        self._resume_index = index

    def _count_instructions(self, wanted: bool) -> None:
        if wanted == bool(self._counters):
            return
        if wanted:
            self._counters = [
                self._emulator.hook("BLOCK", self._on_block, region.base, region.end - 1)
                for region in self._placed.executable
            ]
        else:
            for handle in self._counters:
                self._emulator.unhook(handle)
            self._counters = []
        self._emulator.forget_code()
