"""``example`` lines: one call and what is expected of it [ELAB-EXAMPLE]."""

from smcproof.grammar.elaborate.constants import named_constant
from smcproof.grammar.elaborate.effects import effects
from smcproof.grammar.elaborate.environment import Environment
from smcproof.grammar.elaborate.expressions import infer
from smcproof.grammar.elaborate.names import CONDUIT
from smcproof.grammar.elaborate.outcomes import as_registers, outcome
from smcproof.grammar.elaborate.registers import register_map
from smcproof.grammar.elaborate.scope import Scope, answer_scope, rule_scope
from smcproof.grammar.elaborate.sets import domains_named
from smcproof.grammar.elaborate.values import Untyped, fits
from smcproof.spec.call import Call, Conduit
from smcproof.spec.core import Const, DomainBlock, Forward, Outcome, Registers
from smcproof.spec.core_policy import Example
from smcproof.spec.expr import Name, RegisterMap
from smcproof.spec.outcome import Forward as ForwardSyntax
from smcproof.spec.policy import Example as ExampleSyntax
from smcproof.spec.word import truncate


def elaborate_example(env: Environment, syntax: ExampleSyntax) -> Example | None:
    """The example, or None with an error."""
    caller = _caller(env, syntax)
    conduit = _conduit(env, syntax.conduit)
    if caller is None or conduit is None:
        return None
    ordinal, block = caller
    call = _call(env, syntax, ordinal, block, conduit)
    answered = _constants(env, syntax.answered)
    if call is None or answered is None:
        return None
    scope = rule_scope(env, "an example")
    expected: Outcome | str | None
    checked: Registers = ()
    if isinstance(syntax.expected, Name):
        expected = str(syntax.expected)
    else:
        expected = outcome(scope, syntax.expected)
        if isinstance(expected, Forward) and isinstance(syntax.expected, ForwardSyntax):
            named = register_map(scope, syntax.expected.sent)
            checked = () if named is None else as_registers(named)
    if expected is None:
        return None
    callee = None
    if syntax.callee is not None:
        callee = str(syntax.callee)
        if callee not in env.callees and callee != "unclaimed":
            env.report.error(
                "callee-unknown",
                f"`{callee}` is no callee",
                syntax.callee.span,
                "name a declared one",
            )
            return None
        env.use(callee)
    after = None
    if syntax.effect is not None:
        after = effects(answer_scope(scope), syntax.effect)
    return Example(
        title=syntax.title.value,
        call=call,
        answered=tuple(sorted(answered.items())),
        before=effects(Scope(env, "an example's state", plain=None, banks=frozenset(), caller=False),
                       syntax.state),
        expected=expected,
        checked=checked,
        callee=callee,
        after=after,
        span=syntax.span,
    )  # fmt: skip


def _caller(env: Environment, syntax: ExampleSyntax) -> tuple[int, DomainBlock] | None:
    name = str(syntax.caller)
    block = env.domains.get(name)
    if block is None or domains_named(env, syntax.caller) is None:
        env.report.error(
            "domain-unknown", f"`{name}` is no domain", syntax.caller.span, "name a declared domain"
        )
        return None
    if (block.indexed is None) != (syntax.member is None):
        env.report.error(
            "domain-family",
            f"`{name}` is {'one domain' if block.indexed is None else 'a family of domains'}",
            syntax.caller.span,
            f"write `{name}`" if block.indexed is None else f"write `{name}[{block.indexed}]`",
        )
        return None
    if block.indexed is None or syntax.member is None:
        return block.first, block
    at = syntax.member.value - block.indexed
    if not 0 <= at < block.count:
        env.report.error(
            "domain-member",
            f"`{name}` has no member {syntax.member.value}",
            syntax.member.span,
            f"its members are {block.indexed} to {block.indexed + block.count - 1}",
        )
        return None
    return block.first + at, block


def _conduit(env: Environment, name: Name) -> Conduit | None:
    if str(name) in CONDUIT.members and CONDUIT.members.index(str(name)) in env.conduits:
        return Conduit(CONDUIT.members.index(str(name)))
    env.report.error(
        "conduit-impossible",
        f"no `{name}` arrives at {env.level}",
        name.span,
        f"use {' or '.join(CONDUIT.members[number] for number in env.conduits)}",
    )
    return None


def _call(
    env: Environment, syntax: ExampleSyntax, ordinal: int, block: DomainBlock, conduit: Conduit
) -> Call | None:
    options = {key: number.value for key, number in syntax.options if number is not None}
    aarch32 = any(key == "aarch32" for key, _ in syntax.options) or not block.aarch64
    level, vcpu, imm = (
        options.get("el", block.levels[0]),
        options.get("vcpu", 0),
        options.get("imm", 0),
    )
    problem: str | None = None
    if aarch32 and not block.aarch32:
        problem = f"`{block.name}` does not run AArch32"
    elif level not in block.levels:
        problem = f"`{block.name}` does not call from EL{level}"
    elif vcpu >= len(block.vcpus):
        problem = f"`{block.name}` has no vCPU {vcpu}"
    elif imm >> env.geometry.imm_bits:
        problem = f"an immediate has {env.geometry.imm_bits} bits"
    if problem is not None:
        env.report.error("example-call", problem, syntax.span, "change the call or the domain")
        return None
    registers = _constants(env, syntax.registers)
    identifier = _identifier(env, syntax)
    if registers is None or identifier is None:
        return None
    x = [registers.get(number, 0) for number in range(env.geometry.registers)]
    x[0] = identifier
    return Call(ordinal, vcpu, level, aarch32, conduit, imm, tuple(x))


def _identifier(env: Environment, syntax: ExampleSyntax) -> int | None:
    expr = syntax.identifier
    value = (
        named_constant(env, expr)
        if isinstance(expr, Name)
        else infer(Scope(env, "an example", plain=None, banks=frozenset(), state=False, caller=False),
                   expr)
    )  # fmt: skip
    number = value.value if isinstance(value, Untyped) else value
    if isinstance(number, int) and fits(number, env.geometry.register_bits[0]):
        return truncate(number, env.geometry.register_bits[0])
    if number is not None and env.report_once(expr.span):
        env.report.error(
            "example-identifier",
            "an example calls one identifier",
            expr.span,
            "write a function such as `psci.VERSION` or a number",
        )
    return None


def _constants(env: Environment, written: RegisterMap | None) -> dict[int, int] | None:
    """A map of constants by register, or None with an error."""
    if written is None:
        return {}
    scope = Scope(env, "an example", plain=None, banks=frozenset(), state=False, caller=False)
    found = register_map(scope, written)
    if found is None:
        return None
    values: dict[int, int] = {}
    for number, value in found.items():
        if not isinstance(value, Const):
            env.report.error(
                "example-constant",
                f"x{number} of an example is a constant",
                written.span,
                "write the value itself",
            )
            return None
        values[number] = value.value
    return values
