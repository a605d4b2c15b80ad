"""Expressions to typed core expressions [ELAB-EXPRESSION].

Every function returns None after it has reported why; callers then give up on that expression only.
"""

from smcproof.grammar.elaborate.environment import nearest
from smcproof.grammar.elaborate.identifiers import names_identifiers, require_named_set
from smcproof.grammar.elaborate.names import (
    CONDUIT,
    enum_member,
    is_domain,
    plain_fid,
    resolve,
    visible_imm,
)
from smcproof.grammar.elaborate.patterns import match_pattern
from smcproof.grammar.elaborate.scope import Scope
from smcproof.grammar.elaborate.sets import membership
from smcproof.grammar.elaborate.values import (
    Typed,
    Untyped,
    as_bool,
    fits,
    literal,
    slice_word,
    widen,
    word_bits,
)
from smcproof.spec import core
from smcproof.spec.core import Compare, Connective, Const, Expr, Fact, Not, Operator, Relation
from smcproof.spec.expr import (
    Apply,
    Binary,
    Bits,
    Chain,
    Index,
    Membership,
    Name,
    Number,
    Select,
    Text,
    Unary,
)
from smcproof.spec.expr import Expr as Syntax
from smcproof.spec.span import Span
from smcproof.spec.types import (
    BOOL,
    DOMAIN,
    OPTIONAL_DOMAIN,
    Bounded,
    DomainType,
    Enum,
    Type,
    VcpuType,
    Word,
)

_ARITHMETIC = {operator.value: operator for operator in Operator}
_COMPARISON = {
    "==": (Relation.EQ, False, False),
    "!=": (Relation.EQ, False, True),
    "<": (Relation.LT, False, False),
    "<=": (Relation.LE, False, False),
    ">": (Relation.LT, True, False),
    ">=": (Relation.LE, True, False),
}
OUTCOMES = ("forward", "return", "handle", "deliver", "undef", "stop", "resume", "skip", "panic")


def boolean(scope: Scope, expr: Syntax) -> Expr | None:
    """``expr`` as a condition; a set of identifiers stands for ``fid in SET``."""
    match expr:
        case Chain(operator=operator, operands=operands):
            built = [boolean(scope, operand) for operand in operands]
            whole = [part for part in built if part is not None]
            if len(whole) < len(built):
                return None
            return Connective(operator == "and", tuple(whole))
        case Unary(operator="not", operand=operand):
            inner = boolean(scope, operand)
            return None if inner is None else Not(inner)
        case Binary(operator="implies", left=left, right=right):
            premise, conclusion = boolean(scope, left), boolean(scope, right)
            if premise is None or conclusion is None:
                return None
            return Connective(False, (Not(premise), conclusion))
        case Name() if expr.parts[0] not in scope.locals and names_identifiers(scope.env, expr):
            return _identifier_test(scope, expr)
        case _:
            value = infer(scope, expr)
            if value is None:
                return None
            condition = None if isinstance(value, Untyped) else as_bool(value)
            if condition is None:
                _mismatch(scope, expr.span, "a condition", value)
            return condition


def _identifier_test(scope: Scope, name: Name) -> Expr | None:
    members = require_named_set(scope.env, name)
    if members is None:
        if scope.env.report_once(name.span):
            _mismatch(scope, name.span, "a condition", resolve(scope, name))
        return None
    fid = plain_fid(scope, name.span)
    return None if fid is None else core.Member(fid, members)


def infer(scope: Scope, expr: Syntax) -> Typed | None:
    """``expr`` with the type that it has by itself."""
    match expr:
        case Number(value=value):
            return Untyped(value)
        case Name():
            return resolve(scope, expr)
        case Chain() | Unary(operator="not") | Binary(operator="implies"):
            return boolean(scope, expr)
        case Unary(operator=operator, operand=operand):
            return _prefix(scope, operator, operand, expr.span)
        case Binary(operator=operator) if operator in _COMPARISON:
            return _comparison(scope, expr)
        case Binary():
            return _arithmetic(scope, expr)
        case Bits():
            return _bits(scope, expr)
        case Index():
            return _index(scope, expr)
        case Membership():
            return membership(scope, expr, infer, word)
        case Apply():
            return _apply(scope, expr)
        case Text() | Select():
            scope.env.report.error(
                "expression-unexpected",
                "this is not a value",
                expr.span,
                "write a number, a register, a state variable or a comparison",
            )
            return None


