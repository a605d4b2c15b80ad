"""Elaborated policies that together use every construct of the language, each reviewed by hand
against ``spec/*.md``. ``SMCPROOF_UPDATE_GOLDEN=1`` writes the listings anew [SYNTAX-CORE]."""

import os
import re
from pathlib import Path

import pytest

from smcproof.grammar.layout import format_text
from smcproof.grammar.layout.lexeme import Node, Part, concrete, read
from smcproof.grammar.load import Loaded, load_source, read_source
from smcproof.grammar.parser import policy_parser
from smcproof.grammar.printer import print_core

GOLDEN = Path(__file__).parent.parent / "golden"
CORE = GOLDEN / "core"
POLICIES = sorted(CORE.glob("*.smc"))
UPDATE = os.environ.get("SMCPROOF_UPDATE_GOLDEN") == "1"


def loaded(path: Path) -> Loaded:
    return load_source(read_source(path))


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
def test_core(path: Path) -> None:
    found = loaded(path)
    assert found.policy is not None, [
        f"{finding.span}: {finding.message}" for finding in found.diagnostics
    ]
    listing = print_core(found.policy)
    golden = path.with_suffix(".core")
    if UPDATE:
        golden.write_text(listing)
    assert listing == golden.read_text()


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
def test_canonical(path: Path) -> None:
    """The policies are themselves in canonical layout."""
    source = read_source(path)
    if UPDATE:
        path.write_text(format_text(source))
    assert format_text(source) == path.read_text()


def test_every_listing_has_a_policy() -> None:
    assert {path.stem for path in CORE.glob("*.core")} == {path.stem for path in POLICIES}


def test_every_construct_is_used() -> None:
    """Every rule of the grammar and every word of the language stands in one of the policies."""
    rules: set[str] = set()
    words: set[str] = set()

    def collect(part: Part) -> None:
        if isinstance(part, Node):
            rules.add(part.rule)
            for inner in part.parts:
                collect(inner)
        else:
            words.add(part.text)

    for path in POLICIES:
        collect(concrete(*read(read_source(path))))
    grammar = policy_parser()
    named = {str(rule.alias) for rule in grammar.rules if rule.alias}
    assert named - rules == set()
    keywords = {
        word
        for terminal in grammar.terminals
        for word in re.findall(r"[a-z][a-z0-9]+", terminal.pattern.value)
        if terminal.name not in ("NAME", "INT", "STRING", "VERSION", "COMMENT", "WHITESPACE")
    }
    assert keywords - words == set()
