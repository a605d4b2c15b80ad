"""Rules, layers, handlers' clauses and event clauses [ELAB-RULE]."""

from dataclasses import replace

from smcproof.grammar.elaborate.effects import effects
from smcproof.grammar.elaborate.environment import Environment, EventSignature, bindable, nearest
from smcproof.grammar.elaborate.expressions import boolean
from smcproof.grammar.elaborate.names import visible_imm
from smcproof.grammar.elaborate.outcomes import emits, outcome, sends
from smcproof.grammar.elaborate.patterns import bindings
from smcproof.grammar.elaborate.scope import Scope, answer_scope, event_scope, rule_scope
from smcproof.grammar.elaborate.states import BUILT_IN_EVENTS
from smcproof.spec.core import (
    Assign,
    Conjunct,
    Connective,
    Expr,
    Handler,
    Input,
    Layer,
    Leave,
    Not,
    Rule,
)
from smcproof.spec.core_walk import subexpressions
from smcproof.spec.expr import Chain
from smcproof.spec.expr import Expr as Syntax
from smcproof.spec.outcome import Forward as ForwardSyntax
from smcproof.spec.outcome import Leave as LeaveSyntax
from smcproof.spec.outcome import Rule as RuleSyntax
from smcproof.spec.policy import Handler as HandlerSyntax
from smcproof.spec.policy import Layer as LayerSyntax
from smcproof.spec.policy import On
from smcproof.spec.span import Span

_PLACES = {
    "pass": ("layer",),
    "none": ("event",),
    "never": ("handler",),
    "skip": ("layer", "main", "handler"),
    "panic": ("layer", "main", "handler", "event"),
}
_NO_EFFECT = ("skip", "panic", "pass")


def _conjuncts(scope: Scope, guard: Syntax | None) -> tuple[Conjunct, ...] | None:
    if guard is None:
        return ()
    parts = guard.operands if isinstance(guard, Chain) and guard.operator == "and" else (guard,)
    found: list[Conjunct] = []
    for part in parts:
        test = boolean(scope, part)
        if test is not None:
            found.append(Conjunct(test, part.span))
    if len(found) < len(parts):
        return None
    _check_imm(scope, found)
    return tuple(found)


def _check_imm(scope: Scope, conjuncts: list[Conjunct]) -> None:
    """A guard that reads imm must know that it is visible where AArch32 callers make SMCs
    [CALL-IMM]."""
    env = scope.env
    if 0 not in env.conduits or not any(block.aarch32 for block in env.domains.values()):
        return
    known = False
    for conjunct in conjuncts:
        if not known and not _imm_guarded(conjunct.test):
            env.report.error(
                "imm-invisible",
                "an AArch32 SMC has no visible immediate",
                conjunct.span,
                "put `visible(imm) and` before the part that reads it",
            )
            return
        known = known or conjunct.test == visible_imm()


def _imm_guarded(test: Expr) -> bool:
    """Whether every read of imm in ``test`` is behind ``visible(imm)``."""
    if isinstance(test, Connective):
        shield = visible_imm() if test.conjunction else Not(visible_imm())
        for operand in test.operands:
            if operand == shield:
                return True
            if not _imm_guarded(operand):
                return False
        return True
    if isinstance(test, Not):
        return _imm_guarded(test.operand)
    return not any(isinstance(part, Input) and part.name == "imm" for part in subexpressions(test))


def elaborate_rule(env: Environment, syntax: RuleSyntax, place: str, name: str) -> Rule | None:
    """A rule of a layer, of the policy (``place`` main) or of a handler's contract."""
    scope = rule_scope(env, "a contract" if place == "handler" else "a rule")
    if syntax.guard is not None:
        scope = scope.binding(bindings(scope, syntax.guard))
    guard = _conjuncts(scope, syntax.guard)
    decided = outcome(scope, syntax.outcome)
    _check_place(env, syntax, place)
    issuing, done = _rule_effects(scope, syntax)
    issued, raised = sends(scope, syntax.reaches), emits(scope, syntax.emits)
    if place != "handler" and (syntax.reaches or syntax.emits):
        env.report.error(
            "contract-only",
            "`reaches` and `emits` belong to contracts",
            syntax.span,
            "move them to the handler",
        )
        return None
    if guard is None or decided is None:
        return None
    return Rule(name, guard, decided, issuing, done, issued, raised, syntax.span, syntax.head)


def _rule_effects(
    scope: Scope, syntax: RuleSyntax | On
) -> tuple[tuple[Assign, ...], tuple[Assign, ...]]:
    forwards = isinstance(syntax.outcome, ForwardSyntax)
    issuing: tuple[Assign, ...] = ()
    if isinstance(syntax.outcome, ForwardSyntax):
        issuing = effects(replace(scope, place="`issuing`"), syntax.outcome.issuing)
    after = answer_scope(scope) if forwards else scope
    return issuing, effects(after, syntax.effect)