def word(scope: Scope, expr: Syntax, bits: int) -> Expr | None:
    """``expr`` as a word of ``bits`` bits; narrower words are zero-extended, wider ones an error."""
    value = infer(scope, expr)
    if value is None:
        return None
    if isinstance(value, Untyped):
        if fits(value.value, bits):
            return literal(value.value, bits)
        scope.env.report.error(
            "literal-too-wide",
            f"`{expr.span.text}` does not fit {bits} bits",
            expr.span,
            f"use a value up to {(1 << bits) - 1:#x}",
        )
        return None
    have = word_bits(value, scope.env.geometry)
    if have is None:
        _mismatch(scope, expr.span, f"a word of {bits} bits", value)
        return None
    if have > bits and not isinstance(value.type, Bounded):
        scope.env.report.error(
            "word-too-wide",
            f"this has {have} bits, but {bits} are wanted",
            expr.span,
            f"take a part of it: `(..)[{bits - 1}:0]`",
        )
        return None
    if have > bits:
        return slice_word(widen(value, have), bits - 1, 0)
    return widen(value, bits)


def typed(scope: Scope, expr: Syntax, wanted: Type) -> Expr | None:
    """``expr`` as a value of ``wanted``, as assignments and initial values need it. A value for a
    bounded integer is a word; its range is checked at run time [STATE-RANGE]."""
    if isinstance(wanted, Bounded):
        return word(scope, expr, scope.env.geometry.word_bits)
    if isinstance(wanted, Word):
        return word(scope, expr, wanted.bits)
    if wanted == BOOL:
        return boolean(scope, expr)
    value = _wanted(scope, expr, wanted)
    if value is None:
        return None
    if isinstance(value, Untyped) or not _assignable(value.type, wanted):
        _mismatch(scope, expr.span, f"a {wanted}", value)
        return None
    return value


def _wanted(scope: Scope, expr: Syntax, wanted: Type | None) -> Typed | None:
    """As ``infer``; a bare member of the wanted enumeration is found first."""
    if isinstance(wanted, Enum) and isinstance(expr, Name) and len(expr.parts) == 1:
        if expr.parts[0] in wanted.members and not expr.primed:
            scope.env.use(wanted.name)
            scope.env.use(f"{wanted.name}.{expr.parts[0]}")
            return Const(wanted.members.index(expr.parts[0]), wanted)
    return infer(scope, expr)


def _assignable(have: Type, wanted: Type) -> bool:
    return have == wanted or (have == DOMAIN and wanted == OPTIONAL_DOMAIN)


def _mismatch(scope: Scope, span: Span, wanted: str, value: Typed | None) -> None:
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


def _prefix(scope: Scope, operator: str, operand: Syntax, span: Span) -> Typed | None:
    value = infer(scope, operand)
    if value is None:
        return None
    if isinstance(value, Untyped):
        return Untyped(-value.value if operator == "-" else ~value.value)
    bits = word_bits(value, scope.env.geometry)
    if bits is None:
        _mismatch(scope, span, "a word", value)
        return None
    whole = widen(value, bits)
    zero, ones = literal(0, bits), literal(-1, bits)
    if operator == "-":
        return core.Arithmetic(Operator.SUB, zero, whole, core.Word(bits))
    return core.Arithmetic(Operator.XOR, whole, ones, core.Word(bits))


