"""Arguments of SMC32 calls leave zero-extended."""

from smcproof.checker.symbolic.factory import Truth, conjunction, disjunction, negation
from smcproof.checker.symbolic.properties.leaving import canon_sent, is_smc64
from smcproof.checker.symbolic.query import Context, Query
from smcproof.checker.symbolic.values import RegisterValue
from smcproof.spec.interval import IntervalSet
from smcproof.spec.word import mask


def queries(context: Context) -> tuple[Query, ...]:
    words = context.words
    geometry = context.policy.geometry
    premise: list[Truth] = []
    dirty: list[Truth] = []
    for send in words.step.sends:
        narrow = negation(is_smc64(context, canon_sent(words, send)))
        here = conjunction((send.present, narrow))
        premise.append(here)
        upper = disjunction(
            _has_upper(send.registers[index], geometry.narrow_bits[index])
            for index in range(1, geometry.arguments)
        )
        dirty.append(conjunction((here, upper)))
    return (Query(disjunction(premise), disjunction(dirty), (words,)),)


def _has_upper(register: RegisterValue, bits: int) -> Truth:
    """The register may hold something above ``bits`` bits."""
    if register.bits <= bits:
        return disjunction(())
    wide = IntervalSet(((mask(bits) + 1, mask(register.bits)),))
    return register.sometimes_in(wide, register.bits)
