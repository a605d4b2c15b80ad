"""A refusal has the form and the width of the service it belongs to."""

from smcproof.checker.symbolic.factory import (
    Bits,
    Truth,
    conjunction,
    disjunction,
    extract,
    member,
    negation,
    variable,
)
from smcproof.checker.symbolic.query import Context, Query
from smcproof.checker.symbolic.words import Words
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.interval import IntervalSet
from smcproof.spec.vocabulary import ErrorForm
from smcproof.spec.word import truncate


def queries(context: Context) -> tuple[Query, ...]:
    words = context.words
    step = words.step
    geometry = context.policy.geometry
    written = disjunction((step.written(0), step.may_write(0)))
    premise = conjunction((words.well_formed, words.answered_here, written))
    value = variable("difference.error", geometry.register_bits[0])
    looks = member(extract(value, geometry.id_bits - 1, 0), error_words(context.policy))
    own = disjunction(
        conjunction((words.identifier_in(owned.ids), _is_error(words, owned.form, value)))
        for owned in context.policy.forms
    )
    violation = conjunction((premise, step.register(0).may_equal(value), looks, negation(own)))
    return (Query(premise, violation, (words,)),)


def error_words(policy: CorePolicy) -> IntervalSet:
    """Low halves of x0 that look like an error of some service in use: negative codes, markers."""
    bits = policy.geometry.id_bits
    found: list[int] = []
    for owned in policy.forms:
        if owned.form.marker is not None:
            found.append(owned.form.marker)
        else:
            found.extend(truncate(code, bits) for _, code in owned.form.codes if code < 0)
    return IntervalSet.points(found)


def _is_error(words: Words, form: ErrorForm, value: Bits) -> Truth:
    """``value`` in x0 is, at the call's width, an error of ``form``."""
    geometry = words.step.policy.geometry
    low, full = geometry.id_bits, geometry.register_bits[0]
    codes = [code for _, code in form.codes]
    if form.marker is not None:
        bits = geometry.narrow_bits[form.code_register]
        register = words.step.register(form.code_register)
        marked = member(extract(value, low - 1, 0), IntervalSet.points([form.marker]))
        coded = register.always_in(IntervalSet.points(truncate(c, bits) for c in codes), bits)
        return conjunction((marked, coded))
    in_low = member(extract(value, low - 1, 0), IntervalSet.points(truncate(c, low) for c in codes))
    in_full = member(value, IntervalSet.points(truncate(c, full) for c in codes))
    return disjunction(
        (conjunction((words.narrow, in_low)), conjunction((negation(words.narrow), in_full)))
    )
