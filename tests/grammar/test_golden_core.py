"""Elaborated policies that together use every construct of the language, each reviewed by hand
against ``spec/*.md``. ``SMCPROOF_UPDATE_GOLDEN=1`` writes the listings anew [SYNTAX-CORE]."""

import os
from pathlib import Path

import pytest
from smcproof.grammar.layout import format_text
from smcproof.grammar.load import Loaded, load_source, read_source
from smcproof.grammar.printer import print_core

CORE = Path(__file__).parent.parent / "golden" / "core"
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
