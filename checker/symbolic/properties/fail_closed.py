"""What is refused or unknown returns no success code."""

from smcproof.checker.symbolic.factory import Truth, conjunction, disjunction, negation
from smcproof.checker.symbolic.query import Context, Query
from smcproof.checker.symbolic.words import Words
from smcproof.spec.interval import IntervalSet
from smcproof.spec.service import named_ids
from smcproof.spec.word import truncate


def queries(context: Context) -> tuple[Query, ...]:
    words = context.words
    named = words.identifier_in(named_ids(context.policy.vocabularies))
    premise = conjunction((words.well_formed, disjunction((negation(named), words.refused))))
    stopped = words.step.where(effective="stop")
    answered = disjunction((words.answered_here, stopped))
    written = disjunction((words.step.written(0), words.step.may_write(0)))
    violation = conjunction((premise, answered, written, _may_be_success(words)))
    return (Query(premise, violation, (words,)),)


def _may_be_success(words: Words) -> Truth:
    """Some value of x0 is, at the call's width, a success code of its service's form."""
    geometry = words.step.policy.geometry
    low, full = geometry.id_bits, geometry.register_bits[0]
    x0 = words.step.register(0)
    parts: list[Truth] = []
    for owned in words.step.policy.forms:
        codes = owned.form.success
        in_low = x0.sometimes_in(IntervalSet.points(truncate(c, low) for c in codes), low)
        in_full = x0.sometimes_in(IntervalSet.points(truncate(c, full) for c in codes), full)
        width = disjunction(
            (conjunction((words.narrow, in_low)), conjunction((negation(words.narrow), in_full)))
        )
        parts.append(conjunction((words.identifier_in(owned.ids), width)))
    return disjunction(parts)
