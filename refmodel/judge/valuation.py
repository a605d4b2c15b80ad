"""Expressions over free registers: every way to give a value to those that they read
[PROPERTY-FOR-ALL]."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import product

from smcproof.refmodel.evaluator import Frame
from smcproof.spec.core import Bank, Expr, Fact, Register
from smcproof.spec.core_walk import subexpressions
from smcproof.spec.record import Leaked, Loose, possible

MOST_VALUATIONS = 1 << 12
"""More ways than these are not tried one by one."""


@dataclass(frozen=True, slots=True)
class _Register:
    """A free register that is read."""

    bank: Bank
    number: int
    value: Loose | Leaked


def registers_read(frame: Frame, statements: Iterable[Expr]) -> frozenset[tuple[Bank, int]]:
    """The registers that ``statements`` read, also through what the frame's callee declares."""
    found: set[tuple[Bank, int]] = set()
    todo = list(statements)
    declared = frame.reached not in (None, "unclaimed")
    while todo:
        for node in subexpressions(todo.pop()):
            if isinstance(node, Register):
                found.add((node.bank, node.index))
            elif isinstance(node, Fact) and node.name in ("yields", "rejected") and declared:
                callee = frame.policy.callee(frame.reached or "")
                todo.append(callee.yields if node.name == "yields" else callee.rejected)
    return frozenset(found)


def valuations(frame: Frame, statements: Iterable[Expr]) -> tuple[Frame, ...]:
    """``frame`` with every value of the free registers that ``statements`` read; with the chosen
    ones if there are too many; none at all if there are too many and none was chosen."""
    free = _free(frame, statements)
    bits = frame.policy.geometry.register_bits
    sets = [possible(register.value, bits[register.number]) for register in free]
    ways = 1
    for values in sets:
        ways *= values.size
    if ways <= MOST_VALUATIONS:
        return tuple(_fixed(frame, free, picked) for picked in product(*sets))
    return _chosen(frame, free)


def runs(frame: Frame, statement: Expr) -> tuple[Frame, ...]:
    """The run that was chosen; if none was, as ``valuations``. Where a run was chosen, what was
    computed from a free register holds for that run only."""
    return _chosen(frame, _free(frame, (statement,))) or valuations(frame, (statement,))


def _free(frame: Frame, statements: Iterable[Expr]) -> list[_Register]:
    read = registers_read(frame, statements)
    return [
        _Register(bank, number, value)
        for bank, values in ((Bank.SENT, frame.sent), (Bank.AFTER, frame.registers))
        for number, value in enumerate(values or ())
        if (bank, number) in read and not isinstance(value, int)
    ]


def _chosen(frame: Frame, free: list[_Register]) -> tuple[Frame, ...]:
    picked = [register.value.chosen for register in free]
    known = tuple(value for value in picked if value is not None)
    return (_fixed(frame, free, known),) if len(known) == len(picked) else ()


def _fixed(frame: Frame, free: list[_Register], picked: tuple[int, ...]) -> Frame:
    """``frame`` with one value for each of the free registers."""
    sent, registers = frame.sent, frame.registers
    for register, value in zip(free, picked, strict=True):
        at = register.number
        if register.bank is Bank.SENT and sent is not None:
            sent = (*sent[:at], value, *sent[at + 1 :])
        elif registers is not None:
            registers = (*registers[:at], value, *registers[at + 1 :])
    return replace(frame, sent=sent, registers=registers)
