"""Whether two runs get the same answer, as a condition that they do not [PROPERTY-KIND]."""

import z3

from smcproof.checker.symbolic.compiler import entry_exists
from smcproof.checker.symbolic.dispatcher import SymbolicStep
from smcproof.checker.symbolic.env import SymbolicState, canonical, index_bits
from smcproof.checker.symbolic.factory import (
    FALSE,
    Bits,
    Truth,
    conjunction,
    differ,
    disjunction,
    equal,
    extract,
    member,
    negation,
    variable,
)
from smcproof.checker.symbolic.values import Exact, LooseSet, RegisterValue
from smcproof.checker.symbolic.words import Words
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.geometry import Geometry
from smcproof.spec.interval import IntervalSet
from smcproof.spec.smccc import canon_image


def unlike(left: Truth, right: Truth) -> Truth:
    """Exactly one of the two holds."""
    if left.eq(right):
        return FALSE
    return z3.Xor(left, right)


def kinds_differ(one: Words, other: Words) -> Truth:
    """The two steps have different kinds."""
    parts: list[Truth] = []
    words = {leaf.outcome for leaf in one.step.leaves} | {
        leaf.outcome for leaf in other.step.leaves
    }
    for word in sorted(words):
        parts.append(unlike(one.step.where(outcome=word), other.step.where(outcome=word)))
    for handler in one.step.policy.handlers:
        parts.append(unlike(_handled(one.step, handler.name), _handled(other.step, handler.name)))
    if one.step.sends and other.step.sends:
        names = one.step.sends[0].reaches
        for callee in names:
            parts.append(unlike(_reached(one, callee), _reached(other, callee)))
    for select in (_class_unknown, _class_refused):
        parts.append(unlike(select(one), select(other)))
    return disjunction(parts)


def _handled(step: SymbolicStep, handler: str) -> Truth:
    return disjunction(leaf.condition for leaf in step.leaves if leaf.handler == handler)


def _reached(words: Words, callee: str) -> Truth:
    return conjunction((words.forwarded, words.step.sends[0].reaches[callee]))


def _class_unknown(words: Words) -> Truth:
    return conjunction((negation(words.forwarded), words.unknown))


def _class_refused(words: Words) -> Truth:
    return conjunction((negation(words.forwarded), words.refused))


def values_differ(one: RegisterValue, other: RegisterValue, name: str, bits: int) -> Truth:
    """The low ``bits`` bits of the registers' possible values are not the same set. A fresh constant
    stands for a value that only one of them can have."""
    exact = all(
        isinstance(part.content, Exact)
        for register in (one, other)
        for part in register.alternatives
    )
    if exact:
        return differ(extract(one.term, bits - 1, 0), extract(other.term, bits - 1, 0))
    value = variable(f"difference.{name}", bits)
    return unlike(one.may_equal(value), other.may_equal(value))


def sends_differ(
    one: SymbolicStep, other: SymbolicStep, *, narrow: bool, whole_x0: bool = False
) -> Truth:
    """Other SMCs left: their number, callee, canon(x0) (or all of x0) or x1 and up."""
    geometry = one.policy.geometry
    parts: list[Truth] = []
    for at, (first, second) in enumerate(zip(one.sends, other.sends, strict=True)):
        parts.append(unlike(first.present, second.present))
        there = conjunction((first.present, second.present))
        inside: list[Truth] = []
        for callee in first.reaches:
            inside.append(unlike(first.reaches[callee], second.reaches[callee]))
        if whole_x0:
            bits = geometry.register_bits[0]
            inside.append(
                values_differ(first.registers[0], second.registers[0], f"sent.{at}.x0", bits)
            )
        else:
            inside.append(_canons_differ(first.registers[0], second.registers[0], at, geometry))
        for index in range(1, geometry.registers):
            bits = geometry.narrow_bits[index] if narrow else geometry.register_bits[index]
            inside.append(
                values_differ(
                    first.registers[index], second.registers[index], f"sent.{at}.x{index}", bits
                )
            )
        parts.append(conjunction((there, disjunction(inside))))
    return disjunction(parts)


