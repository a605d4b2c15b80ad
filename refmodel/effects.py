"""Assignments to state, simultaneous and total [STATE-SIMULTANEOUS]."""

from smcproof.refmodel.evaluator import Frame, evaluate, holds
from smcproof.spec.core import Assign
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.state import MachineState, MapValue, index_exists, value_exists


def apply_effects(
    policy: CorePolicy, state: MachineState, effects: tuple[Assign, ...], frame: Frame
) -> MachineState:
    """``state`` with the assignments whose guards hold. Everything is read in ``frame.state``, the
    state before the step. A value outside its variable's bounds, or a place outside a map, is not
    written [STATE-RANGE] [STATE-MAP-RANGE]."""
    for assign in effects:
        if not holds(assign.guard, frame):
            continue
        position = next(
            at for at, variable in enumerate(policy.states) if variable.name == assign.variable
        )
        variable = policy.states[position]
        value = evaluate(assign.value, frame)
        if not value_exists(variable, value):
            continue
        held = state.values[position]
        if isinstance(held, MapValue):
            index = -1 if assign.index is None else evaluate(assign.index, frame)
            if index_exists(policy, variable, index):
                state = state.with_value(position, held.set(index, value))
        else:
            state = state.with_value(position, value)
    return state
