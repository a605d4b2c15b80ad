"""What a name in an expression means [ELAB-NAMES]."""

import re

from smcproof.grammar.elaborate.constants import (
    SMCCC_CODES,
    error_code,
    function_of,
    named_constant,
    unknown_function,
)
from smcproof.grammar.elaborate.environment import nearest
from smcproof.grammar.elaborate.scope import Scope
from smcproof.grammar.elaborate.values import Typed, Untyped, canonical, narrow_register, slice_word
from smcproof.spec.core import (
    Attribute,
    Bank,
    Compare,
    Connective,
    Const,
    Expr,
    Fact,
    Input,
    Not,
    Register,
    Relation,
    State,
)
from smcproof.spec.expr import Name
from smcproof.spec.span import Span
from smcproof.spec.types import (
    BOOL,
    DOMAIN,
    NONE,
    OPTIONAL_DOMAIN,
    VCPU,
    Bounded,
    DomainType,
    Enum,
    Type,
    Word,
)

CONDUIT = Enum("conduit", ("smc", "hvc", "svc"))
_LEVEL = Bounded(0, 3)
_REGISTER = re.compile(r"(wr|[xwr])(\d+)\Z")
_BANKS = {"in": Bank.IN, "sent": Bank.SENT, "res": Bank.AFTER}
_FACTS = ("refused", "unknown", "succeeds", "completed", "may_succeed")


CALLER = Input("caller", DOMAIN)


def visible_imm() -> Expr:
    """``visible(imm)``: not an SMC from AArch32 [CALL-IMM]."""
    return Not(
        Connective(
            True,
            (
                Input("aarch32", BOOL),
                Compare(Relation.EQ, Input("conduit", CONDUIT), Const(0, CONDUIT)),
            ),
        )
    )


def resolve(scope: Scope, name: Name) -> Typed | None:
    """The value of a name, or None with an error."""
    first = name.parts[0]
    if name.primed:
        return _primed(scope, name)
    if len(name.parts) == 1:
        found = _simple(scope, name, first)
        if found is not None:
            return found
    elif first in scope.locals:
        return _attribute(scope, scope.locals[first], name)
    elif first in _BANKS:
        return _banked(scope, name)
    elif first == "fid":
        return _field(scope, name, _plain_fid(scope, name.span), name.parts[1:])
    elif first == "caller" and _needs_caller(scope, name.span):
        return _attribute(scope, CALLER, name)
    elif first == "hypervisor" and name.parts[1:] == ("id",):
        return Untyped(scope.env.hypervisor_id)
    elif first in scope.env.domains:
        domain = _domain(scope, first, name.span)
        return None if domain is None else _attribute(scope, domain, name)
    elif first in scope.env.vocabularies:
        if function_of(scope.env, name) is None and error_code(scope.env, name) is None:
            unknown_function(scope.env, name)
            return None
        value = named_constant(scope.env, name)
        return None if value is None else Untyped(value)
    elif first in scope.env.states:
        return _attribute(scope, _state(scope, name, first), name)
    if scope.env.report_once(name.span):
        _unknown(scope, name)
    return None


def _simple(scope: Scope, name: Name, word: str) -> Typed | None:
    """A name without dots; None, perhaps with an error, if it means nothing here."""
    env = scope.env
    if word in scope.locals:
        return scope.locals[word]
    register = _REGISTER.match(word)
    if register:
        return _register(scope, name, register[1], int(register[2]))
    match word:
        case "true" | "false":
            return Const(int(word == "true"), BOOL)
        case "none":
            return Const(NONE, OPTIONAL_DOMAIN)
        case "smc" | "hvc" | "svc":
            return Const(CONDUIT.members.index(word), CONDUIT)
        case "fid":
            return _plain_fid(scope, name.span)
        case "canon":
            return canonical(env.geometry, _plain(scope, name.span, 0))
        case "caller" if _needs_caller(scope, name.span):
            return CALLER
        case "imm" if _needs_caller(scope, name.span):
            return Input("imm", Word(max(env.geometry.imm_bits, 1)))
        case "conduit" if _needs_caller(scope, name.span):
            return Input("conduit", CONDUIT)
        case "el" if _needs_caller(scope, name.span):
            return Input("el", _LEVEL)
        case "aarch32" | "condition_passed" if _needs_caller(scope, name.span):
            return Input(word, BOOL)
        case "yields" | "rejected":
            if scope.answer:
                return Fact(word, "")
            _misplaced(scope, name.span, f"`{word}` speaks of a callee's answer")
            return None
        case "caller" | "imm" | "conduit" | "el" | "aarch32" | "condition_passed":
            return None
        case _ if word in _FACTS:
            if scope.facts:
                return Fact(word, "")
            _misplaced(scope, name.span, f"`{word}` is a word of properties")
            return None
        case _ if word in env.states:
            env.use(word)
            variable = env.states[word]
            if variable.index is not None:
                env.report.error(
                    "state-needs-index",
                    f"`{word}` is a map",
                    name.span,
                    f"write `{word}[..]` with a {variable.index}",
                )
                return None
            return _state(scope, name, word)
        case _ if word in env.domains:
            return _domain(scope, word, name.span)
        case _ if word in SMCCC_CODES:
            return Untyped(SMCCC_CODES[word])
        case _:
            return enum_member(scope, word)


