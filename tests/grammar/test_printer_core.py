"""Everything that matters of a core policy is in its listing [SYNTAX-CORE]."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from enum import Enum as PythonEnum
from pathlib import Path
from typing import Any

import pytest

from smcproof.grammar.load import load_source, read_source
from smcproof.grammar.printer import print_core, print_expr
from smcproof.spec.core import Compare, DomainBlock, Free, If, Member, Resume
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.core_walk import EXPRESSIONS
from smcproof.spec.geometry import Geometry
from smcproof.spec.interval import IntervalSet
from smcproof.spec.span import Source, Span
from smcproof.spec.types import Enum
from smcproof.spec.vocabulary import ErrorForm, Function, Vocabulary

CORE = Path(__file__).parent.parent / "golden" / "core"
POLICIES = sorted(CORE.glob("*.smc"))

IGNORED = {
    CorePolicy: {"source", "included", "geometry"},
    Vocabulary: {"title", "source", "geometry", "versions"},
    Function: {"source"},
    Enum: {"members"},
}
"""What has no part in a policy's meaning, or shows elsewhere: a geometry by its name, the members of
an enumeration where it is declared."""


def is_idle(node: object, name: str) -> bool:
    """Whether a field has no meaning in this node."""
    match node:
        case Member(constant=IntervalSet()):
            return name == "attribute"
        case ErrorForm(marker=None):
            return name == "code_register"
        case DomainBlock(indexed=None):
            return name == "count"
        case _:
            return isinstance(node, EXPRESSIONS) and name == "type"


def mutants(node: Any) -> Iterator[Any]:
    """Copies of ``node`` that differ from it in one place."""
    match node:
        case Span() | Source() | Geometry() | None:
            return
        case bool():
            yield not node
        case PythonEnum() if not isinstance(node, int):
            members = list(type(node))
            yield members[(members.index(node) + 1) % len(members)]
        case int():
            yield node + 1
        case str():
            yield f"{node}_"
        case IntervalSet():
            yield node | IntervalSet.points([(node.parts[-1][1] + 2) if node else 7])
            if node:
                yield IntervalSet(node.parts[1:])
        case (int() as number, source) if isinstance(source, (Free, *EXPRESSIONS)):
            for other in mutants(source):
                yield (number, other)
        case Resume(target=target, written=written):  # a register that is left out is zero too
            yield from (replace(node, target=other) for other in mutants(target))
            for at, entry in enumerate(written):
                for other in mutants(entry):
                    yield replace(node, written=(*written[:at], other, *written[at + 1 :]))
        case tuple():
            if node:
                yield node[:-1]
            for at, part in enumerate(node):
                for other in mutants(part):
                    yield (*node[:at], other, *node[at + 1 :])
        case _ if is_dataclass(node):
            for field in fields(node):
                if field.name in IGNORED.get(type(node), ()) or is_idle(node, field.name):
                    continue
                for other in mutants(getattr(node, field.name)):
                    yield replace(node, **{field.name: other})  # type: ignore[type-var]


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
def test_every_difference_shows(path: Path) -> None:
    """A policy with anything changed in its meaning prints differently, or is no policy."""
    policy = policy_of(path)
    listing = print_core(policy)
    assert print_core(policy) == listing
    shown = 0
    for mutant in mutants(replace(policy, vocabularies=policy.vocabularies[-1:])):
        other = replace(mutant, vocabularies=(*policy.vocabularies[:-1], *mutant.vocabularies))
        try:
            assert print_core(other) != listing, mutant_text(policy, other)
            shown += 1
        except (KeyError, IndexError, ValueError, StopIteration):
            continue  # not even a policy: a register map of one number, a domain that is not there
    assert shown > 20


def mutant_text(policy: CorePolicy, other: CorePolicy) -> str:
    changed = [
        field.name
        for field in fields(policy)
        if getattr(policy, field.name) != getattr(other, field.name)
    ]
    return f"not shown: {[(name, getattr(other, name)) for name in changed]}"


def policy_of(path: Path) -> CorePolicy:
    policy = load_source(read_source(path)).policy
    assert policy is not None
    return policy


def test_members_of_enumerations_show() -> None:
    policy = policy_of(CORE / "effects.smc")
    shorter = replace(policy, enums=(replace(policy.enums[0], members=("idle", "busy")),))
    assert print_core(shorter) != print_core(policy)


def test_layout_does_not_show() -> None:
    """Comments and white space are no part of the meaning."""
    text = (CORE / "effects.smc").read_text()
    loose = text.replace(" => ", "  // a\n=>").replace("{ ", "{\n\n")
    one, other = (load_source(Source("p.smc", each)).policy for each in (text, loose))
    assert one is not None
    assert other is not None
    assert print_core(one) == print_core(other)


def test_shape_of_canonical_identifiers() -> None:
    """Only the exact shape is called canonical."""
    policy = policy_of(CORE / "headers.smc")
    expr = policy.main.rules[1].guard[0].test
    assert isinstance(expr, Compare)
    assert isinstance(expr.left, If)
    for other in mutants(expr.left):
        assert print_expr(policy, other) != "canon"
