"""``VALUE in SET``: identifiers, constants, ranges, groups, attributes and memory [ELAB-SET]."""

from collections.abc import Callable
from typing import TypeAlias

from smcproof.grammar.elaborate.constants import SMCCC_CODES, error_code, function_of
from smcproof.grammar.elaborate.environment import Environment
from smcproof.grammar.elaborate.identifiers import require_named_set
from smcproof.grammar.elaborate.scope import Scope
from smcproof.grammar.elaborate.values import Typed, Untyped, fits, literal, widen, word_bits
from smcproof.spec.core import (
    Compare,
    Connective,
    Const,
    Expr,
    Member,
    Relation,
    Within,
)
from smcproof.spec.expr import Apply, Binary, Membership, Name, Number, Range, SetLiteral, Unary
from smcproof.spec.expr import Expr as Syntax
from smcproof.spec.interval import IntervalSet
from smcproof.spec.types import DOMAIN, DomainType, Word
from smcproof.spec.word import truncate

Infer: TypeAlias = Callable[[Scope, Syntax], Typed | None]
AsWord: TypeAlias = Callable[[Scope, Syntax, int], Expr | None]

SPACES = ("ram", "machine")


def membership(scope: Scope, expr: Membership, infer: Infer, as_word: AsWord) -> Expr | None:
    """The condition, or None with an error. ``infer`` and ``as_word`` elaborate the parts."""
    container = expr.container
    region = _region(scope, container, infer)
    if isinstance(region, tuple):
        return _within(scope, expr, region[0], region[1], as_word)
    if isinstance(expr.value, Apply) and str(expr.value.name) == "range":
        scope.env.report.error(
            "range-region",
            f"`{container.span.text}` is no memory",
            container.span,
            "write `range(base, length) in caller.ram` or `caller.machine`",
        )
        return None
    value = infer(scope, expr.value)
    if value is None:
        return None
    if isinstance(value, Untyped):
        scope.env.report.error(
            "comparison-constant",
            "the left side of `in` is a constant",
            expr.value.span,
            "test a register, a field or a domain",
        )
        return None
    if isinstance(value.type, DomainType):
        return _domain_member(scope, value, container, infer)
    bits = word_bits(value, scope.env.geometry)
    if bits is None:
        scope.env.report.error(
            "type-mismatch",
            f"this is a {value.type}, but a word or a domain is wanted",
            expr.value.span,
            "compare it with `==`",
        )
        return None
    return _word_member(scope, widen(value, bits), bits, container, infer, as_word)


def _region(
    scope: Scope, container: Syntax | SetLiteral | Range, infer: Infer
) -> tuple[Expr, str] | None:
    """The domain and space of ``caller.ram`` and the like; None if it is something else."""
    if not isinstance(container, Name) or container.parts[-1] not in SPACES:
        return None
    if len(container.parts) != 2 or container.parts[0] in scope.env.vocabularies:
        return None
    domain = infer(scope, Name(container.parts[:1], container.span))
    if domain is None or isinstance(domain, Untyped):
        return None
    if domain.type != DOMAIN:
        scope.env.report.error(
            "attribute-domain",
            f"`{container.parts[0]}` is a {domain.type}, so it has no `{container.parts[1]}`",
            container.span,
            "compare it with a domain first and read the memory of that one",
        )
        return None
    return domain, container.parts[1]


def _within(
    scope: Scope, expr: Membership, domain: Expr, space: str, as_word: AsWord
) -> Expr | None:
    bits = scope.env.geometry.word_bits
    value = expr.value
    if isinstance(value, Apply) and str(value.name) == "range":
        if len(value.arguments) != 2:
            scope.env.report.error(
                "range-arguments",
                "`range` takes a base and a length",
                value.span,
                "write `range(base, length)`",
            )
            return None
        base = as_word(scope, value.arguments[0], bits)
        size = as_word(scope, value.arguments[1], bits)
        return None if base is None or size is None else Within(base, size, domain, space)
    base = as_word(scope, value, bits)
    return None if base is None else Within(base, literal(1, bits), domain, space)


def _domain_member(
    scope: Scope, value: Expr, container: Syntax | SetLiteral | Range, infer: Infer
) -> Expr | None:
    members = IntervalSet()
    items: tuple[Syntax, ...]
    if isinstance(container, SetLiteral):
        items = tuple(item.low for item in container.items if item.high is None)
    elif isinstance(container, Range):
        items = ()
    else:
        items = (container,)
    if not items:
        scope.env.report.error(
            "domain-set",
            "this is no set of domains",
            container.span,
            "write `in GROUP`, `in FAMILY` or `in { dom0, dom1 }`",
        )
        return None
    for item in items:
        named = domains_named(scope.env, item) if isinstance(item, Name) else None
        if named is None:
            single = infer(scope, item)
            if single is None:
                return None
            if isinstance(single, Untyped) or not (
                isinstance(single, Const) and single.type == DOMAIN
            ):
                scope.env.report.error(
                    "domain-set",
                    f"`{item.span.text}` is no domain, family or group",
                    item.span,
                    "list declared domains, families and groups",
                )
                return None
            named = IntervalSet.points([single.value])
        members = members | named
    return Member(value, members)


def domains_named(env: Environment, name: Name) -> IntervalSet | None:
    """The ordinals of a domain, a family or a group by name; None, without an error, if it is none."""
    if len(name.parts) != 1 or name.primed:
        return None
    word = name.parts[0]
    if word in env.groups:
        env.use(word)
        return env.groups[word]
    if word in env.domains:
        env.use(word)
        block = env.domains[word]
        return IntervalSet.of(((block.first, block.first + block.count - 1),))
    return None


