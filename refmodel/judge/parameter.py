"""A claim's arguments, by their kinds."""

from smcproof.spec.core import Expr
from smcproof.spec.core_policy import Claim
from smcproof.spec.core_walk import EXPRESSIONS
from smcproof.spec.interval import IntervalSet


def name(claim: Claim, parameter: str) -> str:
    """The callee, service, handler or layer that the claim is about."""
    value = claim.argument(parameter)
    if not isinstance(value, str):
        raise TypeError(f"`{parameter}` of `{claim.title}` is no name")
    return value


def names(claim: Claim, parameter: str) -> tuple[str, ...]:
    """Rules and layers, or conduits."""
    value = claim.argument(parameter)
    if not isinstance(value, tuple):
        raise TypeError(f"`{parameter}` of `{claim.title}` is no list of names")
    return value


def members(claim: Claim, parameter: str) -> IntervalSet:
    """Identifiers, or the ordinals of domains."""
    value = claim.argument(parameter)
    if not isinstance(value, IntervalSet):
        raise TypeError(f"`{parameter}` of `{claim.title}` is no set")
    return value


def condition(claim: Claim, parameter: str) -> Expr:
    """A condition on states."""
    value = claim.argument(parameter)
    if not isinstance(value, EXPRESSIONS):
        raise TypeError(f"`{parameter}` of `{claim.title}` is no condition")
    return value


def statement(claim: Claim) -> Expr:
    """What the user's own property states."""
    if claim.statement is None:
        raise TypeError(f"`{claim.title}` states nothing")
    return claim.statement
