"""Expressions whose value is known without a call: numbers, identifiers, affine terms of a family's
index [ELAB-CONSTANT]."""

from smcproof.grammar.elaborate.environment import Environment, nearest
from smcproof.spec.core import Affine
from smcproof.spec.expr import Binary, Expr, Name, Number, Unary
from smcproof.spec.span import Span
from smcproof.spec.vocabulary import Function


def constant(env: Environment, expr: Expr) -> int | None:
    """The integer that ``expr`` stands for, or None with an error."""
    found = affine(env, expr, None)
    return None if found is None else found.base


def affine(env: Environment, expr: Expr, variable: str | None) -> Affine | None:
    """``expr`` as base + step * ``variable``, or None with an error."""
    match expr:
        case Number(value=value):
            return Affine(value, 0)
        case Name(parts=(name,)) if name == variable:
            return Affine(0, 1)
        case Name():
            named = named_constant(env, expr)
            return None if named is None else Affine(named, 0)
        case Unary(operator="-", operand=operand):
            inner = affine(env, operand, variable)
            return None if inner is None else Affine(-inner.base, -inner.step)
        case Binary(operator=operator, left=left, right=right):
            return _combine(
                env, operator, affine(env, left, variable), affine(env, right, variable), expr.span
            )
        case _:
            env.report.error(
                "constant-expected",
                "this is not a constant",
                expr.span,
                "use numbers, identifiers of vocabularies and the family's index with `+`, `-`, `*`",
            )
            return None


def _combine(
    env: Environment, operator: str, left: Affine | None, right: Affine | None, span: Span
) -> Affine | None:
    if left is None or right is None:
        return None
    match operator:
        case "+":
            return Affine(left.base + right.base, left.step + right.step)
        case "-":
            return Affine(left.base - right.base, left.step - right.step)
        case "*" if left.step == 0 or right.step == 0:
            return Affine(left.base * right.base, left.step * right.base + left.base * right.step)
        case "<<" if left.step == right.step == 0 and 0 <= right.base < 64:
            return Affine(left.base << right.base, 0)
        case "|" if left.step == right.step == 0 and left.base >= 0 and right.base >= 0:
            return Affine(left.base | right.base, 0)
        case "&" if left.step == right.step == 0 and left.base >= 0 and right.base >= 0:
            return Affine(left.base & right.base, 0)
        case _:
            env.report.error(
                "constant-operator",
                f"`{operator}` does not give a constant here",
                span,
                "write the result, or a sum of a number and a multiple of the family's index",
            )
            return None


def function_of(env: Environment, name: Name) -> tuple[Function, str | None] | None:
    """The function that a dotted name means and its width suffix; None, without an error, if the
    name's first part is no vocabulary or there is no such function."""
    vocabulary = env.vocabularies.get(name.parts[0])
    if vocabulary is None or name.primed:
        return None
    width = name.parts[2] if len(name.parts) == 3 else None
    if len(name.parts) not in (2, 3) or width not in (None, "smc32", "smc64"):
        return None
    function = vocabulary.function(name.parts[1])
    if function is None or (width == "smc32" and function.smc32 is None):
        return None
    if width == "smc64" and function.smc64 is None:
        return None
    env.use(name.parts[0])
    return function, width


def unknown_function(env: Environment, name: Name) -> None:
    """Reports that a vocabulary in use has no such function."""
    vocabulary = env.vocabularies[name.parts[0]]
    env.use(name.parts[0])
    wanted = name.parts[1] if len(name.parts) > 1 else ""
    function = vocabulary.function(wanted)
    if function is not None:
        have = "smc32" if function.smc32 is not None else "smc64"
        env.report.error(
            "function-width",
            f"`{vocabulary.name}.{wanted}` has no form `{'.'.join(name.parts[2:])}`",
            name.span,
            f"write `{vocabulary.name}.{wanted}.{have}`",
        )
        return
    close = nearest(wanted, [entry.name for entry in vocabulary.functions])
    version = ".".join(str(part) for part in vocabulary.version)
    env.report.error(
        "function-unknown",
        f"`{vocabulary.name}` {version} has no function `{wanted}`",
        name.span,
        f"did you mean `{vocabulary.name}.{close}`?"
        if close
        else f"use another version of `{vocabulary.name}`, or write the identifier as a number",
    )


def named_constant(env: Environment, name: Name) -> int | None:
    """The value of an identifier or an error code by name, or None with an error."""
    found = function_of(env, name)
    if found is not None:
        function, width = found
        ids = {"smc32": [function.smc32], "smc64": [function.smc64]}.get(
            width or "", [function.smc32, function.smc64]
        )
        values = [fid for fid in ids if fid is not None]
        if len(values) == 1:
            return values[0]
        env.report.error(
            "function-two-ids",
            f"`{name}` has two identifiers",
            name.span,
            f"write `{name}.smc32` or `{name}.smc64`",
        )
        return None
    code = error_code(env, name)
    if code is not None:
        return code
    if name.parts[0] in env.vocabularies:
        unknown_function(env, name)
    else:
        env.report.error(
            "constant-unknown",
            f"`{name}` is no constant",
            name.span,
            "use a number, an identifier such as `psci.VERSION` or a code such as `NOT_SUPPORTED`",
        )
    return None


SMCCC_CODES = {
    "SUCCESS": 0,
    "NOT_SUPPORTED": -1,
    "NOT_REQUIRED": -2,
    "INVALID_PARAMETER": -3,
}
"""Codes without a service (Arm DEN0028, table 3-1)."""


def error_code(env: Environment, name: Name) -> int | None:
    """``NOT_SUPPORTED`` or ``psci.DENIED`` as a signed number; None if the name is no code."""
    if name.primed:
        return None
    if len(name.parts) == 1:
        return SMCCC_CODES.get(name.parts[0])
    vocabulary = env.vocabularies.get(name.parts[0])
    if vocabulary is None or len(name.parts) != 2:
        return None
    for _, form in vocabulary.forms:
        value = form.value(name.parts[1])
        if value is not None:
            env.use(name.parts[0])
            return value
    return None
