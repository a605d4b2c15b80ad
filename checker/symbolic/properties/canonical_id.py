"""A decision depends on the canonical identifier only."""

from smcproof.checker.symbolic.answers import answers_differ
from smcproof.checker.symbolic.factory import (
    TRUE,
    conjunction,
    extract,
    negation,
    widen,
)
from smcproof.checker.symbolic.query import Context, Query


def queries(context: Context) -> tuple[Query, ...]:
    geometry = context.policy.geometry
    words = context.words
    bits = geometry.register_bits[0]
    low = widen(extract(context.call.x[0], geometry.id_bits - 1, 0), bits)
    clean = context.run("clean", context.with_x({0: low}))
    canon = context.run("canon", context.with_x({0: widen(words.canon, bits)}))
    upper = Query(TRUE, answers_differ(words, clean), (words, clean))
    hint = Query(
        TRUE,
        conjunction((negation(words.refused), answers_differ(words, canon))),
        (words, canon),
    )
    return (upper, hint)
