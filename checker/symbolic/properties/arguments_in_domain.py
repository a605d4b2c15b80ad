"""Every address that leaves lies in its caller's memory."""

import z3

from smcproof.checker.symbolic.compiler import within
from smcproof.checker.symbolic.factory import (
    TRUE,
    Bits,
    Truth,
    conjunction,
    constant,
    disjunction,
    equal,
    member,
    negation,
    widen,
)
from smcproof.checker.symbolic.properties.leaving import (
    argument_term,
    canon_sent,
    functions_with,
    is_smc64,
    sent_terms,
)
from smcproof.checker.symbolic.query import Context, Query
from smcproof.spec.vocabulary import ArgumentSpec, Function


def queries(context: Context) -> tuple[Query, ...]:
    words = context.words
    caller = context.call.caller
    premise: list[Truth] = []
    outside: list[Truth] = []
    open_: list[Truth] = []
    reasons: list[str] = []
    for send in words.step.sends:
        canon = canon_sent(words, send)
        smc64 = is_smc64(context, canon)
        registers = sent_terms(send)
        for function, argument, service in functions_with(context, "address"):
            here = conjunction((send.present, member(canon, function.ids)))
            premise.append(here)
            base = argument_term(context, argument, registers, smc64)
            counts = _counts(argument, base)
            why = f"`{argument.name}` of {service}.{function.name}"
            if argument.space == "virtual":
                open_.append(conjunction((here, counts)))
                reasons.append(f"{why} is a virtual address")
                continue
            space = str(argument.space)
            if argument.size.known:
                size, sound = _size(context, function, argument, registers, smc64)
                inside = conjunction((sound, within(context.policy, caller, space, base, size)))
                outside.append(conjunction((here, counts, negation(inside))))
                continue
            one = constant(1, base.size())
            near = disjunction(
                (
                    equal(base, constant(0, base.size())),
                    within(context.policy, caller, space, base, one),
                )
            )
            outside.append(conjunction((here, counts, negation(near))))
            open_.append(conjunction((here, counts, near)))
            reasons.append(f"the size of {why} is not known")
    return (
        Query(
            disjunction(premise),
            disjunction(outside),
            (words,),
            undecided=disjunction(open_),
            reason="; ".join(dict.fromkeys(reasons)),
        ),
    )


def _counts(argument: ArgumentSpec, base: Bits) -> Truth:
    """Whether the argument is an address at all: for some functions zero means none."""
    if argument.zero_is_none:
        return negation(equal(base, constant(0, base.size())))
    return TRUE


def _size(
    context: Context,
    function: Function,
    argument: ArgumentSpec,
    registers: tuple[Bits, ...],
    smc64: Truth,
) -> tuple[Bits, Truth]:
    """The size in bytes, and whether it fits an address at all."""
    bits = context.policy.geometry.word_bits
    size = argument.size
    if size.constant is not None:
        return constant(size.constant * size.unit, bits), TRUE
    counted = next(entry for entry in function.arguments if entry.name == size.argument)
    count = argument_term(context, counted, registers, smc64)
    if size.unit == 1:
        return count, TRUE
    product = widen(count, 2 * bits) * constant(size.unit, 2 * bits)
    overflow = z3.Extract(2 * bits - 1, bits, product)
    return z3.Extract(bits - 1, 0, product), equal(overflow, constant(0, bits))
