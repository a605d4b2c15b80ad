"""Asking z3, with limits, and making what it finds minimal [PROPERTY-MINIMAL]."""

import time
from dataclasses import dataclass
from enum import Enum

import z3

from smcproof.checker.symbolic.factory import Bits, Truth, constant


class Answer(Enum):
    SAT = "sat"
    UNSAT = "unsat"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Limits:
    """``deadline`` is in ``time.monotonic`` seconds, None for none; ``minimize`` is how many seconds
    a search for the least counterexample may take."""

    deadline: float | None = None
    minimize: float = 20.0

    def remaining(self) -> float | None:
        return None if self.deadline is None else self.deadline - time.monotonic()


@dataclass(frozen=True, slots=True)
class Field:
    """A term to be made small: the bits of a word from the top, or a bool."""

    term: z3.ExprRef


@dataclass(frozen=True, slots=True)
class Found:
    answer: Answer
    model: z3.ModelRef | None = None
    minimal: bool = True
    reason: str = ""


def make_solver(has_maps: bool) -> z3.Solver:
    """An incremental solver for the logic of the query."""
    return z3.SolverFor("QF_ABV" if has_maps else "QF_BV")


def second_solver() -> z3.Solver:
    """Another route to the same answer, for rechecks: the general core instead of the bit-blasting
    one."""
    solver = z3.SimpleSolver()
    solver.set("random_seed", 7)
    return solver


def ask(solver: z3.Solver, limits: Limits) -> tuple[Answer, str]:
    """One check within the deadline."""
    remaining = limits.remaining()
    if remaining is not None:
        if remaining <= 0:
            return Answer.UNKNOWN, "time"
        solver.set("timeout", max(int(remaining * 1000), 1))
    try:
        result = solver.check()
    except z3.Z3Exception as problem:
        text = str(problem)
        return Answer.UNKNOWN, "memory" if "memory" in text else text
    if result == z3.sat:
        return Answer.SAT, ""
    if result == z3.unsat:
        return Answer.UNSAT, ""
    why = solver.reason_unknown()
    if "memory" in why:
        return Answer.UNKNOWN, "memory"
    return Answer.UNKNOWN, "time" if why in ("timeout", "canceled", "interrupted") else why


def search(query: Truth, fields: list[Field], limits: Limits, *, has_maps: bool) -> Found:
    """A model of ``query``, the least one in the order of ``fields``."""
    if z3.is_false(query):
        return Found(Answer.UNSAT)
    solver = make_solver(has_maps)
    solver.add(query)
    answer, reason = ask(solver, limits)
    if answer is not Answer.SAT:
        return Found(answer, reason=reason)
    return _minimize(solver, fields, limits)


def holds_nowhere(query: Truth, limits: Limits) -> tuple[Answer, str]:
    """Whether the second route agrees that nothing satisfies ``query``."""
    solver = second_solver()
    solver.add(query)
    return ask(solver, limits)


def _minimize(solver: z3.Solver, fields: list[Field], limits: Limits) -> Found:
    """Fixes the fields in order, each as small as the ones before allow, bit by bit from the top."""
    model = solver.model()
    until = time.monotonic() + limits.minimize
    if limits.deadline is not None:
        until = min(until, limits.deadline)
    inner = Limits(until)
    for entry in fields:
        bits = _bits(entry.term)
        values = [z3.is_true(model.eval(bit, model_completion=True)) for bit in bits]
        if not any(values):
            solver.add(*(z3.Not(bit) for bit in bits))
            continue
        for at, bit in enumerate(bits):
            if not values[at]:
                solver.add(z3.Not(bit))
                continue
            solver.push()
            solver.add(z3.Not(bit))
            answer, _ = ask(solver, inner)
            if answer is Answer.SAT:
                model = solver.model()
                values = [z3.is_true(model.eval(part, model_completion=True)) for part in bits]
                solver.pop()
                solver.add(z3.Not(bit))
            elif answer is Answer.UNSAT:
                solver.pop()
                solver.add(bit)
            else:
                return Found(Answer.SAT, model, minimal=False)
    return Found(Answer.SAT, model)


def _bits(term: z3.ExprRef) -> list[Truth]:
    """The bits of a term from the top, as conditions that the bit is set."""
    if isinstance(term, z3.BoolRef):
        return [term]
    assert isinstance(term, z3.BitVecRef)
    one: Bits = constant(1, 1)
    found: list[Truth] = []
    for at in range(term.size() - 1, -1, -1):
        bit: Truth = z3.Extract(at, at, term) == one
        found.append(bit)
    return found