def enum_member(scope: Scope, word: str) -> Const | None:
    for enum in scope.env.enums.values():
        if word in enum.members:
            scope.env.use(enum.name)
            scope.env.use(f"{enum.name}.{word}")
            return Const(enum.members.index(word), enum)
    return None


def _state(scope: Scope, name: Name, word: str) -> Expr | None:
    if not scope.state:
        _misplaced(scope, name.span, f"`{word}` is state")
        return None
    variable = scope.env.states[word]
    scope.env.use(word)
    if variable.index is not None:
        scope.env.report.error(
            "state-needs-index",
            f"`{word}` is a map",
            name.span,
            f"write `{word}[..]` with a {variable.index}",
        )
        return None
    return State(word, None, name.primed, variable.type)


def _primed(scope: Scope, name: Name) -> Expr | None:
    word = name.parts[0]
    if not scope.after:
        _misplaced(scope, name.span, "a primed name is the state after the step")
        return None
    if len(name.parts) != 1 or word not in scope.env.states:
        scope.env.report.error(
            "prime-state", f"`{name}` is no state variable", name.span, "only state can be primed"
        )
        return None
    return _state(scope, name, word)


def _domain(scope: Scope, word: str, span: Span) -> Const | None:
    block = scope.env.domains[word]
    scope.env.use(word)
    if block.indexed is not None:
        scope.env.report.error(
            "domain-family",
            f"`{word}` is a family of domains",
            span,
            f"write `in {word}`, or one member as `{word}[{block.indexed}]`",
        )
        return None
    return Const(block.first, DOMAIN)


def _register(scope: Scope, name: Name, prefix: str, number: int) -> Expr | None:
    if prefix in ("r", "wr"):
        if Bank.RESULT not in scope.banks:
            _misplaced(scope, name.span, f"`{name}` is a callee's result")
            return None
        return _numbered(scope, name.span, Bank.RESULT, prefix == "wr", number)
    if scope.plain is None:
        _misplaced(scope, name.span, f"`{name}` could be what entered or what left")
        return None
    return _numbered(scope, name.span, scope.plain, prefix == "w", number)


def _numbered(scope: Scope, span: Span, bank: Bank, narrow: bool, number: int) -> Expr | None:
    geometry = scope.env.geometry
    if number >= geometry.registers:
        scope.env.report.error(
            "register-unknown",
            f"there is no register {number}",
            span,
            f"calls use x0 to x{geometry.registers - 1}",
        )
        return None
    if narrow:
        return narrow_register(geometry, bank, number)
    return Register(bank, number, Word(geometry.register_bits[number]))


def _banked(scope: Scope, name: Name) -> Expr | None:
    """``in.x1``, ``sent.fid.fast``, ``res.x0``, ``res.pc``."""
    bank = _BANKS[name.parts[0]]
    if bank not in scope.banks:
        _misplaced(scope, name.span, f"`{name}` is not known here")
        return None
    rest = name.parts[1:]
    if rest == ("pc",) and bank is Bank.AFTER:
        return Input("pc", Word(scope.env.geometry.word_bits))
    register = _REGISTER.match(rest[0])
    if len(rest) == 1 and register and register[1] in ("x", "w"):
        return _numbered(scope, name.span, bank, register[1] == "w", int(register[2]))
    if rest[0] in ("fid", "canon") and bank is not Bank.AFTER:
        whole = Register(bank, 0, Word(scope.env.geometry.register_bits[0]))
        return _field(scope, name, canonical(scope.env.geometry, whole), rest[1:])
    scope.env.report.error(
        "register-unknown",
        f"`{name}` is no register",
        name.span,
        f"write `{name.parts[0]}.x0` or `{name.parts[0]}.w0`",
    )
    return None


def _plain(scope: Scope, span: Span, number: int) -> Expr | None:
    if scope.plain is None:
        _misplaced(scope, span, "the identifier could be what entered or what left")
        return None
    return Register(scope.plain, number, Word(scope.env.geometry.register_bits[number]))


def _plain_fid(scope: Scope, span: Span) -> Expr | None:
    """``fid``, as the policy's ``identifier`` header reads it; always canon where it leaves."""
    whole = _plain(scope, span, 0)
    if whole is None:
        return None
    geometry = scope.env.geometry
    if scope.plain is Bank.SENT or scope.env.identifier == "canon":
        return canonical(geometry, whole)
    if scope.env.identifier == "x0":
        return whole
    return slice_word(whole, geometry.id_bits - 1, 0)


