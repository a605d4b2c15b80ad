"""``smcproof fmt`` loses nothing, settles at once and looks as the samples do [SYNTAX-LAYOUT]."""

import os
import re
import time
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from smcproof.grammar.layout import format_text
from smcproof.grammar.layout.document import WIDTH
from smcproof.grammar.layout.lexeme import Node, Part, concrete, read
from smcproof.grammar.parser import parse, policy_parser
from smcproof.spec.diagnostic import Diagnostics
from smcproof.spec.policy import PolicyFile
from smcproof.spec.span import Source, Span

GOLDEN = Path(__file__).parent.parent / "golden"
SAMPLES = sorted((GOLDEN / "layout").glob("*.smc")) + sorted((GOLDEN / "core").glob("*.smc"))

COMMENT = re.compile(r'"(?:\\.|[^"\\\n])*"|(//[^\n]*)')


def formatted(text: str) -> str:
    return format_text(Source("t.smc", text))


def parsed(text: str) -> PolicyFile | None:
    return parse(Source("t.smc", text), Diagnostics())


def tokens(text: str) -> list[str]:
    return [lexeme.text for lexeme in read(Source("t.smc", text))[1]]


def comments(text: str) -> list[str]:
    """By a route of its own: everything from ``//`` to the end of the line, outside of texts."""
    return [found[1].rstrip() for found in COMMENT.finditer(text) if found[1]]


def unplaced(node: object) -> object:
    """A syntax tree as plain data, without spans."""
    if isinstance(node, tuple):
        return tuple(unplaced(part) for part in node)
    if is_dataclass(node) and not isinstance(node, type):
        return (
            type(node).__name__,
            *(
                unplaced(value)
                for value in (getattr(node, field.name) for field in fields(node))
                if not isinstance(value, Span)
            ),
        )
    return node


def check(text: str) -> str:
    """The formatted text, after everything that must hold of it."""
    before = parsed(text)
    assert before is not None
    after = formatted(text)
    assert tokens(after) == tokens(text)
    assert comments(after) == comments(text)
    assert unplaced(parsed(after)) == unplaced(before)
    assert formatted(after) == after
    assert not re.search(r"[ \t]\n|\n\n\n|\t", COMMENT.sub("#", after))
    assert after == "" or (after.endswith("\n") and not after.endswith("\n\n"))
    return after


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_samples(path: Path) -> None:
    check(path.read_text())


@pytest.mark.parametrize(
    "path", sorted((GOLDEN / "layout").glob("*.smc")), ids=lambda path: path.stem
)
def test_golden(path: Path) -> None:
    """Every sample beside its canonical layout; ``SMCPROOF_UPDATE_GOLDEN=1`` writes it anew."""
    golden = path.with_suffix(".formatted")
    if os.environ.get("SMCPROOF_UPDATE_GOLDEN") == "1":
        golden.write_text(formatted(path.read_text()))
    assert formatted(path.read_text()) == golden.read_text()


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_width(path: Path) -> None:
    """Code stays within the width; only a comment may go beyond."""
    for line in formatted(path.read_text()).splitlines():
        code = COMMENT.sub(lambda found: "" if found[1] else found[0], line)
        assert len(code.rstrip()) <= WIDTH


# ---- random white space and comments in good policies --------------------------------------

GAPS = st.sampled_from(
    (
        " ", " ", " ", " ", "\n", "\n\n", "\n\n\n\n", "\t", " \r\n ", "  // a\n", "\n// b {\n",
        "\n\n  // c\n", "\n// d\n\n", " // e\n  // f\n", " // g\n // g\n", "\n//h;\n//i \"\n\n",
        "\n    // j\n\n\n        // k\n", " // l\r\n\r\n",
    )
)  # fmt: skip


@cache
def sample_tokens(path: Path) -> tuple[str, ...]:
    return tuple(tokens(path.read_text()))


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(SAMPLES), st.data())
def test_any_gaps(path: Path, data: st.DataObject) -> None:
    """Samples whose tokens stand anyhow, with comments anywhere."""
    words = sample_tokens(path)
    odd = data.draw(st.dictionaries(st.integers(0, len(words) - 1), GAPS, max_size=40))
    start = data.draw(st.sampled_from(("", "\n\n", "// first\n", "// first\n\n\n// second\n\n")))
    check(start + "".join(word + odd.get(at, " ") for at, word in enumerate(words)))


# ---- random sentences of the grammar -------------------------------------------------------

WORDS = {
    "NAME": ("a", "x0", "w17", "fid", "psci", "rule", "a_rather_long_name_of_something", "at"),
    "INT": ("0", "42", "0x8400_0000", "0b1_0"),
    "STRING": ('""', '"a // b"', '"say \\"hello\\" to whoever reads this"'),
    "VERSION": ("1.0", "1.12"),
    "COMPARE": ("==", "<="),
    "SHIFT": ("<<",),
    "WHERE": ("at", "after"),
    "SCOPE": ("vcpu", "domain"),
    "LEAVE": ("skip", "none"),
    "MODE": ("always", "reachable"),
    "OPTION": ("vcpu", "el"),
    "EXPECTED": ("refused", "completed"),
}