def _arithmetic(scope: Scope, expr: Binary) -> Typed | None:
    left, right = infer(scope, expr.left), infer(scope, expr.right)
    if left is None or right is None:
        return None
    operator = _ARITHMETIC[expr.operator]
    if isinstance(left, Untyped) and isinstance(right, Untyped):
        return _fold(scope, operator, left.value, right.value, expr.span)
    if operator is Operator.MUL and not isinstance(left, Untyped) and not isinstance(right, Untyped):
        scope.env.report.error(
            "product",
            "this multiplies two values that are both unknown",
            expr.span,
            "one factor must be a constant",
        )
        return None
    bits = _common_width(scope, (expr.left, left), (expr.right, right))
    if bits is None:
        return None
    first, second = (
        literal(side.value, bits) if isinstance(side, Untyped) else widen(side, bits)
        for side in (left, right)
    )
    return core.Arithmetic(operator, first, second, Word(bits))


def _common_width(scope: Scope, *sides: tuple[Syntax, Typed]) -> int | None:
    """The width of the widest side; literals must fit it."""
    bits = 0
    for syntax, side in sides:
        if isinstance(side, Untyped):
            continue
        width = word_bits(side, scope.env.geometry)
        if width is None:
            _mismatch(scope, syntax.span, "a word", side)
            return None
        bits = max(bits, width)
    for syntax, side in sides:
        if isinstance(side, Untyped) and not fits(side.value, bits):
            scope.env.report.error(
                "literal-too-wide",
                f"`{syntax.span.text}` does not fit the {bits} bits of the other side",
                syntax.span,
                f"use a value up to {(1 << bits) - 1:#x}",
            )
            return None
    return bits


def _fold(scope: Scope, operator: Operator, left: int, right: int, span: Span) -> Untyped | None:
    shift = operator in (Operator.SHL, Operator.SHR)
    if shift and not 0 <= right < scope.env.geometry.word_bits:
        scope.env.report.error(
            "shift-amount",
            f"a shift by {right} leaves nothing",
            span,
            f"shift by 0 to {scope.env.geometry.word_bits - 1}",
        )
        return None
    match operator:
        case Operator.ADD:
            return Untyped(left + right)
        case Operator.SUB:
            return Untyped(left - right)
        case Operator.MUL:
            return Untyped(left * right)
        case Operator.AND:
            return Untyped(left & right)
        case Operator.OR:
            return Untyped(left | right)
        case Operator.XOR:
            return Untyped(left ^ right)
        case Operator.SHL:
            return Untyped(left << right)
        case Operator.SHR:
            return Untyped(left >> right)


def _comparison(scope: Scope, expr: Binary) -> Expr | None:
    relation, swapped, negated = _COMPARISON[expr.operator]
    if relation is Relation.EQ and isinstance(expr.left, Name) and expr.left.parts == ("outcome",):
        return _outcome_test(scope, expr, negated)
    left = infer(scope, expr.left)
    left_type = None if left is None or isinstance(left, Untyped) else left.type
    right = _wanted(scope, expr.right, left_type)
    if isinstance(expr.left, Name) and left is None and right is not None:
        return None
    if left is None or right is None:
        return None
    built = _compare_values(scope, expr, relation, left, right, swapped=swapped)
    if built is None:
        return None
    return Not(built) if negated else built


def _compare_values(
    scope: Scope, expr: Binary, relation: Relation, left: Typed, right: Typed, *, swapped: bool
) -> Expr | None:
    env = scope.env
    if isinstance(left, Untyped) and isinstance(right, Untyped):
        env.report.error(
            "comparison-constant",
            "both sides of this comparison are constants",
            expr.span,
            "compare with a register, a field or a state variable",
        )
        return None
    numbers = [
        isinstance(side, Untyped) or word_bits(side, env.geometry) is not None
        for side in (left, right)
    ]
    if all(numbers):
        return _compare_words(scope, expr, relation, left, right, swapped=swapped)
    if isinstance(left, Untyped) or isinstance(right, Untyped) or any(numbers):
        odd, other = (left, right) if not numbers[0] else (right, left)
        what = "a number" if isinstance(other, Untyped) else f"a {other.type}"
        _mismatch(scope, expr.span, what, odd)
        return None
    same = _assignable(left.type, right.type) or _assignable(right.type, left.type)
    if not same:
        env.report.error(
            "type-mismatch",
            f"a {left.type} is compared with a {right.type}",
            expr.span,
            "compare values of one type",
        )
        return None
    if relation is not Relation.EQ:
        env.report.error(
            "comparison-order",
            f"a {left.type} has no order",
            expr.span,
            "use `==` or `!=`",
        )
        return None
    return Compare(Relation.EQ, left, right)