def _word_member(
    scope: Scope,
    value: Expr,
    bits: int,
    container: Syntax | SetLiteral | Range,
    infer: Infer,
    as_word: AsWord,
) -> Expr | None:
    env = scope.env
    if isinstance(container, Name):
        if container.parts[0] not in scope.locals:
            named = require_named_set(env, container)
            if named is not None:
                return Member(value, _clipped(scope, named, bits, container))
            if container.parts[0] in env.vocabularies:
                return None
        attribute = _attribute_set(scope, value, container, infer)
        if attribute is not None:
            return attribute
        if env.report_once(container.span):
            env.report.error(
                "set-unknown",
                f"`{container}` is no set",
                container.span,
                "use a `set`, `service.*`, a set attribute such as `caller.allowlist` or `{ .. }`",
            )
        return None
    if isinstance(container, SetLiteral):
        ranges = container.items
    elif isinstance(container, Range):
        ranges = (container,)
    else:
        env.report.error(
            "set-unknown",
            "this is no set",
            container.span,
            "write `in { a, b }` or `in a .. b`",
        )
        return None
    constants = IntervalSet()
    tests: list[Expr] = []
    for item in ranges:
        part = _range_test(scope, value, bits, item, infer, as_word)
        if part is None:
            return None
        if isinstance(part, IntervalSet):
            constants = constants | part
        else:
            tests.append(part)
    if constants or not tests:
        tests.insert(0, Member(value, constants))
    return tests[0] if len(tests) == 1 else Connective(False, tuple(tests))


def _range_test(
    scope: Scope, value: Expr, bits: int, item: Range, infer: Infer, as_word: AsWord
) -> Expr | IntervalSet | None:
    """One entry of a set literal: constants as intervals, anything else as a comparison."""
    env = scope.env
    if item.high is None and isinstance(item.low, Name) and item.low.parts[0] not in scope.locals:
        named = _names_of(env, item.low)
        if named is not None:
            return _clipped(scope, named, bits, item.low)
    if item.relative:
        env.report.error("range-relative", "`.. +` is for memory", item.span, "write both bounds")
        return None
    if _is_constant(env, item.low) and (item.high is None or _is_constant(env, item.high)):
        low = infer(scope, item.low)
        high = low if item.high is None else infer(scope, item.high)
        if isinstance(low, Untyped) and isinstance(high, Untyped):
            return _constant_interval(scope, item, low.value, high.value, bits)
        return None
    low_word = as_word(scope, item.low, bits)
    high_word = low_word if item.high is None else as_word(scope, item.high, bits)
    if low_word is None or high_word is None:
        return None
    if item.high is None:
        return Compare(Relation.EQ, value, low_word)
    return Connective(
        True,
        (Compare(Relation.LE, low_word, value), Compare(Relation.LE, value, high_word)),
    )


def _constant_interval(
    scope: Scope, item: Range, low: int, high: int, bits: int
) -> IntervalSet | None:
    for bound in (low, high):
        if not fits(bound, bits):
            scope.env.report.warning(
                "literal-out-of-range",
                f"`{item.span.text}` does not fit the {bits} bits it is compared with",
                item.span,
                "no value of that width is in this part of the set",
            )
            return IntervalSet()
    first, last = truncate(low, bits), truncate(high, bits)
    if first > last:
        scope.env.report.error(
            "range-empty",
            f"this range is empty: {first:#x} lies above {last:#x}",
            item.span,
            "write the lower bound first; negative numbers are the largest",
        )
        return None
    return IntervalSet.of(((first, last),))


def _names_of(env: Environment, name: Name) -> IntervalSet | None:
    """A named set inside a set literal; a function with one identifier is a constant."""
    if name.parts[0] in env.sets or name.parts[0] in env.vocabularies:
        if error_code(env, name) is not None and function_of(env, name) is None:
            return None
        return require_named_set(env, name)
    return None


def _is_constant(env: Environment, expr: Syntax) -> bool:
    match expr:
        case Number():
            return True
        case Name():
            return expr.parts[0] in SMCCC_CODES or expr.parts[0] in env.vocabularies
        case Unary(operator="-" | "~", operand=operand):
            return _is_constant(env, operand)
        case Binary(left=left, right=right):
            return _is_constant(env, left) and _is_constant(env, right)
        case _:
            return False


def _clipped(scope: Scope, members: IntervalSet, bits: int, name: Name) -> IntervalSet:
    """Identifiers that a word of ``bits`` bits can hold."""
    held = members & IntervalSet.of(((0, (1 << bits) - 1),))
    if held != members:
        scope.env.report.warning(
            "literal-out-of-range",
            f"`{name}` has identifiers that do not fit {bits} bits",
            name.span,
            "test a wider register",
        )
    return held


def _attribute_set(scope: Scope, value: Expr, name: Name, infer: Infer) -> Expr | None:
    """``in caller.allowlist``."""
    if len(name.parts) != 2:
        return None
    env = scope.env
    known = {key for block in env.domains.values() for key, _ in block.sets}
    if name.parts[1] not in known:
        return None
    domain = infer(scope, Name(name.parts[:1], name.span))
    if domain is None or isinstance(domain, Untyped):
        return None
    if domain.type != DOMAIN:
        env.report.error(
            "attribute-domain",
            f"`{name.parts[0]}` is a {domain.type}, so it has no `{name.parts[1]}`",
            name.span,
            "compare it with a domain first and read the attribute of that one",
        )
        return None
    env.use(f"attribute {name.parts[1]}")
    bits = value.type.bits if isinstance(value.type, Word) else env.geometry.word_bits
    return Member(widen(value, bits), None, domain, name.parts[1])