@cache
def productions() -> dict[str, list[tuple[tuple[str, bool], ...]]]:
    """The expansions of each rule, as (symbol, whether it is a terminal), cheapest first."""
    rules: dict[str, list[tuple[tuple[str, bool], ...]]] = {}
    for rule in policy_parser().rules:
        expansion = tuple((symbol.name, symbol.is_term) for symbol in rule.expansion)
        rules.setdefault(str(rule.origin.name), []).append(expansion)
    cost: dict[str, int] = {}

    def price(expansion: tuple[tuple[str, bool], ...]) -> int:
        return 1 + sum(0 if is_term else cost.get(name, 1 << 30) for name, is_term in expansion)

    for _ in rules:
        cost = {name: min(map(price, found)) for name, found in rules.items()}
    return {name: sorted(found, key=price) for name, found in rules.items()}


def words_of(terminal: str) -> tuple[str, ...]:
    if terminal in WORDS:
        return WORDS[terminal]
    pattern = next(found for found in policy_parser().terminals if found.name == terminal).pattern
    assert pattern.type == "str", terminal
    return (pattern.value,)


LADDER = {
    "implication", "logic", "negation", "comparison", "bitor", "bitxor", "bitand", "shift", "sum",
    "product", "unary", "postfix", "atom",
}  # fmt: skip
"""The levels of expressions, which mostly lead straight down."""


def sentence(start: str, random: Random, size: int) -> list[str]:
    """A random sentence; after ``size`` choices the cheapest expansions end it."""
    found: list[str] = []
    stack = [(start, False)]
    while stack:
        name, is_term = stack.pop()
        if is_term:
            found.append(random.choice(words_of(name)))
            continue
        known = productions()[name]
        size -= 1
        plain = size < 0 or (name in LADDER and random.random() < 0.7)
        stack.extend(reversed(known[0] if plain else random.choice(known)))
    return found


ITEMS = (
    "header", "use", "domain", "hypervisor", "group", "callee", "idset", "allow", "enumeration",
    "state", "event", "handler", "layer", "rule", "otherwise", "on", "prove", "example",
)  # fmt: skip


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(ITEMS), min_size=1, max_size=4), st.data())
def test_any_sentences(kinds: list[str], data: st.DataObject) -> None:
    """Texts that the grammar allows, meaningful or not."""
    random = data.draw(st.randoms(use_true_random=False))
    size = data.draw(st.integers(1, 150))
    words = [word for kind in kinds for word in sentence(kind, random, size)]
    if data.draw(st.booleans()):
        words = ["smcproof", "1", ";", "policy", "p", "at", "el2", "{", *words, "}"]
    odd = data.draw(st.dictionaries(st.integers(0, len(words) - 1), GAPS, max_size=8))
    text = "".join(word + odd.get(at, " ") for at, word in enumerate(words))
    assume(parsed(text) is not None)
    check(text)


def test_every_rule_has_a_layout() -> None:
    """A rule added to the grammar must be laid out too."""
    random = Random(1)
    inlined = {"item", "value", "outcome", "effect", "block_item", "map_value", "expr"}
    seen: set[str] = set()

    def collect(node: Part) -> None:
        if isinstance(node, Node):
            seen.add(node.rule)
            for part in node.parts:
                collect(part)

    claims = [["prove", *sentence("claim", random, 60), ";"] for _ in range(400)]
    for words in [*claims, *(sentence(kind, random, 90) for kind in ITEMS * 60)]:
        text = " ".join(words)
        if parsed(text) is not None:
            formatted(text)
            collect(concrete(*read(Source("t.smc", text))))
    names = {str(rule.alias or rule.origin.name) for rule in policy_parser().rules}
    whole = {"file", "version", "include", "policy", "decision"}
    listed = {name for name in names if name.startswith("__")}
    assert names - seen - inlined - (LADDER - {"negation"}) - whole - listed == set()


