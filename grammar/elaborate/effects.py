"""Effects to guarded assignments [ELAB-EFFECT]."""

from smcproof.grammar.elaborate.environment import nearest
from smcproof.grammar.elaborate.expressions import boolean, map_index, typed
from smcproof.grammar.elaborate.scope import Scope
from smcproof.spec.core import TRUE, Assign, Connective, Expr, Not
from smcproof.spec.expr import Expr as Syntax
from smcproof.spec.expr import Index, Name
from smcproof.spec.outcome import Assign as AssignSyntax
from smcproof.spec.outcome import Block, Effect, If
from smcproof.spec.span import Span


def effects(scope: Scope, effect: Effect | None) -> tuple[Assign, ...]:
    """The assignments of an effect in text order; mistakes are reported and left out."""
    if effect is None:
        return ()
    found: list[Assign] = []
    written: list[tuple[str, Expr | None, tuple[Expr, ...], Span]] = []
    _collect(scope, effect, (), found, written)
    return tuple(found)


def _collect(
    scope: Scope,
    effect: Effect,
    path: tuple[Expr, ...],
    found: list[Assign],
    written: list[tuple[str, Expr | None, tuple[Expr, ...], Span]],
) -> None:
    match effect:
        case AssignSyntax():
            built = _assign(scope, effect, path)
            if built is None:
                return
            for variable, index, other, where in written:
                same = variable == built.variable and index == built.index
                if same and _compatible(path, other):
                    scope.env.report.error(
                        "effect-twice",
                        f"`{effect.target.span.text}` is set twice on one path",
                        effect.span,
                        f"effects are simultaneous; the other assignment is on line {where.line}",
                    )
                    return
            written.append((built.variable, built.index, path, effect.span))
            found.append(built)
        case Block(effects=parts):
            for part in parts:
                _collect(scope, part, path, found, written)
        case If(condition=condition, then=then, otherwise=otherwise):
            test = boolean(scope, condition)
            if test is None:
                return
            _collect(scope, then, (*path, test), found, written)
            if otherwise is not None:
                _collect(scope, otherwise, (*path, Not(test)), found, written)


def _compatible(one: tuple[Expr, ...], other: tuple[Expr, ...]) -> bool:
    """Whether neither path holds the negation of a condition of the other."""
    return not any(
        Not(test) in other or (isinstance(test, Not) and test.operand in other) for test in one
    )


def _assign(scope: Scope, effect: AssignSyntax, path: tuple[Expr, ...]) -> Assign | None:
    target = effect.target
    place = _target(scope, target)
    if place is None:
        return None
    name, index = place
    value = typed(scope, effect.value, scope.env.states[name].type)
    if value is None:
        return None
    guard: Expr = TRUE
    if len(path) == 1:
        guard = path[0]
    elif path:
        guard = Connective(True, path)
    return Assign(guard, name, index, value)


def _target(scope: Scope, target: Syntax) -> tuple[str, Expr | None] | None:
    """The state variable that an assignment writes, and its index if it is a map."""
    env = scope.env
    base = target.base if isinstance(target, Index) else target
    if not isinstance(base, Name) or len(base.parts) != 1 or base.parts[0] not in env.states:
        text = base.span.text
        close = nearest(text, list(env.states))
        env.report.error(
            "assign-target",
            f"`{text}` is no state variable",
            target.span,
            f"did you mean `{close}`?" if close else f"declare it with `state {text} : TYPE;`",
        )
        return None
    name = base.parts[0]
    variable = env.states[name]
    env.use(name)
    if variable.index is None:
        if isinstance(target, Index):
            env.report.error(
                "state-no-index", f"`{name}` is no map", target.span, f"write `{name} := ..`"
            )
            return None
        return name, None
    if not isinstance(target, Index):
        env.report.error(
            "state-needs-index",
            f"`{name}` is a map",
            target.span,
            f"write `{name}[..]` with a {variable.index}",
        )
        return None
    index = map_index(scope, target.index, name)
    return None if index is None else (name, index)
