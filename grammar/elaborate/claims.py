"""``prove`` lines: catalogue properties with their arguments, the user's own, exceptions and
expectations [ELAB-CLAIM]."""

import re

from smcproof.grammar.elaborate.environment import Environment, nearest
from smcproof.grammar.elaborate.expressions import boolean
from smcproof.grammar.elaborate.identifiers import id_range, id_set
from smcproof.grammar.elaborate.names import CONDUIT
from smcproof.grammar.elaborate.scope import property_scope, state_scope
from smcproof.grammar.elaborate.sets import domains_named
from smcproof.spec.core import TRUE, Expr
from smcproof.spec.core_policy import ArgumentValue, Claim, Exemption
from smcproof.spec.expr import Expr as Syntax
from smcproof.spec.expr import Name, Range, SetLiteral
from smcproof.spec.interval import IntervalSet
from smcproof.spec.policy import Argument, Prove
from smcproof.spec.policy import Exemption as ExemptionSyntax
from smcproof.spec.property import CATALOGUE, Parameter, PropertySpec
from smcproof.spec.span import Span

VERDICTS = ("PROVED", "VIOLATED", "UNKNOWN", "VACUOUS")


def elaborate_claim(env: Environment, prove: Prove) -> Claim | None:
    """One thing to prove, or None with an error."""
    if prove.several and (prove.exemptions or prove.expected is not None):
        env.report.error(
            "exception-shared",
            "`except` and `expect` take a single property",
            prove.span,
            "give it a `prove` line of its own",
        )
        return None
    if prove.label is not None and not env.declare_label(prove.label):
        return None
    exemptions = [_exemption(env, entry) for entry in prove.exemptions]
    expected = _expected(env, prove)
    sound = tuple(entry for entry in exemptions if entry is not None)
    if len(sound) < len(exemptions):
        return None
    if prove.mode is not None and prove.statement is not None:
        statement = _statement(env, prove.mode, prove.statement)
        if statement is None:
            return None
        label = str(prove.label)
        title, name = f"{label}: {prove.mode} {_one_line(prove.statement.span)}", prove.mode
        arguments: tuple[tuple[str, ArgumentValue], ...] = ()
        if sound and prove.mode in ("invariant", "step"):
            env.report.error(
                "exception-states",
                f"`{prove.mode}` speaks of states, which no exception can pick",
                prove.span,
                "put the exception into the statement",
            )
            return None
    else:
        spec = CATALOGUE.get(str(prove.property))
        if spec is None:
            _unknown_property(env, prove)
            return None
        found = _arguments(env, prove, spec)
        if found is None:
            return None
        arguments, statement, label, name = found, None, None, spec.name
        title = str(prove.property)
        if prove.arguments:
            title += f"({', '.join(_one_line(entry.span) for entry in prove.arguments)})"
    return Claim(
        title=title,
        property=name,
        label=label,
        arguments=arguments,
        statement=statement,
        exemptions=sound,
        exemption_reason=prove.exemption_reason,
        expected=expected,
        expected_reason=prove.expected_reason,
        span=prove.span,
    )


def _one_line(span: Span) -> str:
    """The text without comments and line breaks."""
    return " ".join(re.sub(r"//[^\n]*", "", span.text).split())


def _statement(env: Environment, mode: str, statement: Syntax) -> Expr | None:
    if mode in ("always", "reachable"):
        return boolean(property_scope(env), statement)
    return boolean(state_scope(env, after=mode == "step"), statement)


def _expected(env: Environment, prove: Prove) -> str | None:
    if prove.expected is None:
        return None
    word = str(prove.expected)
    if word in VERDICTS:
        return word
    env.report.error(
        "verdict-unknown",
        f"`{word}` is no verdict",
        prove.expected.span,
        f"use one of {', '.join(VERDICTS)}",
    )
    return None


def _unknown_property(env: Environment, prove: Prove) -> None:
    name = str(prove.property)
    close = nearest(name, list(CATALOGUE))
    env.report.error(
        "property-unknown",
        f"there is no property `{name}`",
        prove.span if prove.property is None else prove.property.span,
        f"did you mean `{close}`?"
        if close
        else f"write your own: `prove {name} : always ..;`, or see spec/7-properties.md",
    )


def _exemption(env: Environment, entry: ExemptionSyntax) -> Exemption | None:
    text = _one_line(entry.span)
    if entry.kind == "ids" and isinstance(entry.value, Range):
        ids = id_range(env, entry.value)
        return None if ids is None else Exemption(ids, None, None, text, entry.span)
    if not isinstance(entry.value, Name):
        return None
    if entry.kind == "caller":
        callers = domains_named(env, entry.value)
        if callers is None:
            env.report.error(
                "domain-unknown",
                f"`{entry.value}` is no domain, family or group",
                entry.value.span,
                "name a declared one",
            )
            return None
        return Exemption(None, callers, None, text, entry.span)
    if str(entry.value) not in CONDUIT.members:
        env.report.error(
            "conduit-unknown", f"`{entry.value}` is no conduit", entry.span, "use smc, hvc or svc"
        )
        return None
    return Exemption(None, None, CONDUIT.members.index(str(entry.value)), text, entry.span)


