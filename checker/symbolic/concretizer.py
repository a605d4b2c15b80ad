"""From a model back to a plain case: the calls, the state, the answer, the choices
[PROPERTY-VERDICT]."""

import z3

from smcproof.checker.symbolic.query import Context, Goal, Query
from smcproof.checker.symbolic.solver import Field
from smcproof.checker.symbolic.words import Words
from smcproof.spec.call import Call, Conduit
from smcproof.spec.case import Case, Choice
from smcproof.spec.core import StateVariable
from smcproof.spec.state import (
    MachineState,
    MapValue,
    StateValue,
    index_exists,
    initial_state,
    value_exists,
)
from smcproof.spec.types import BOOL, NONE, DomainType, Enum, Type


def number(model: z3.ModelRef, term: z3.ExprRef) -> int:
    """The value of a word or bool in a model; what the model leaves open is zero."""
    value = model.eval(term, model_completion=True)
    if isinstance(value, z3.BitVecNumRef):
        return value.as_long()
    return int(z3.is_true(value))


def fields(context: Context, query: Query | Goal) -> list[Field]:
    """What is minimised, in the order of [PROPERTY-MINIMAL]."""
    found: list[z3.ExprRef] = []
    if query.event is not None:
        found.extend(query.event.parameters)
    geometry = context.policy.geometry
    for words in query.runs[:1]:
        call = words.step.call
        found.extend((call.caller, call.conduit, call.el, call.aarch32, call.vcpu, call.imm))
        low = z3.Extract(geometry.id_bits - 1, 0, call.x[0])
        found.append(low)
        if geometry.register_bits[0] > geometry.id_bits:
            found.append(z3.Extract(geometry.register_bits[0] - 1, geometry.id_bits, call.x[0]))
        found.extend(call.x[1:])
        found.append(z3.Not(call.condition_passed))
    if not context.initially:
        for entry in context.policy.states:
            if entry.index is None:
                found.append(context.state[entry.name])
    for number_, free in enumerate(geometry.answer_bits):
        if free:
            found.append(z3.Extract(free - 1, 0, context.answer[number_]))
    for at in (0, 1):
        for words in query.runs:
            found.extend(term for _, _, term in _free_terms(words, _kinds(words)[at]))
    if isinstance(query, Query):
        found.extend(term for _, term in query.witnesses)
    return [Field(term) for term in found]


def _kinds(words: Words) -> tuple[str, str]:
    """The free variables of a run: loose ones, leaked ones."""
    return "loose", words.step.leaks


def _free_terms(words: Words, kind: str) -> list[tuple[str, int, z3.BitVecRef]]:
    """The free registers of a run that the step may have, by place and number."""
    found: list[tuple[str, int, z3.BitVecRef]] = []
    step = words.step
    geometry = step.policy.geometry
    places = [f"sent.{at}" for at in range(len(step.sends))] + ["written"]
    for place in places:
        for register, bits in enumerate(geometry.register_bits):
            name = f"{step.name}.{kind}.{place}.x{register}"
            found.append((place, register, z3.BitVec(name, bits)))
    return found


def concrete(context: Context, query: Query | Goal, model: z3.ModelRef, *, minimal: bool) -> Case:
    """The case that a model describes."""
    calls = tuple(_call(words, model) for words in query.runs)
    choices: list[Choice] = []
    for run, words in enumerate(query.runs):
        for label, kind in zip(("loose", "leaked"), _kinds(words), strict=True):
            for place, register, term in _free_terms(words, kind):
                value = model.eval(term)
                if isinstance(value, z3.BitVecNumRef):
                    choices.append(Choice(run, f"{label}.{place}", register, value.as_long()))
    arguments: tuple[int, ...] = ()
    if query.event is not None:
        arguments = tuple(
            _value(context, number(model, term), kind)
            for term, (_, kind) in zip(
                query.event.parameters, query.event.event.parameters, strict=True
            )
        )
    witnesses = query.witnesses if isinstance(query, Query) else ()
    return Case(
        calls=calls,
        event=None if query.event is None else query.event.event.name,
        arguments=arguments,
        state=_state(context, model),
        answer=tuple(number(model, term) for term in context.answer),
        choices=tuple(choices),
        witnesses=tuple((name, number(model, term)) for name, term in witnesses),
        minimal=minimal,
    )


def _call(words: Words, model: z3.ModelRef) -> Call:
    call = words.step.call
    return Call(
        caller=number(model, call.caller),
        vcpu=number(model, call.vcpu),
        el=number(model, call.el),
        aarch32=number(model, call.aarch32) == 1,
        conduit=Conduit(number(model, call.conduit)),
        imm=number(model, call.imm),
        x=tuple(number(model, term) for term in call.x),
        condition_passed=number(model, call.condition_passed) == 1,
    )


def _value(context: Context, value: int, kind: Type) -> int:
    """A value of the core from its representation: ``none`` is the number after the last domain."""
    if isinstance(kind, DomainType) and value >= context.policy.domain_count:
        return NONE
    return value


def _state(context: Context, model: z3.ModelRef) -> MachineState:
    start = initial_state(context.policy)
    if context.initially:
        return start
    values: list[StateValue] = []
    for entry in context.policy.states:
        term = context.state[entry.name]
        if entry.index is None:
            values.append(_value(context, number(model, term), entry.type))
        else:
            values.append(_map(context, entry, term, model))
    return MachineState(tuple(values))


def _map(context: Context, entry: StateVariable, array: z3.ExprRef, model: z3.ModelRef) -> MapValue:
    """The entries of a map that the model fixes; a value that the type does not have counts as the
    initial one, because nothing read it."""
    found: dict[int, int] = {}
    term = model.eval(array, model_completion=True)
    while z3.is_store(term):
        found.setdefault(number(model, term.arg(1)), number(model, term.arg(2)))
        term = term.arg(0)
    default = entry.initial
    if z3.is_const_array(term):
        default = _legal(context, entry, number(model, term.arg(0)))
    result = MapValue(default)
    for index, value in sorted(found.items()):
        if index_exists(context.policy, entry, index):
            result = result.set(index, _legal(context, entry, value))
    return result


def _legal(context: Context, entry: StateVariable, value: int) -> int:
    kind = entry.type
    if kind == BOOL:
        return value
    if isinstance(kind, Enum) and value >= len(kind.members):
        return entry.initial
    if isinstance(kind, DomainType):
        return value if value < context.policy.domain_count else NONE
    return value if value_exists(entry, value) else entry.initial
