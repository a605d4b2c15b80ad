"""Core expressions in the syntax of policies [SYNTAX-EXPRESSION].

Registers are ``x1`` as they entered, ``sent.x1`` as they left, ``r1`` as the callee answered and
``res.x1`` as the caller sees them. Widening is not shown where it cannot matter; where a sum wraps at
a width that its parts do not have, it is ``extend(w1, 64) + 1``.
"""

from typing import TypeAlias, assert_never

from smcproof.grammar.printer.identifiers import identifier, identifier_set
from smcproof.grammar.printer.values import braced, constant, domains, spans
from smcproof.spec.core import (
    Arithmetic,
    Attribute,
    Bank,
    Compare,
    Connective,
    Const,
    Expr,
    Extend,
    Fact,
    If,
    Input,
    Member,
    Not,
    Operator,
    Register,
    Relation,
    Slice,
    State,
    Within,
)
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.geometry import Geometry
from smcproof.spec.interval import IntervalSet
from smcproof.spec.types import BOOL, Bounded, DomainType, Enum, Word
from smcproof.spec.word import mask

_CHOICE, _LOGIC, _NOT, _COMPARE = range(4)
_LEVELS = {
    Operator.OR: 4,
    Operator.XOR: 5,
    Operator.AND: 6,
    Operator.SHL: 7,
    Operator.SHR: 7,
    Operator.ADD: 8,
    Operator.SUB: 8,
    Operator.MUL: 9,
}
_OPERAND = min(_LEVELS.values())
_UNARY, _POSTFIX = 10, 11
"""How strongly a text holds together; a part that holds less than its place asks for is put in
parentheses."""

_WRAPS = (Operator.ADD, Operator.SUB, Operator.MUL, Operator.SHL)
_PREFIX = {Bank.IN: "", Bank.SENT: "sent.", Bank.AFTER: "res."}

_CONDUIT = Enum("conduit", ("smc", "hvc", "svc"))
_VISIBLE = Not(
    Connective(
        True,
        (
            Input("aarch32", BOOL),
            Compare(Relation.EQ, Input("conduit", _CONDUIT), Const(0, _CONDUIT)),
        ),
    )
)
"""``visible(imm)``: not an SMC from AArch32."""

Level: TypeAlias = int
Shown: TypeAlias = tuple[str, Level]


def print_expr(policy: CorePolicy, expr: Expr, parameters: tuple[str, ...] = ()) -> str:
    """``expr`` as text. ``parameters`` names those of the event in whose clause it stands."""
    return _Shower(policy, parameters).show(expr)[0]


def print_operand(policy: CorePolicy, expr: Expr, parameters: tuple[str, ...] = ()) -> str:
    """As ``print_expr``, in parentheses if it is more than an operand."""
    return _Shower(policy, parameters).at(expr, _OPERAND)