def _arguments(
    env: Environment, prove: Prove, spec: PropertySpec
) -> tuple[tuple[str, ArgumentValue], ...] | None:
    """The property's parameters in order, with defaults; None with an error."""
    given: dict[str, Argument] = {}
    positional = [parameter for parameter in spec.parameters if parameter.kind != "condition"]
    at = 0
    for argument in prove.arguments:
        keyword = argument.keyword
        if (
            keyword is None
            and given.get("except") is not None
            and isinstance(argument.values[0], Range)
        ):
            given["except"] = Argument(
                "except", (*given["except"].values, *argument.values), argument.span
            )
            continue
        if keyword is None:
            if at >= len(positional):
                env.report.error(
                    "property-arguments",
                    f"`{spec.name}` takes {len(positional)} arguments",
                    argument.span,
                    f"write `{_usage(spec)}`",
                )
                return None
            keyword = positional[at].name
            at += 1
        if keyword not in {parameter.name for parameter in spec.parameters} or keyword in given:
            env.report.error(
                "property-arguments",
                f"`{spec.name}` takes no `{keyword}` here",
                argument.span,
                f"write `{_usage(spec)}`",
            )
            return None
        given[keyword] = argument
    found: list[tuple[str, ArgumentValue]] = []
    for parameter in spec.parameters:
        value: ArgumentValue
        if parameter.name in given:
            value = _argument(env, parameter, given[parameter.name])
        elif parameter.default is None:
            env.report.error(
                "property-arguments",
                f"`{spec.name}` needs its {parameter.name}",
                prove.span if prove.property is None else prove.property.span,
                f"write `{_usage(spec)}`",
            )
            return None
        else:
            value = _default(parameter)
        if value is None:
            return None
        found.append((parameter.name, value))
    return tuple(found)


def _usage(spec: PropertySpec) -> str:
    if not spec.parameters:
        return spec.name
    shown = []
    for parameter in spec.parameters:
        match parameter.kind:
            case "condition":
                shown.append("when CONDITION")
            case "rules":
                shown.append("{ RULES }")
            case _ if parameter.name == "except":
                shown.append("except IDS")
            case kind:
                shown.append(f"{parameter.name} = .." if parameter.default else kind.upper())
    return f"{spec.name}({', '.join(shown)})"


def _default(parameter: Parameter) -> ArgumentValue:
    match parameter.kind:
        case "conduits":
            return (parameter.default or "",)
        case "ids":
            return IntervalSet()
        case "condition":
            return TRUE
        case _:
            return parameter.default


def _argument(env: Environment, parameter: Parameter, argument: Argument) -> ArgumentValue:
    """One argument's value, or None with an error."""
    if parameter.kind == "condition":
        value = argument.values[0]
        if isinstance(value, (Range, SetLiteral)):
            return None
        return boolean(state_scope(env, after=False), value)
    ranges: list[Range] = []
    for value in argument.values:
        if isinstance(value, SetLiteral):
            ranges.extend(value.items)
        elif isinstance(value, Range):
            ranges.append(value)
    if parameter.kind == "ids":
        return id_set(env, tuple(ranges))
    names = [entry.low for entry in ranges if isinstance(entry.low, Name) and entry.high is None]
    if len(names) != len(ranges) or not names:
        env.report.error(
            "property-argument",
            f"`{argument.span.text}` is no {parameter.kind}",
            argument.span,
            "write names",
        )
        return None
    known: list[str] = {
        "callee": list(env.callees),
        "service": list(env.vocabularies),
        "rules": [*env.deciders, "otherwise"],
        "conduits": list(CONDUIT.members),
        "domain": [*env.domains, *env.groups],
        "group": [*env.groups, *env.domains],
        "handler": list(env.handlers),
        "layer": [name for name, (kind, _) in env.deciders.items() if kind == "layer"],
    }[parameter.kind]
    for name in names:
        env.use(str(name))
        if str(name) not in known:
            close = nearest(str(name), known)
            env.report.error(
                "name-unknown",
                f"`{name}` is no {parameter.kind.removesuffix('s')}",
                name.span,
                f"did you mean `{close}`?" if close else f"use one of {', '.join(known) or 'none'}",
            )
            return None
    if parameter.kind in ("rules", "conduits"):
        return tuple(str(name) for name in names)
    if len(names) > 1:
        env.report.error(
            "property-argument",
            f"one {parameter.kind} is wanted",
            argument.span,
            "prove the property for each in turn",
        )
        return None
    if parameter.kind in ("domain", "group"):
        return domains_named(env, names[0])
    return str(names[0])