# ---- what it does, case by case ------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_", "wanted"),
    [
        ("state  a:0..3=0 frozen ;", "state a : 0..3 = 0 frozen;\n"),
        ("state a:domain ? [ 0 .. 15 ]=none;", "state a : domain?[0..15] = none;\n"),
        ("conduits smc,hvc;answers zero x1 .. x3;", "conduits smc, hvc;\nanswers zero x1..x3;\n"),
        ("domain v{}", "domain v {}\n"),
        ("layer v{ }", "layer v {}\n"),
        ("handler v{ // a\n}", "handler v {  // a\n}\n"),
        ("handler v{\n\n// a\n\n}", "handler v {\n    // a\n}\n"),
        (
            "domain v{\n\n\nid=1;\n\n\n// a\n\nabsent; }",
            "domain v {\n    id = 1;\n\n    // a\n\n    absent;\n}\n",
        ),
        ("rule a:x1 [ 3:0 ]==- 1=>skip;", "rule a : x1[3:0] == -1 => skip;\n"),
        ("rule a:~x1&1 in{1,2}=>skip;", "rule a : ~x1 & 1 in { 1, 2 } => skip;\n"),
        ("set s=0x1..0x2,3..4;", "set s = 0x1 .. 0x2, 3..4;\n"),
        ("domain g[i in 0..i+1]{}", "domain g[i in 0 .. i + 1] {}\n"),
        ("domain d{ram=0x1000..+0xfff;}", "domain d { ram = 0x1000 .. +0xfff; }\n"),
        ('use arch 1.2,v from"v.toml";', 'use arch 1.2, v from "v.toml";\n'),
        ("prove p:step a==b implies a'==b;", "prove p : step a == b implies a' == b;\n"),
        ("on e(a,b)when(a)=>none then{a:=1;};", "on e(a, b) when (a) => none then { a := 1; };\n"),
        ("// only a comment  ", "// only a comment\n"),
        ("\n\n\n", ""),
        ("", ""),
    ],
)
def test_spacing(given_: str, wanted: str) -> None:
    assert check(given_) == wanted


def test_comment_inside_a_rule() -> None:
    text = "rule a : x1 == 1 // one\n // two\n and x2 == 2 => skip; // three\n"
    assert check(text) == (
        "rule a : x1 == 1  // one\n    // two\n    and x2 == 2\n    => skip;  // three\n"
    )


def test_comment_that_goes_on_keeps_its_column() -> None:
    text = "rule a:x=>skip;      // a long\n                     // story\nrule b:x=>skip;\n"
    assert check(text) == (
        "rule a : x => skip;  // a long\n                     // story\nrule b : x => skip;\n"
    )


def test_comment_below_does_not_go_on_by_accident() -> None:
    text = "domain a{ // one\n // two\n id = 1; }"
    assert check(text) == "domain a {  // one\n    // two\n    id = 1;\n}\n"
    text = "rule a_rather_long_name: // one\n // two\n x => skip;"
    assert check(text) == "rule a_rather_long_name :  // one\n    // two\n    x\n    => skip;\n"
    text = "policy p at a { on // one\n// two\ne() => none; }"
    wanted = "policy p at a {\n    on   // one\n        // two\n        e()\n        => none;\n}\n"
    assert check(text) == wanted


def test_alignment_ends_at_blank_and_comment_lines() -> None:
    text = (
        "rule a:x=>skip;rule bcd:x=>skip;\n\n\n\nrule e:x and y=>skip;\n// note\nrule fg:x=>skip;"
    )
    assert check(text) == (
        "rule a   : x => skip;\n"
        "rule bcd : x => skip;\n"
        "\n"
        "rule e : x and y => skip;\n"
        "// note\n"
        "rule fg : x => skip;\n"
    )


def test_alignment_gives_way_to_the_width() -> None:
    """A guard that would push the others over the edge keeps to itself."""
    long = "x1 == 0x1111_1111_1111 and x2 == 0x2222_2222_2222 and x3 == 3"
    text = f"rule a : {long} => skip;\nrule b : x1 == 1 => deliver somebody resuming after;\n"
    assert len(long) + len("deliver somebody resuming after") < WIDTH
    text += "rule c : x1 == 1000 => deliver somebody resuming after writing { x0 = 1; x1 = 2; };"
    lines = check(text).splitlines()
    assert lines[0] == f"rule a : {long} => skip;"
    assert lines[1].index("=>") == lines[2].index("=>")


def test_long_line_endings_are_kept_as_one() -> None:
    assert check("rule a : x => skip;\r\n// note\r\n") == "rule a : x => skip;\n// note\n"


def test_linear() -> None:
    """Four times the rules take about four times as long, and 2,000 are a matter of seconds."""

    def seconds(count: int) -> float:
        rules = "".join(
            f"rule r{at}:fid=={at:#x} and x{at % 9}=={at}=>forward{{x1={at};}} then s:={at};// c\n"
            for at in range(count)
        )
        source = Source("t.smc", f"smcproof 1; policy p at el2 {{ {rules} }}")
        format_text(Source("warm.smc", "rule a : x => skip;"))
        started = time.perf_counter()
        format_text(source)
        return time.perf_counter() - started

    small, large = seconds(500), seconds(2000)
    assert large < 10 * small
    assert large < 30


def test_deep_nesting() -> None:
    """What the parser takes does not exhaust the stack here."""
    text = f"rule a : {'(' * 60}x1{')' * 60} == 1 => skip;"
    assert parsed(text) is not None
    check(text)