class _Shower:
    """One policy's names, for all parts of an expression."""

    def __init__(self, policy: CorePolicy, parameters: tuple[str, ...]) -> None:
        self._policy = policy
        self._geometry = policy.geometry
        self._parameters = parameters

    def at(self, expr: Expr, level: Level) -> str:
        """``expr`` where something of at least ``level`` is wanted."""
        text, have = self.show(expr)
        return text if have >= level else f"({text})"

    def show(self, expr: Expr) -> Shown:
        known = self._known(expr)
        if known is not None:
            return known, _POSTFIX
        match expr:
            case Const(value=value, type=kind):
                return constant(self._policy, value, kind), _POSTFIX
            case Register(bank=bank, index=index):
                return _register(bank, index, narrow=False), _POSTFIX
            case Input(name=name):
                return self._input(name), _POSTFIX
            case Attribute(domain=domain, name=name):
                return f"{self.at(domain, _POSTFIX)}.{name}", _POSTFIX
            case State(variable=variable, index=index, after=after):
                entry = "" if index is None else f"[{self.show(index)[0]}]"
                return variable + entry + ("'" if after else ""), _POSTFIX
            case Slice(operand=operand, high=high, low=low):
                bits = str(high) if high == low else f"{high}:{low}"
                return f"{self.at(operand, _POSTFIX)}[{bits}]", _POSTFIX
            case Extend(operand=operand):
                return self.show(operand)
            case Arithmetic():
                return self._arithmetic(expr)
            case Compare(relation=relation, left=left, right=right):
                return self._compare(relation.value, left, right)
            case Not(operand=Compare(relation=Relation.EQ, left=left, right=right)):
                return self._compare("!=", left, right)
            case Not(operand=Fact(name="outcome", argument=argument)):
                return f"outcome != {argument}", _COMPARE
            case Not(operand=operand):
                return f"not {self.at(operand, _NOT)}", _NOT
            case Connective():
                return self._connective(expr)
            case If(condition=condition, then=then, otherwise=otherwise):
                parts = (self.at(part, _LOGIC) for part in (condition, then, otherwise))
                return "if {} then {} else {}".format(*parts), _CHOICE
            case Member():
                return self._member(expr), _COMPARE
            case Within(base=base, size=size, domain=domain, space=space):
                bounds = f"{self.show(base)[0]}, {self.show(size)[0]}"
                return f"range({bounds}) in {self.at(domain, _POSTFIX)}.{space}", _COMPARE
            case Fact(name="outcome", argument=argument):
                return f"outcome == {argument}", _COMPARE
            case Fact(name=name, argument=argument):
                return name + (f"({argument})" if argument else ""), _POSTFIX
            case _:
                assert_never(expr)

    def _known(self, expr: Expr) -> str | None:
        """The language's own name of a shape that elaboration builds for it."""
        if expr == _VISIBLE:
            return "visible(imm)"
        if isinstance(expr, Slice):
            return self._part(expr)
        bank = canonical_bank(self._geometry, expr)
        if bank is not None:
            return f"{_PREFIX[bank]}canon"
        return None

    def _part(self, expr: Slice) -> str | None:
        """``w1`` or a field of an identifier."""
        operand, geometry = expr.operand, self._geometry
        place = (expr.high, expr.low)
        if isinstance(operand, Register):
            if place == (geometry.narrow_bits[operand.index] - 1, 0):
                return _register(operand.bank, operand.index, narrow=True)
            plain = operand.bank is Bank.IN and operand.index == 0
            name = "fid" if plain and self._policy.identifier != "canon" else None
        else:
            bank = canonical_bank(geometry, operand)
            plain = bank is Bank.IN and self._policy.identifier == "canon"
            name = None if bank is None else "fid" if plain else f"{bank.value}.fid"
        if name is None:
            return None
        for field, part in geometry.fields.items():
            if place == (part.high, part.low):
                return f"{name}.{field}"
        return None

    def _input(self, name: str) -> str:
        if name == "vcpu":
            return "caller.vcpu"
        if name == "pc":
            return "res.pc"
        if name.startswith("parameter."):
            position = int(name.removeprefix("parameter."))
            if position < len(self._parameters):
                return self._parameters[position]
        return name

    def _arithmetic(self, expr: Arithmetic) -> Shown:
        operator, left, right = expr.operator, expr.left, expr.right
        bits = expr.type.bits
        exact = max(self._width(left), self._width(right)) == bits
        if operator is Operator.XOR and _is_ones(right) and self._width(left) == bits:
            return f"~{self.at(left, _UNARY)}", _UNARY
        if operator is Operator.SUB and left == Const(0, expr.type) and self._width(right) == bits:
            return f"-{self.at(right, _UNARY)}", _UNARY
        level = _LEVELS[operator]
        texts = [self.at(left, level), self.at(right, level + 1)]
        if operator in _WRAPS and not exact:
            wide = 1 if isinstance(left, Const) else 0
            texts[wide] = f"extend({self.show((left, right)[wide])[0]}, {bits})"
        return f"{texts[0]} {operator.value} {texts[1]}", level

    def _width(self, expr: Expr) -> int:
        """The width that ``expr`` shows by itself; 0 if it fits any."""
        match expr:
            case Const():
                return 0
            case Extend(operand=operand):
                return self._width(operand)
            case Arithmetic(operator=operator, left=left, right=right) if operator not in _WRAPS:
                return max(self._width(left), self._width(right))
            case If(then=then, otherwise=otherwise):
                if canonical_bank(self._geometry, expr) is not None:
                    return self._geometry.id_bits
                return max(self._width(then), self._width(otherwise))
            case _:
                match expr.type:
                    case Word(bits=bits):
                        return bits
                    case Bounded():
                        return self._geometry.word_bits
                    case _:
                        return 0

    def _compare(self, sign: str, left: Expr, right: Expr) -> Shown:
        if sign == "==" and right == Const(1, Word(1)) and not isinstance(left, Const):
            return self.show(left)
        value = self.at(right, _OPERAND)
        if is_identifier(self._geometry, left) and isinstance(right, Const):
            value = identifier(self._policy, right.value)
        return f"{self.at(left, _OPERAND)} {sign} {value}", _COMPARE

    def _connective(self, expr: Connective) -> Shown:
        parts = list(_operands(expr))
        if not parts:
            return ("true" if expr.conjunction else "false"), _POSTFIX
        if len(parts) == 1:
            return self.show(parts[0])
        word = " and " if expr.conjunction else " or "
        return word.join(self.at(part, _NOT) for part in parts), _LOGIC

    def _member(self, expr: Member) -> str:
        value = self.at(expr.value, _OPERAND)
        if expr.constant is None:
            domain = "" if expr.domain is None else self.at(expr.domain, _POSTFIX)
            return f"{value} in {domain}.{expr.attribute}"
        if isinstance(expr.value.type, DomainType):
            return f"{value} in {self._domains(expr.constant)}"
        wide = isinstance(expr.value.type, Word) and expr.value.type.bits >= self._geometry.id_bits
        if wide:
            return f"{value} in {identifier_set(self._policy, expr.constant)}"
        return f"{value} in {braced(spans(expr.constant))}"

    def _domains(self, members: IntervalSet) -> str:
        for name, group in self._policy.groups:
            if group == members:
                return name
        names = domains(self._policy, members)
        return names[0] if len(names) == 1 and "[" not in names[0] else braced(names)


