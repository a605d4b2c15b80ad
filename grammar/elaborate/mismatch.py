"""Whether types go together, and what to say if they do not [ELAB-EXPRESSION]."""

from smcproof.grammar.elaborate.scope import Scope
from smcproof.grammar.elaborate.values import Typed, Untyped
from smcproof.spec.span import Span
from smcproof.spec.types import (
    DOMAIN,
    OPTIONAL_DOMAIN,
    Bounded,
    DomainType,
    Enum,
    Type,
    VcpuType,
    Word,
)


def assignable(have: Type, wanted: Type) -> bool:
    """Whether a value of one type may stand where the other is wanted."""
    return have == wanted or (have == DOMAIN and wanted == OPTIONAL_DOMAIN)


def mismatch(scope: Scope, span: Span, wanted: str, value: Typed | None) -> None:
    """Reports a value of a wrong type; None was reported already."""
    if value is None:
        return
    have = "a number" if isinstance(value, Untyped) else f"a {value.type}"
    scope.env.report.error(
        "type-mismatch", f"this is {have}, but {wanted} is wanted", span, _mismatch_help(value)
    )


def _mismatch_help(value: Typed) -> str:
    if isinstance(value, Untyped) or isinstance(value.type, (Word, Bounded)):
        return "compare it with something: `.. == 0`"
    if isinstance(value.type, (DomainType, VcpuType, Enum)):
        return "compare it: `.. == ..`"
    return "use the condition where one is wanted"