def _compare_words(
    scope: Scope, expr: Binary, relation: Relation, left: Typed, right: Typed, *, swapped: bool
) -> Expr:
    geometry = scope.env.geometry
    bits = max(
        word_bits(side, geometry) or 0 for side in (left, right) if not isinstance(side, Untyped)
    )
    for syntax, side in ((expr.left, left), (expr.right, right)):
        if isinstance(side, Untyped) and not fits(side.value, bits):
            scope.env.report.warning(
                "literal-out-of-range",
                f"`{syntax.span.text}` does not fit the {bits} bits it is compared with",
                syntax.span,
                "the comparison always comes out the same; compare a wider register",
            )
            bits = max(bits, side.value.bit_length() + (side.value < 0))
    first, second = (
        literal(side.value, bits) if isinstance(side, Untyped) else widen(side, bits)
        for side in (left, right)
    )
    return Compare(relation, second, first) if swapped else Compare(relation, first, second)


def _outcome_test(scope: Scope, expr: Binary, negated: bool) -> Expr | None:
    right = expr.right
    if not scope.facts:
        scope.env.report.error(
            "name-misplaced",
            f"`outcome` is a word of properties, which {scope.place} cannot read",
            expr.left.span,
            "use it in `prove`",
        )
        return None
    if not isinstance(right, Name) or str(right) not in OUTCOMES:
        scope.env.report.error(
            "outcome-unknown",
            f"`{right.span.text}` is no outcome",
            right.span,
            f"use one of {', '.join(OUTCOMES)}",
        )
        return None
    fact = Fact("outcome", str(right))
    return Not(fact) if negated else fact


def _bits(scope: Scope, expr: Bits) -> Expr | None:
    high, low = _position(scope, expr.high), _position(scope, expr.low)
    if high is None or low is None:
        return None
    base = infer(scope, expr.base)
    if base is None:
        return None
    width = None if isinstance(base, Untyped) else word_bits(base, scope.env.geometry)
    if width is None or isinstance(base, Untyped):
        _mismatch(scope, expr.base.span, "a word", base)
        return None
    if not low <= high < width:
        scope.env.report.error(
            "bits-range",
            f"`[{high}:{low}]` is no part of a word of {width} bits",
            expr.span,
            f"write the higher bit first, up to {width - 1}",
        )
        return None
    return slice_word(widen(base, width), high, low)


def _position(scope: Scope, expr: Syntax) -> int | None:
    if isinstance(expr, Number):
        return expr.value
    scope.env.report.error(
        "bits-constant", "a bit position is a number", expr.span, "write it as a literal"
    )
    return None


def _index(scope: Scope, expr: Index) -> Expr | None:
    env = scope.env
    base = expr.base
    if isinstance(base, Name) and len(base.parts) == 1 and not base.primed:
        name = base.parts[0]
        if name in env.states and env.states[name].index is not None:
            return _map_entry(scope, expr, name)
        block = env.domains.get(name)
        if block is not None and block.indexed is not None:
            return _member(scope, expr, name)
    at = _position(scope, expr.index)
    if at is None:
        return None
    return _bits(scope, Bits(base, Number(at, expr.index.span), Number(at, expr.index.span), expr.span))