def _operands(expr: Connective) -> list[Expr]:
    """The operands, with those of nested connectives of the same kind."""
    found: list[Expr] = []
    stack: list[Expr] = list(reversed(expr.operands))
    while stack:
        part = stack.pop()
        if isinstance(part, Connective) and part.conjunction == expr.conjunction:
            stack.extend(reversed(part.operands))
        else:
            found.append(part)
    return found


def _register(bank: Bank, index: int, *, narrow: bool) -> str:
    if bank is Bank.RESULT:
        return f"{'wr' if narrow else 'r'}{index}"
    return f"{_PREFIX[bank]}{'w' if narrow else 'x'}{index}"


def _is_ones(expr: Expr) -> bool:
    return (
        isinstance(expr, Const)
        and isinstance(expr.type, Word)
        and expr.value == mask(expr.type.bits)
    )


def canonical_bank(geometry: Geometry, expr: Expr) -> Bank | None:
    """The bank of whose x0 ``expr`` is the canonical identifier; None if it is something else."""
    match expr:
        case If(
            condition=Compare(Relation.EQ, Slice() as fast, Const(value=1)),
            then=Arithmetic(Operator.AND, Slice() as cleared, Const(value=kept)),
            otherwise=Slice(operand=Register(bank=bank, index=0)) as word,
        ):
            id_bits = geometry.id_bits
            is_canonical = (
                (word.high, word.low) == (id_bits - 1, 0)
                and cleared == word
                and (fast.operand, fast.high, fast.low)
                == (word.operand, geometry.fast.high, geometry.fast.low)
                and kept == mask(id_bits) ^ geometry.hint.mask
            )
            return bank if is_canonical else None
        case _:
            return None


def is_identifier(geometry: Geometry, expr: Expr) -> bool:
    """Whether ``expr`` is an identifier: x0 or w0 as it entered or left, or canonical."""
    match expr:
        case Register(bank=Bank.IN | Bank.SENT, index=0):
            return True
        case Slice(operand=Register(bank=Bank.IN | Bank.SENT, index=0), high=high, low=0):
            return high == geometry.id_bits - 1
        case _:
            return canonical_bank(geometry, expr) is not None
