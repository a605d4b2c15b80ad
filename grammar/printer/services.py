"""Vocabularies in use: a shipped one by name and version, another with all that it says."""

from smcproof.grammar.printer.declarations import registers_text
from smcproof.grammar.printer.rules import block
from smcproof.grammar.printer.values import number, spans
from smcproof.grammar.vocabulary import load_shipped, shipped
from smcproof.spec.vocabulary import (
    ArgumentSpec,
    ErrorForm,
    Function,
    Size,
    Vocabulary,
    version_text,
)


def service_lines(vocabulary: Vocabulary) -> list[str]:
    head = f"service {vocabulary.name} {version_text(vocabulary.version)}"
    if (
        vocabulary.name in shipped()
        and load_shipped(vocabulary.name).at(vocabulary.version) == vocabulary
    ):
        return [f"{head};"]
    found = [
        f"window {', '.join(spans(vocabulary.window)) or 'none'};",
        *(
            f"span{' fast' if part.fast_only else ''} owner {part.owner} "
            f"numbers {', '.join(spans(part.numbers))};"
            for part in vocabulary.span
        ),
        f"results {registers_text(vocabulary.results)};",
    ]
    for name, form in vocabulary.forms:
        found.extend(_form(name, form))
    for function in vocabulary.functions:
        found.extend(_function(function))
    return block(head, found)


def _form(name: str, form: ErrorForm) -> list[str]:
    found = [f"{code} = {value};" for code, value in form.codes]
    found.append(f"unknown {form.unknown};")
    found.append(f"success {', '.join(map(str, form.success)) or 'none'};")
    if form.marker is not None:
        found.append(f"marker {number(form.marker)} with the code in w{form.code_register};")
    return block(f"form {name}", found)


def _function(function: Function) -> list[str]:
    found: list[str] = []
    for width, fid in (("smc32", function.smc32), ("smc64", function.smc64)):
        if fid is not None:
            found.append(f"{width} {number(fid)};")
    found.append(f"since {version_text(function.since)};")
    if function.aliases:
        found.append(f"aliases {', '.join(function.aliases)};")
    if function.power:
        found.append("power;")
    if function.role is not None:
        found.append(f"role {function.role};")
    if function.form is not None:
        found.append(f"form {function.form};")
    found.extend(_argument(argument) for argument in function.arguments)
    return block(f"function {function.name}", found)


def _argument(argument: ArgumentSpec) -> str:
    pieces = (f"{'w' if piece.narrow else 'x'}{piece.register}" for piece in argument.pieces)
    found = [f"argument {argument.name} : {argument.kind} in {':'.join(pieces)}"]
    if argument.space is not None:
        found.append(f"space {argument.space} size {_size(argument.size)}")
    if argument.zero_is_none:
        found.append("zero is none")
    for name, limits in (("limits", argument.limits), ("limits32", argument.limits32)):
        if limits is not None:
            found.append(f"{name} {', '.join(spans(limits)) or 'none'}")
    return ", ".join(found) + ";"


def _size(size: Size) -> str:
    if size.constant is not None:
        return number(size.constant * size.unit)
    if size.argument is not None:
        return f"{size.argument} * {size.unit}"
    return "unknown"
