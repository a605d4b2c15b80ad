"""How the state changes: guarded assignments, and events that contracts emit [STATE-*]."""

from dataclasses import dataclass

import z3

from smcproof.checker.symbolic.compiler import (
    SymbolicFrame,
    compile_expr,
    condition,
    entry_exists,
    word,
)
from smcproof.checker.symbolic.env import Sorts, SymbolicState, index_bits
from smcproof.checker.symbolic.factory import (
    TRUE,
    Bits,
    Truth,
    choose,
    conjunction,
    extract,
    negation,
    widen,
)
from smcproof.checker.symbolic.factory import member as in_set
from smcproof.spec.core import Assign, Emit, StateVariable
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.interval import IntervalSet
from smcproof.spec.types import Bounded


@dataclass(frozen=True, slots=True)
class Update:
    """An assignment that is made where ``condition`` (and its own guard) holds."""

    condition: Truth
    assign: Assign


def apply_updates(
    policy: CorePolicy, state: SymbolicState, updates: list[Update], frame: SymbolicFrame
) -> SymbolicState:
    """The state after all updates; they read ``frame``, and later ones win [STATE-SIMULTANEOUS]."""
    after = dict(state)
    for update in updates:
        assign = update.assign
        entry = policy.state(assign.variable)
        value, fits = _value(policy, entry, assign, frame)
        here = conjunction((update.condition, condition(assign.guard, frame), fits))
        held = after[assign.variable]
        if entry.index is None:
            after[assign.variable] = choose(here, value, held)
            continue
        assert assign.index is not None
        index = word(assign.index, frame)
        here = conjunction((here, entry_exists(policy, entry, index)))
        bits = index_bits(policy, entry)
        at = extract(index, bits - 1, 0) if index.size() > bits else widen(index, bits)
        after[assign.variable] = choose(here, z3.Store(held, at, value), held)
    return after


def _value(
    policy: CorePolicy, entry: StateVariable, assign: Assign, frame: SymbolicFrame
) -> tuple[z3.ExprRef, Truth]:
    """The value at the variable's width, and whether it is one that may be assigned
    [STATE-RANGE]."""
    value = compile_expr(assign.value, frame)
    if not isinstance(entry.type, Bounded) or not isinstance(value, z3.BitVecRef):
        return value, TRUE
    bits = Sorts(policy).bits(entry.type)
    fits = in_set(value, IntervalSet(((entry.type.low, entry.type.high),)))
    narrow: Bits = extract(value, bits - 1, 0) if value.size() > bits else widen(value, bits)
    return narrow, fits


def emit_events(
    policy: CorePolicy,
    state: SymbolicState,
    emits: list[tuple[Truth, Emit]],
    frame: SymbolicFrame,
) -> SymbolicState:
    """The events that contracts raise, after the call's own effects [STATE-EMIT]."""
    for here, emit in emits:
        declared = next(entry for entry in policy.events if entry.name == emit.event)
        arguments = tuple(compile_expr(argument, frame) for argument in emit.arguments)
        inner = SymbolicFrame(policy, state, None, arguments, side=frame.side)
        open_: Truth = here
        for clause in declared.clauses:
            guard = conjunction(condition(part.test, inner) for part in clause.guard)
            taken = conjunction((open_, guard))
            state = apply_updates(
                policy, state, [Update(taken, assign) for assign in clause.effects], inner
            )
            open_ = conjunction((open_, negation(guard)))
    return state