def _check_place(env: Environment, syntax: RuleSyntax | On, place: str) -> None:
    decided = syntax.outcome
    if not isinstance(decided, LeaveSyntax):
        return
    word = decided.word
    if place not in _PLACES[word]:
        where = {"layer": "layers", "main": "rules", "handler": "contracts", "event": "events"}
        env.report.error(
            "outcome-place",
            f"`{word}` cannot stand here",
            decided.span,
            f"it belongs to {' and '.join(where[known] for known in _PLACES[word])}",
        )
    elif word in _NO_EFFECT and syntax.effect is not None:
        env.report.error(
            "effect-place",
            f"`{word}` has no effects",
            syntax.effect.span,
            "remove `then ..`",
        )


def elaborate_rules(
    env: Environment, rules: tuple[RuleSyntax, ...], place: str, prefix: str
) -> tuple[Rule, ...]:
    """Rules in order; ``otherwise`` must come last."""
    found: list[Rule] = []
    ended: Span | None = None
    for at, syntax in enumerate(rules):
        if ended is not None:
            env.report.error(
                "rule-after-otherwise",
                "nothing gets past `otherwise`",
                syntax.head,
                f"move it above line {ended.line}",
            )
            break
        if syntax.name is not None:
            name = str(syntax.name)
        elif syntax.guard is None:
            name, ended = "otherwise", syntax.head
        else:
            name = f"{prefix}#{at + 1}"
        rule = elaborate_rule(env, syntax, place, name)
        if rule is not None:
            found.append(rule)
    return tuple(found)


def elaborate_layer(env: Environment, layer: LayerSyntax) -> Layer:
    name = str(layer.name)
    rules = elaborate_rules(env, layer.rules, "layer", name)
    if not layer.rules or layer.rules[-1].guard is not None or layer.rules[-1].name is not None:
        env.report.error(
            "layer-otherwise",
            f"the layer `{name}` does not say what happens otherwise",
            layer.name.span,
            "end it with `otherwise => pass;`",
        )
    return Layer(name, rules, layer.name.span)


def elaborate_handler(env: Environment, handler: HandlerSyntax) -> Handler:
    name = str(handler.name)
    clauses = None
    if handler.clauses is not None:
        clauses = elaborate_rules(env, handler.clauses, "handler", name)
        for clause in handler.clauses:
            if type(clause.outcome).__name__ in ("Handle", "Deliver"):
                env.report.error(
                    "contract-nested",
                    "a contract cannot hand the call on",
                    clause.outcome.span,
                    "write what the other handler does",
                )
    level = None
    if handler.level is not None:
        text = str(handler.level)
        if text in ("el0", "el1", "el2", "el3"):
            level = int(text[2])
        else:
            env.report.error(
                "level-unknown", f"`{text}` is no level", handler.level.span, "use el0 to el3"
            )
    return Handler(name, level, clauses, handler.name.span)


def event_signature(env: Environment, syntax: On) -> EventSignature | None:
    name = str(syntax.event)
    signature = BUILT_IN_EVENTS.get(name) or env.events.get(name)
    if signature is None:
        close = nearest(name, [*BUILT_IN_EVENTS, *env.events])
        env.report.error(
            "event-unknown",
            f"`{name}` is no event",
            syntax.event.span,
            f"did you mean `{close}`?" if close else f"declare it with `event {name}(..);`",
        )
        return None
    env.use(name)
    if len(signature.parameters) != len(syntax.names):
        env.report.error(
            "event-arguments",
            f"`{name}` has {len(signature.parameters)} parameters",
            syntax.span,
            f"write `on {name}({', '.join(known for known, _ in signature.parameters)})`",
        )
        return None
    names = [str(given) for given in syntax.names]
    for given in syntax.names:
        if names.count(str(given)) > 1 or not bindable(env, given):
            env.report.error(
                "event-name",
                f"`{given}` cannot name a parameter here",
                given.span,
                "give each parameter a plain name of its own",
            )
            return None
    return signature


def elaborate_on(env: Environment, syntax: On, count: int) -> tuple[str, Rule] | None:
    """One clause of an event, with the event's name."""
    signature = event_signature(env, syntax)
    if signature is None:
        return None
    parameters: dict[str, Expr] = {
        str(given): Input(f"parameter.{at}", kind)
        for at, (given, (_, kind)) in enumerate(
            zip(syntax.names, signature.parameters, strict=True)
        )
    }
    scope = event_scope(env, parameters)
    guard = _conjuncts(scope, syntax.guard)
    decided = outcome(scope, syntax.outcome)
    _check_place(env, syntax, "event")
    forwards = isinstance(syntax.outcome, ForwardSyntax)
    if not forwards and not (isinstance(decided, Leave) and decided.word in ("none", "panic")):
        if decided is not None:
            env.report.error(
                "outcome-place",
                "an event answers nobody",
                syntax.outcome.span,
                "use `forward { .. }` or `none`",
            )
        return None
    if isinstance(syntax.outcome, ForwardSyntax) and syntax.outcome.returning is not None:
        env.report.error(
            "event-returning",
            "an event has no caller to return to",
            syntax.outcome.returning.span,
            "read the answer in `then`",
        )
        return None
    issuing, done = _rule_effects(scope, syntax)
    if guard is None or decided is None:
        return None
    name = f"on {signature.name}#{count + 1}"
    return signature.name, Rule(
        name, guard, decided, issuing, done, (), (), syntax.span, syntax.event.span
    )
