"""Which rule or layer decides, by name."""

from smcproof.checker.symbolic.factory import Truth, disjunction
from smcproof.checker.symbolic.query import Context
from smcproof.checker.symbolic.words import Words


def decided_by(context: Context, words: Words) -> Truth:
    """One of the rules that the claim names decides, or a rule of one of the layers it names."""
    listed = context.claim.argument("rules")
    names = listed if isinstance(listed, tuple) else ()
    facts = words.facts()
    return disjunction(
        condition
        for (word, name), condition in facts.items()
        if word == "decided_by" and name in names
    )
