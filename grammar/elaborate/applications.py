"""``NAME(..)`` in expressions: patterns, ``visible(imm)`` and the words of properties
[ELAB-APPLICATION]."""

from smcproof.grammar.elaborate.environment import nearest
from smcproof.grammar.elaborate.names import resolve, visible_imm
from smcproof.grammar.elaborate.patterns import match_pattern
from smcproof.grammar.elaborate.scope import Scope
from smcproof.grammar.elaborate.values import Typed
from smcproof.spec.core import Expr, Fact
from smcproof.spec.expr import Apply, Name


def apply(scope: Scope, expr: Apply) -> Typed | None:
    """What an application means where it stands."""
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
        case _:
            pass
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