def _member(scope: Scope, expr: Index, name: str) -> Expr | None:
    block = scope.env.domains[name]
    at = _position(scope, expr.index)
    if at is None or block.indexed is None:
        return None
    scope.env.use(name)
    if not block.indexed <= at < block.indexed + block.count:
        scope.env.report.error(
            "domain-member",
            f"`{name}` has no member {at}",
            expr.span,
            f"its members are {block.indexed} to {block.indexed + block.count - 1}",
        )
        return None
    return Const(block.first + at - block.indexed, DOMAIN)


def map_index(scope: Scope, expr: Syntax, name: str) -> Expr | None:
    """The index of map ``name``: a domain (or one that may be none), a vCPU or a number."""
    kind = scope.env.states[name].index
    if isinstance(kind, Bounded):
        return word(scope, expr, scope.env.geometry.word_bits)
    value = infer(scope, expr)
    if value is None:
        return None
    wanted = OPTIONAL_DOMAIN if kind == DOMAIN else kind
    if isinstance(value, Untyped) or wanted is None or not _assignable(value.type, wanted):
        _mismatch(scope, expr.span, f"a {kind}", value)
        return None
    return value


def _map_entry(scope: Scope, expr: Index, name: str) -> Expr | None:
    env = scope.env
    if not scope.state or (expr.primed and not scope.after):
        env.report.error(
            "name-misplaced",
            f"`{name}` is state, which {scope.place} cannot read",
            expr.span,
            "move the condition to a rule",
        )
        return None
    env.use(name)
    index = map_index(scope, expr.index, name)
    if index is None:
        return None
    return core.State(name, index, expr.primed, env.states[name].type)


def _apply(scope: Scope, expr: Apply) -> Typed | None:
    name = str(expr.name)
    env = scope.env
    match name:
        case "visible":
            if len(expr.arguments) == 1 and str(expr.arguments[0].span.text) == "imm":
                return visible_imm() if scope.caller else resolve(scope, Name(("imm",), expr.span))
            env.report.error(
                "visible-imm", "only `imm` can be invisible", expr.span, "write `visible(imm)`"
            )
            return None
        case "reaches" | "decided_by" | "handled_by":
            return _fact(scope, expr, name)
        case "canon" if len(expr.arguments) == 1 and expr.arguments[0].span.text == "x0":
            return resolve(scope, Name(("canon",), expr.span))
        case "range":
            env.report.error(
                "range-alone",
                "`range(base, length)` is no value",
                expr.span,
                "write `range(base, length) in caller.ram`",
            )
            return None
    if expr.name.parts[0] in env.vocabularies:
        return match_pattern(scope, expr)
    close = nearest(name, ["visible", "reaches", "decided_by", "handled_by", "range", "canon"])
    env.report.error(
        "function-call",
        f"there is no function `{name}`",
        expr.span,
        f"did you mean `{close}(..)`?" if close else "use a pattern such as `psci.CPU_ON(_, _, _)`",
    )
    return None


def _fact(scope: Scope, expr: Apply, name: str) -> Expr | None:
    env = scope.env
    if not scope.facts:
        env.report.error(
            "name-misplaced",
            f"`{name}` is a word of properties, which {scope.place} cannot read",
            expr.span,
            "use it in `prove`",
        )
        return None
    known: list[str] = {
        "reaches": [*env.callees, "unclaimed"],
        "decided_by": [*env.deciders, "otherwise"],
        "handled_by": list(env.handlers),
    }[name]
    if len(expr.arguments) != 1 or not isinstance(expr.arguments[0], Name):
        env.report.error(
            "fact-argument", f"`{name}` takes one name", expr.span, f"write `{name}(NAME)`"
        )
        return None
    argument = str(expr.arguments[0])
    if argument not in known:
        close = nearest(argument, known)
        env.report.error(
            "name-unknown",
            f"`{argument}` is not known",
            expr.arguments[0].span,
            f"did you mean `{close}`?" if close else f"use one of {', '.join(known) or 'none'}",
        )
        return None
    env.use(argument)
    return Fact(name, argument)


__all__ = ["CONDUIT", "boolean", "enum_member", "infer", "is_domain", "map_index", "typed", "word"]