def plain_fid(scope: Scope, span: Span) -> Expr | None:
    return _plain_fid(scope, span)


def _field(scope: Scope, name: Name, word: Expr | None, fields: tuple[str, ...]) -> Expr | None:
    if word is None or not fields:
        return word
    part = scope.env.geometry.fields.get(fields[0])
    if part is None or len(fields) > 1:
        scope.env.report.error(
            "field-unknown",
            f"`{name}` is no field of an identifier",
            name.span,
            f"use one of {', '.join(f'`{known}`' for known in scope.env.geometry.fields)}",
        )
        return None
    return slice_word(word, part.high, part.low)


def _attribute(scope: Scope, domain: Expr | None, name: Name) -> Expr | None:
    """``caller.id``, ``caller.vcpu``, ``d.vcpu0`` or a declared attribute."""
    if domain is None:
        return None
    env = scope.env
    if domain.type != DOMAIN:
        what = "may be none" if domain.type == OPTIONAL_DOMAIN else f"is a {domain.type}"
        env.report.error(
            "attribute-domain",
            f"`{name.parts[0]}` {what}, so it has no `{name.parts[1]}`",
            name.span,
            "compare it with a domain first and read the attribute of that one",
        )
        return None
    word = name.parts[1]
    if len(name.parts) == 2:
        if word == "id":
            return Attribute(domain, "id", Word(env.geometry.client_bits))
        if word == "vcpu" and domain == CALLER:
            return Input("vcpu", VCPU)
        numbered = re.match(r"vcpu(\d+)\Z", word)
        if numbered and int(numbered[1]) < env.most_vcpus:
            return Attribute(domain, word, VCPU)
        declared = attribute_type(scope, word)
        if declared is not None:
            return Attribute(domain, word, declared)
    known = sorted({"id", *(entry for entry, _ in _attributes(scope))})
    close = nearest(word, known)
    env.report.error(
        "attribute-unknown",
        f"domains have no attribute `{'.'.join(name.parts[1:])}`",
        name.span,
        f"did you mean `{close}`?" if close else "declare it with `attribute NAME : TYPE = ..;`",
    )
    return None


def _attributes(scope: Scope) -> list[tuple[str, Type]]:
    return [
        (name, kind) for block in scope.env.domains.values() for name, _, kind in block.attributes
    ]


def attribute_type(scope: Scope, word: str) -> Type | None:
    """The type of a declared value attribute; sets are not values."""
    found = next((kind for name, kind in _attributes(scope) if name == word), None)
    if found is not None:
        scope.env.use(f"attribute {word}")
    return found


def is_domain(expr: Expr) -> bool:
    return isinstance(expr.type, DomainType) and not expr.type.optional


def _needs_caller(scope: Scope, span: Span) -> bool:
    if scope.caller:
        return True
    _misplaced(scope, span, "there is no caller")
    return False


def _misplaced(scope: Scope, span: Span, why: str) -> None:
    if scope.env.report_once(span):
        scope.env.report.error(
            "name-misplaced",
            f"{why}, which {scope.place} cannot read",
            span,
            _advice(scope),
        )


def _advice(scope: Scope) -> str:
    readable = []
    if Bank.IN in scope.banks:
        readable.append("`x1` or `in.x1`" if scope.plain is Bank.IN else "`in.x1`")
    if Bank.SENT in scope.banks:
        readable.append("`x1`" if scope.plain is Bank.SENT else "`sent.x1`")
    if Bank.RESULT in scope.banks:
        readable.append("`r0`")
    if scope.caller:
        readable.append("`caller`")
    if scope.state:
        readable.append("state variables")
    if scope.locals:
        readable.append("its parameters")
    return f"it can read {', '.join(readable) or 'constants'}"


def _unknown(scope: Scope, name: Name) -> None:
    env = scope.env
    known = [
        *scope.locals,
        *env.states,
        *env.domains,
        *env.sets,
        *env.vocabularies,
        *(member for enum in env.enums.values() for member in enum.members),
        "fid", "imm", "conduit", "caller", "condition_passed", "aarch32", "none", "true", "false",
        *SMCCC_CODES,
        *(_FACTS if scope.facts else ()),
    ]  # fmt: skip
    close = nearest(name.parts[0], known)
    if name.parts[0] in env.groups or name.parts[0] in env.sets:
        help = f"write `.. in {name.parts[0]}`"
    elif close and close != name.parts[0]:
        help = f"did you mean `{close}`?"
    elif len(name.parts) > 1:
        help = f"if it is a vocabulary, add `use {name.parts[0]};`"
    else:
        help = "declare it, or check its spelling"
    env.report.error("name-unknown", f"`{name}` is not known", name.span, help)