def _canons_differ(one: RegisterValue, other: RegisterValue, at: int, geometry: Geometry) -> Truth:
    """The possible values of canon(x0) as it leaves are not the same set."""
    parts = (*one.alternatives, *other.alternatives)
    if all(isinstance(part.content, Exact) for part in parts):
        return differ(canonical(one.term, geometry), canonical(other.term, geometry))
    value = variable(f"difference.sent.{at}.canon", geometry.id_bits)
    return unlike(_may_have_canon(one, value, geometry), _may_have_canon(other, value, geometry))


def _may_have_canon(register: RegisterValue, value: Bits, geometry: Geometry) -> Truth:
    """Some x0 that may leave has this canon. A loose one is of constants [DISPATCH-LOOSE-X0]."""
    found: list[Truth] = []
    for part in register.alternatives:
        content = part.content
        if isinstance(content, Exact):
            here = equal(canonical(content.term, geometry), value)
        elif isinstance(content, LooseSet):
            here = member(value, canon_image(_constants(content), geometry))
        else:
            raise TypeError("the x0 that leaves is neither exact nor of constants")
        found.append(conjunction((part.condition, here)))
    return disjunction(found)


def _constants(content: LooseSet) -> IntervalSet:
    found: list[tuple[int, int]] = []
    for part in content.intervals:
        assert isinstance(part.low, z3.BitVecNumRef)
        assert isinstance(part.high, z3.BitVecNumRef)
        found.append((part.low.as_long(), part.high.as_long()))
    return IntervalSet.of(found)


def results_differ(one: SymbolicStep, other: SymbolicStep, *, narrow: bool) -> Truth:
    """Other registers were written, or with other possible values."""
    geometry = one.policy.geometry
    parts: list[Truth] = []
    for index in range(geometry.registers):
        first = disjunction((one.written(index), one.may_write(index)))
        second = disjunction((other.written(index), other.may_write(index)))
        parts.append(unlike(first, second))
        if z3.is_false(first) and z3.is_false(second):
            continue
        bits = geometry.narrow_bits[index] if narrow else geometry.register_bits[index]
        parts.append(
            conjunction(
                (
                    first,
                    second,
                    values_differ(
                        one.register(index), other.register(index), f"written.x{index}", bits
                    ),
                )
            )
        )
    return disjunction(parts)


def resumption_differs(one: SymbolicStep, other: SymbolicStep) -> Truth:
    """The caller resumes elsewhere, takes another exception or is stopped otherwise."""
    first, second = one.resume_points(), other.resume_points()
    parts = [
        unlike(first.get(point, FALSE), second.get(point, FALSE)) for point in {**first, **second}
    ]
    parts.append(differ(one.target, other.target))
    return disjunction(parts)


def variables_differ(policy: CorePolicy, one: SymbolicState, other: SymbolicState) -> Truth:
    """Some state variable has another value, or some entry of a map."""
    parts: list[Truth] = []
    for entry in policy.states:
        first, second = one[entry.name], other[entry.name]
        if entry.index is None:
            parts.append(differ(first, second))
            continue
        if first.eq(second):
            continue
        at = variable(f"difference.state.{entry.name}", index_bits(policy, entry))
        assert isinstance(first, z3.ArrayRef)
        assert isinstance(second, z3.ArrayRef)
        parts.append(conjunction((entry_exists(policy, entry, at), differ(first[at], second[at]))))
    return disjunction(parts)


def states_differ(one: SymbolicStep, other: SymbolicStep) -> Truth:
    """Some state variable is different afterwards; who has stopped is compared as resumption."""
    return variables_differ(one.policy, one.after, other.after)


def answers_differ(one: Words, other: Words, *, narrow: bool = False) -> Truth:
    """The two runs do not get the same answer; ``narrow`` compares registers at narrow width."""
    return disjunction(
        (
            kinds_differ(one, other),
            sends_differ(one.step, other.step, narrow=narrow),
            results_differ(one.step, other.step, narrow=narrow),
            resumption_differs(one.step, other.step),
            states_differ(one.step, other.step),
        )
    )
