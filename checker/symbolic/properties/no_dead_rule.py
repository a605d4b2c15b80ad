"""Every rule decides some call (existential)."""

from smcproof.checker.symbolic.query import Context, Goal


def goals(context: Context) -> tuple[Goal, ...]:
    words = context.words
    return tuple(
        Goal(taken.rule.name, taken.condition, (words,))
        for taken in words.step.taken
        if not taken.rule.is_otherwise
    )
