"""The harness's own memory: call table, results, answers, log and the variables of the machine code."""

import ctypes
from collections.abc import Iterable, Sequence

from smcproof.checker.trap import callee, callers
from smcproof.checker.trap import layout as at
from smcproof.checker.trap.batch import Batch
from smcproof.checker.trap.callers import CallSite
from smcproof.checker.trap.elf import Program
from smcproof.checker.trap.layout import Level, Region
from smcproof.checker.trap.memory import Block, MemoryMap, Permission
from smcproof.checker.trap.results import RESULT, Registers, Results

_READ = Permission.READ
_WRITE = Permission.READ | Permission.WRITE
_CODE = Permission.READ | Permission.EXECUTE
NOBODY = (1 << 32) - 1
"""The caller before the first one."""


class Tables:
    """The blocks, granted to the levels that use them, and what the host does with them."""

    def __init__(
        self,
        memory: MemoryMap,
        dispatcher: Level,
        profile: callee.Profile,
        observe: Sequence[int],
    ) -> None:
        if len(observe) > at.OBSERVED:
            raise ValueError(f"{len(observe)} words to observe; at most {at.OBSERVED} are kept")
        self.program = callers.program()
        self.caller_levels = (Level.EL1,) if dispatcher is Level.EL2 else (Level.EL1, Level.EL2)
        self.callee_level = Level.EL3 if dispatcher is Level.EL2 else Level.EL1
        self.observe = tuple(observe)
        self.blocks: list[tuple[Block, Permission]] = []
        self._memory = memory
        users = self.caller_levels
        everyone = {*users, self.callee_level}
        self._code = self._block(at.CALLER_CODE, users, _CODE)
        self.vars = self._block(at.CALLER_VARS, everyone, _WRITE)
        self._callee_code = self._block(at.CALLEE_CODE, {self.callee_level}, _CODE)
        self.frame = self._block(at.CALLEE_FRAME, {self.callee_level}, _WRITE)
        self.calls = self._block(at.CALLS, users, _READ)
        self.results = self._block(at.RESULTS, users, _WRITE)
        self.answers = self._block(at.ANSWERS, {self.callee_level}, _READ)
        self.log = self._block(at.LOG, {self.callee_level}, _WRITE)
        self._return = self._block(at.RETURN, {dispatcher}, _CODE)
        self._vectors = self._block(at.AUDIT_VECTORS, users, _CODE)
        self._stubs = {level: self._block(at.STUBS[level], {level}, _CODE) for level in users}
        self._landings = {level: self._block(at.LANDINGS[level], {level}, _CODE) for level in users}
        if dispatcher is Level.EL3:
            port = self._block(at.PORT, {dispatcher}, _CODE)
            port.view[: len(callee.port_code())] = callee.port_code()
        self._load_code(self.program)
        callee.prepare(self.frame, self.answers, profile)
        self._write_vars()
        self._known: dict[Level, set[int]] = {level: set() for level in users}

    def _block(self, region: Region, levels: Iterable[Level], may: Permission) -> Block:
        block = Block(region)
        self.blocks.append((block, may))
        self._memory.add(block)
        for level in levels:
            self._memory.grant(region, level, may)
        return block

    def _load_code(self, program: Program) -> None:
        for segment in program.segments:
            for block in (self._code, self._callee_code):
                if segment.address in block.region:
                    start = block.offset(segment.address)
                    block.view[start : start + len(segment.data)] = segment.data
        setup = callers.brk(at.BRK_SETUP).to_bytes(4, "little")
        self._return.view[:4] = setup
        after = callers.brk(at.BRK_AFTER).to_bytes(4, "little")
        self._vectors.view[:] = after * (at.AUDIT_VECTORS.size // 4)

    def _write_vars(self) -> None:
        words = self.vars.words
        words[at.VARS_CALLER // 8] = NOBODY
        words[at.VARS_OBSERVE // 8] = len(self.observe)
        for index, address in enumerate(self.observe):
            words[at.VARS_OBSERVED // 8 + index] = address

    def add_stubs(self, batch: Batch, levels: Iterable[Level]) -> None:
        """Writes the stubs that a batch needs and that are not there yet."""
        for level in set(levels):
            known = self._known[level]
            target = self.program.symbol(f"landing_{level}")
            for slot in batch.slots - known:
                for parity in (0, 1):
                    site = CallSite(level, slot, parity)
                    self._put(self._stubs[level], site.stub, callers.stub(site))
                    self._put(self._landings[level], site.landing, callers.landing(site, target))
            known |= batch.slots

    def _put(self, block: Block, address: int, data: bytes) -> None:
        start = block.offset(address)
        block.view[start : start + len(data)] = data

    @property
    def index(self) -> int:
        """The call of the chunk that runs."""
        record: int = self.vars.words[at.VARS_CALL // 8]
        return (record - at.CALLS.base) // at.CALL_SIZE

    @property
    def next_parity(self) -> int:
        """Which copy of its stub the next call uses."""
        return int(self.vars.words[at.VARS_PARITY // 8]) // at.STUB_SIZE ^ 1

    @property
    def sends(self) -> int:
        """SMCs that reached the callee since the run began."""
        return int(self.vars.words[at.VARS_SENDS // 8])

    @sends.setter
    def sends(self, count: int) -> None:
        self.vars.words[at.VARS_SENDS // 8] = count

    @property
    def caller(self) -> int:
        """The caller whose registers are applied."""
        return int(self.vars.words[at.VARS_CALLER // 8])

    @caller.setter
    def caller(self, number: int) -> None:
        self.vars.words[at.VARS_CALLER // 8] = number

    def load(self, batch: Batch, first: int, most: int) -> int:
        """Makes calls of a batch from ``first`` on the chunk to run: as many as fit, at most
        ``most``. Returns how many."""
        count = min(most, at.CHUNK)
        while self._answers_of(batch, first, count) > at.ANSWERS_PER_CHUNK:
            count //= 2
        records = memoryview(batch.records)[first * at.CALL_SIZE : (first + count) * at.CALL_SIZE]
        self.calls.view[: len(records)] = records
        begin = batch.answer_range(first)[0]
        last, more = batch.answer_range(first + count - 1)
        self._load_answers(memoryview(batch.answers), begin, last + more)
        self.rewind(0, count)
        return count

    @staticmethod
    def _answers_of(batch: Batch, first: int, count: int) -> int:
        last, more = batch.answer_range(first + count - 1)
        return last + more - batch.answer_range(first)[0]

    def load_answers(self, answers: bytes) -> None:
        """Answers for a call that no caller makes."""
        count = len(answers) // at.ANSWER_SIZE
        self._load_answers(memoryview(answers), 0, count)
        self.vars.words[at.VARS_ANSWERS // 8] = count << 32

    def _load_answers(self, answers: memoryview, begin: int, end: int) -> None:
        size = at.ANSWER_SIZE
        self.answers.view[size : size + (end - begin) * size] = answers[begin * size : end * size]
        self.frame.words[at.FRAME_ANSWERS // 8] = (
            at.ANSWERS.base + size - begin * size & (1 << 64) - 1
        )

    def rewind(self, index: int, end: int) -> None:
        """Has the loop continue with call ``index`` of the chunk and stop before ``end``."""
        words = self.vars.words
        words[at.VARS_CALL // 8] = at.CALLS.base + (index - 1) * at.CALL_SIZE
        words[at.VARS_RESULT // 8] = at.RESULTS.base + (index - 1) * at.RESULT_SIZE
        words[at.VARS_END // 8] = at.CALLS.base + end * at.CALL_SIZE

    def extend(self, end: int) -> None:
        """Has the loop stop before ``end`` instead."""
        self.vars.words[at.VARS_END // 8] = at.CALLS.base + end * at.CALL_SIZE

    def drain(self, results: Results) -> None:
        """Moves the log to the results."""
        results.log += callee.logged(self.frame, self.log)
        callee.rewind_log(self.frame)

    def sends_before(self, results: Results, first: int) -> int:
        """SMCs that had reached the callee when the running call began."""
        if self.index:
            at_word = ((self.index - 1) * at.RESULT_SIZE + at.RESULT_SENDS) // 8
            return int(self.results.words[at_word])
        return results.send_range(first - 1)[1] if first else 0

    def clear_results(self, first: int, count: int) -> None:
        """As if the calls from ``first`` on of the ``count`` in the chunk had not been made."""
        start = first * at.RESULT_SIZE
        ctypes.memset(self.results.address + start, 0, count * at.RESULT_SIZE - start)

    def collect(self, results: Results, first: int, count: int) -> None:
        """Moves the chunk's results, which begin with call ``first``, and its log to the results."""
        start, size = first * at.RESULT_SIZE, count * at.RESULT_SIZE
        memoryview(results.records)[start : start + size] = self.results.view[:size]
        self.clear_results(0, count)
        self.drain(results)

    def write_result(self, registers: Registers, sp_elx: int, where: int) -> None:
        """Fills the result record of the running call for the machine code."""
        observed = [self._memory.read(address, 8) or bytes(8) for address in self.observe]
        observed += [bytes(8)] * (at.OBSERVED - len(observed))
        level = registers.level
        syndrome = (registers.esr, registers.elr, registers.spsr)
        RESULT.pack_into(
            self.results.view,
            self.index * at.RESULT_SIZE,
            *registers.x,
            registers.banked_sp[0],
            sp_elx,
            registers.pstate,
            where,
            at.ENDING_HOST,
            self.sends,
            *(bank[max(level, Level.EL1) - 1] for bank in syndrome),
            *(int.from_bytes(word, "little") for word in observed),
        )
