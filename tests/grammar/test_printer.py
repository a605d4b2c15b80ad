"""Core expressions as text: they read as the language does [SYNTAX-CORE]."""

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcproof.grammar.load import load_source
from smcproof.grammar.printer import print_expr
from smcproof.grammar.printer.identifiers import identifiers
from smcproof.grammar.printer.values import braced, domains
from smcproof.refmodel.evaluator import Frame, evaluate
from smcproof.spec.call import Call, Conduit
from smcproof.spec.core import (
    TRUE,
    Arithmetic,
    Attribute,
    Bank,
    Compare,
    Connective,
    Const,
    Expr,
    Extend,
    Input,
    Member,
    Not,
    Operator,
    Register,
    Relation,
    Slice,
    State,
    Within,
)
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.interval import IntervalSet
from smcproof.spec.span import Source
from smcproof.spec.state import initial_state
from smcproof.spec.types import BOOL, DOMAIN, OPTIONAL_DOMAIN, Bounded, Enum, Word

TEXT = """
smcproof 1;
policy p at el2 {
    use psci 1.1, arch 1.2, optee 3.20;
    IDENTIFIER
    domain dom0 { id = 1; vcpus = 0x0, 0x1; ram = 0x1000 .. 0x1fff; attribute ids : set = psci.*; }
    domain guest[i in 1..5] { id = i + 1; }
    group some = dom0, guest;
    callee tee { fast 48..63; }
    enum phase { boot, run }
    state now : phase = boot;
    state lost : bool = false;
    state holder : domain? = none;
    state level : 0..7 = 3;
    state held : domain?[domain] = none;
    state slot : 0..7[0..3] = 1;
    RULE
    otherwise => undef;
    CLAIM
}
"""


def policy_of(rule: str = "", claim: str = "", identifier: str = "") -> CorePolicy:
    text = TEXT.replace("RULE", rule).replace("CLAIM", claim).replace("IDENTIFIER", identifier)
    loaded = load_source(Source("p.smc", text))
    assert loaded.policy is not None, [finding.message for finding in loaded.diagnostics]
    return loaded.policy


@cache
def plain() -> CorePolicy:
    return policy_of()


def guard(text: str, identifier: str = "") -> tuple[CorePolicy, Expr]:
    policy = policy_of(f"rule r_ : {text} => undef;", identifier=identifier)
    tests = tuple(part.test for part in policy.main.rules[0].guard)
    return policy, tests[0] if len(tests) == 1 else Connective(True, tests)


def statement(text: str) -> tuple[CorePolicy, Expr]:
    policy = policy_of(claim=f"prove p_ : always {text};")
    found = policy.claims[0].statement
    assert found is not None
    return policy, found


# ---- the language's own words --------------------------------------------------------------

SAME = (
    "x1 == 0",
    "w1 + 1 == x2",
    "w0 in psci.VERSION",
    "w0 in psci.CPU_ON.smc64",
    "w0 in psci.*",
    "w0 in psci.window",
    "w0 in { psci.VERSION, arch.VERSION }",
    "w1 in { psci.*, arch.VERSION, 0x8600_0000 .. 0x8600_000f }",
    "x0 in optee.*",
    "canon in psci.CPU_ON",
    "x1 in { 0, 5 .. 0xff }",
    "x1[7:0] in { 1 }",
    "w0 in caller.ids",
    "w0 == psci.CPU_OFF",
    "w0 != psci.CPU_ON.smc32",
    "fid.fast",
    "fid.fast != 1",
    "fid.owner == 4",
    "fid.owner <= 5 and fid.number in { 0 .. 0x1f }",
    "visible(imm) and imm != 0",
    "not visible(imm)",
    "not condition_passed",
    "conduit == hvc and el == 1 and aarch32",
    "caller == dom0",
    "caller == guest[3]",
    "caller in some",
    "caller in guest",
    "caller in { dom0, guest[2] }",
    "caller.vcpu == dom0.vcpu1",
    "caller.id == x7",
    "holder == none or holder == caller",
    "held[caller] == guest[5]",
    "now == run",
    "now != boot",
    "lost",
    "slot[x1] == level",
    "x1 & x2 | x3 ^ x4 == 5",
    "(x1 | x2) & x3 == 5",
    "x1 - (x2 - x3) == 0",
    "x1 - x2 - x3 == 0",
    "(x1 + x2) * 3 == 0",
    "~w1 == w2",
    "-x1 == ~(x2 | 1)",
    "(x1 + x2)[7:4] == 1",
    "x1[3]",
    "x1[3] == 0",
    "lost == (x1 == 2)",
    "not (x1 == 1 and x2 == 2)",
    "(x1 == 1 or x2 == 2) and (x3 == 3 or x4 == 4)",
    "range(x1, w2) in caller.ram",
    "range(x1 + 1, 4) in dom0.machine",
    "x1 < x2",
    "x1 <= 0x10",
)


@pytest.mark.parametrize("text", SAME)
def test_reads_as_written(text: str) -> None:
    assert print_expr(*guard(text)) == text


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("psci.VERSION", "w0 in psci.VERSION"),
        ("psci.CPU_ON(t, _, 5) and t == 4294967296", None),
        ("x1 > x2", "x2 < x1"),
        ("x1 >= 1", "1 <= x1"),
        ("not x1 == 1", "x1 != 1"),
        ("x1 == -1", "x1 == 0xffff_ffff_ffff_ffff"),
        ("w1 == -1", "w1 == 0xffff_ffff"),
        ("lost implies x1 == 1", "not lost or x1 == 1"),
        ("x1 == 1 and (x2 == 2 and x3 == 3)", "x1 == 1 and x2 == 2 and x3 == 3"),
        ("x1 in dom0.ram", "range(x1, 1) in dom0.ram"),
        ("canon(x0) == in.fid", "canon == canon"),
        ("in.fid.owner == 4", "in.fid.owner == 4"),
        ("caller in { dom0, guest[2], guest[3] }", "caller in { dom0, guest[2..3] }"),
        ("caller in { dom0, guest }", "caller in some"),
        ("w0 in 0x8400_0000 .. 0x8400_0000", "w0 in psci.VERSION"),
        ("w0 in 0x8400_0000 .. 0x8400_ffff", "w0 in { 0x8400_0000 .. 0x8400_ffff }"),
        ("w0 in { psci.*, psci.VERSION }", "w0 in psci.*"),
        ("x1 in { x2, 3 }", "x1 in { 3 } or x1 == x2"),
    ],
)
def test_reads_plainly(written: str, shown: str | None) -> None:
    if shown is not None:
        assert print_expr(*guard(written)) == shown
        return
    policy = policy_of(f"rule r_ : {written} => undef;")
    texts = [print_expr(policy, part.test) for part in policy.main.rules[0].guard]
    assert texts == [
        "w0 in psci.CPU_ON and (if fid.smc64 then x3 else w3) == 5",
        "(if fid.smc64 then x1 else w1) == 0x1_0000_0000",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "sent.fid.fast",
        "sent.w1 == in_",
        "res.x0 == r0 and res.pc == 4",
        "outcome == forward or outcome != undef",
        "refused or unknown or may_succeed",
        "not reaches(tee) or sent.x7 == caller.id",
        "decided_by(otherwise) and not yields and not rejected",
        "holder' == holder and held[caller]' == caller and lost'",
        "sent.canon in psci.*",
        "wr0 == 0",
    ],
)
def test_statements_read_as_written(text: str) -> None:
    text = text.replace("in_", "w1")
    assert print_expr(*statement(text)) == text


@pytest.mark.parametrize(
    ("identifier", "written", "shown"),
    [
        ("", "fid == 1", "w0 == 1"),
        ("", "fid.owner == 1", "fid.owner == 1"),
        ("", "in.fid.owner == 1", "in.fid.owner == 1"),
        ("identifier x0;", "psci.VERSION", "x0 in psci.VERSION"),
        ("identifier x0;", "fid.owner == 1", "fid.owner == 1"),
        ("identifier canon;", "psci.VERSION", "canon in psci.VERSION"),
        ("identifier canon;", "fid.owner == 1", "fid.owner == 1"),
        ("identifier canon;", "x0[29:24] == 1", "x0[29:24] == 1"),
        ("identifier canon;", "w0 == psci.VERSION", "w0 == psci.VERSION"),
    ],
)
def test_identifier_header(identifier: str, written: str, shown: str) -> None:
    assert print_expr(*guard(written, identifier)) == shown


def test_sum_that_wraps_elsewhere() -> None:
    """A 64-bit sum of 32-bit values is no 32-bit sum, so it must not look like one."""
    x1, one = Register(Bank.IN, 1, Word(64)), 1
    w1 = Slice(x1, 31, 0, Word(32))
    narrow = Arithmetic(Operator.ADD, w1, Const(one, Word(32)), Word(32))
    wide = Arithmetic(Operator.ADD, Extend(w1, Word(64)), Const(one, Word(64)), Word(64))
    assert print_expr(plain(), narrow) == "w1 + 1"
    assert print_expr(plain(), wide) == "extend(w1, 64) + 1"
    assert print_expr(plain(), Arithmetic(Operator.ADD, Extend(w1, Word(64)), x1, Word(64))) == (
        "w1 + x1"
    )
    inverted = Arithmetic(
        Operator.XOR, Extend(w1, Word(64)), Const((1 << 64) - 1, Word(64)), Word(64)
    )
    assert print_expr(plain(), inverted) == "w1 ^ 0xffff_ffff_ffff_ffff"


def test_parameters() -> None:
    expr = Compare(Relation.EQ, Input("parameter.0", DOMAIN), Const(0, DOMAIN))
    assert print_expr(plain(), expr) == "parameter.0 == dom0"
    assert print_expr(plain(), expr, ("d",)) == "d == dom0"
    assert print_expr(plain(), Attribute(Input("parameter.0", DOMAIN), "id", Word(64)), ("d",)) == (
        "d.id"
    )


def test_empty_connectives() -> None:
    assert print_expr(plain(), Connective(True, ())) == "true"
    assert print_expr(plain(), Connective(False, ())) == "false"
    assert print_expr(plain(), Not(Connective(False, (TRUE,)))) == "not true"


# ---- random expressions, read back ---------------------------------------------------------

PHASE = Enum("phase", ("boot", "run"))
FULL = Word(64)


def leaf(bits: int) -> st.SearchStrategy[Expr]:
    """A word of ``bits`` bits."""
    registers = st.integers(0, 17).map(lambda index: Register(Bank.IN, index, FULL))
    if bits == 64:
        return st.one_of(
            registers,
            st.just(Attribute(Input("caller", DOMAIN), "id", FULL)),
            st.just(Extend(State("level", None, False, Bounded(0, 7)), FULL)),
            registers.map(lambda index: Extend(State("slot", index, False, Bounded(0, 7)), FULL)),
        )
    slices = st.builds(
        lambda register, low: Slice(register, low + bits - 1, low, Word(bits)),
        registers,
        st.integers(0, 64 - bits),
    )
    if bits == 16:
        return st.one_of(slices, st.just(Input("imm", Word(16))))
    return slices


def words(bits: int, depth: int) -> st.SearchStrategy[Expr]:
    """As elaboration builds them: a constant stands beside something that is none."""
    if depth == 0:
        return leaf(bits)
    smaller = words(bits, depth - 1)
    constants = st.integers(0, (1 << bits) - 1).map(lambda value: Const(value, Word(bits)))
    operators = st.sampled_from([op for op in Operator if op not in (Operator.SHL, Operator.SHR)])

    def arithmetic(operator: Operator, left: Expr, right: Expr) -> Expr:
        if operator is Operator.MUL and not isinstance(left, Const):
            right = Const(3, Word(bits))
        return Arithmetic(operator, left, right, Word(bits))

    options = [
        leaf(bits),
        st.builds(arithmetic, operators, smaller, st.one_of(smaller, constants)),
        st.builds(arithmetic, operators, constants, smaller),
    ]
    if bits > 16:
        narrow = words(bits // 2, depth - 1)
        wide = narrow.map(lambda part: Extend(part, Word(bits)))
        sums = st.sampled_from((Operator.ADD, Operator.SUB, Operator.OR))
        options.append(
            st.builds(lambda op, a, b: Arithmetic(op, a, b, Word(bits)), sums, wide, leaf(bits))
        )
    if bits < 64:
        options.append(
            words(bits * 2, depth - 1)
            .filter(lambda part: not isinstance(part, (Slice, Extend)))
            .map(lambda part: Slice(part, bits - 1, 0, Word(bits)))
        )
    return st.one_of(options)


def conditions(depth: int) -> st.SearchStrategy[Expr]:
    widths = st.sampled_from((16, 32, 64))
    compared = widths.flatmap(
        lambda bits: st.builds(
            Compare,
            st.sampled_from(Relation),
            words(bits, 2),
            st.one_of(
                words(bits, 1), st.integers(0, (1 << bits) - 1).map(lambda n: Const(n, Word(bits)))
            ),
        )
    )
    member = widths.flatmap(
        lambda bits: st.builds(
            Member,
            words(bits, 1),
            st.lists(st.integers(0, (1 << bits) - 2), min_size=1, max_size=3).map(
                lambda ns: IntervalSet.of((n, n + 1) for n in ns)
            ),
        )
    )
    holder = State("holder", None, False, OPTIONAL_DOMAIN)
    simple: st.SearchStrategy[Expr] = st.one_of(
        compared,
        member,
        st.builds(
            Within, words(64, 1), words(64, 1), st.just(Input("caller", DOMAIN)), st.just("ram")
        ),
        st.sampled_from(
            (
                State("lost", None, False, BOOL),
                Input("condition_passed", BOOL),
                Compare(Relation.EQ, State("now", None, False, PHASE), Const(1, PHASE)),
                Compare(Relation.EQ, holder, Const(-1, OPTIONAL_DOMAIN)),
                Member(Input("caller", DOMAIN), IntervalSet.of([(1, 5)])),
                Member(holder, IntervalSet.points([0, 2, 4])),
            )
        ),
    )
    if depth == 0:
        return simple
    smaller = conditions(depth - 1)
    return st.one_of(
        simple,
        smaller.map(Not),
        st.builds(Connective, st.booleans(), st.lists(smaller, min_size=2, max_size=3).map(tuple)),
        st.builds(lambda a, b: Compare(Relation.EQ, a, b), smaller, smaller),
    )


X = st.tuples(*[st.one_of(st.integers(0, (1 << 64) - 1), st.sampled_from((0, 1, 1 << 31)))] * 18)


@settings(max_examples=300, deadline=None)
@given(conditions(2), st.integers(0, 5), X, st.booleans())
def test_read_back(expr: Expr, caller: int, registers: tuple[int, ...], passed: bool) -> None:
    """What is printed means, as the language reads it, what it was printed from. Where the width of
    a sum had to be shown there is nothing to read back."""
    text = print_expr(plain(), expr)
    if "extend(" in text:
        return
    policy, again = guard(text)
    call = Call(caller, 0, 1, False, Conduit.HVC, 0x1234, registers, passed)
    frame = Frame(policy, initial_state(policy), call)
    assert evaluate(again, frame) == evaluate(expr, frame)
    assert print_expr(policy, again) == text


IDS = tuple(sorted(plain().vocabularies[0].ids | plain().vocabularies[2].ids))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(IDS).map(lambda low: (low, low)),
            st.sampled_from(IDS).map(lambda low: (low, low + 3)),
            st.tuples(st.integers(0, 1 << 32), st.integers(0, 0x1_0000)).map(
                lambda pair: (pair[0], min(pair[0] + pair[1], (1 << 32) - 1))
            ),
        ),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from(("", "psci", "arch")),
)
def test_identifiers_read_back(parts: list[tuple[int, int]], whole: str) -> None:
    members = IntervalSet.of(parts)
    if whole:
        members = members | plain().vocabulary(whole).ids
    if not members:
        return
    text = ", ".join(identifiers(plain(), members))
    found = policy_of(f"set s_ = {text}; rule r_ : s_ => undef;").main.rules[0].guard[0].test
    assert isinstance(found, Member)
    assert found.constant == members


@settings(max_examples=50, deadline=None)
@given(st.sets(st.integers(0, 5), min_size=1))
def test_domains_cover(ordinals: set[int]) -> None:
    """Every member is named, once, and nobody else."""
    found: list[int] = []
    policy = plain()
    for name in domains(policy, IntervalSet.points(ordinals)):
        base, _, index = name.partition("[")
        block = next(block for block in policy.domains if block.name == base)
        first, last = 0, block.count - 1
        if index:
            low, _, high = index.rstrip("]").partition("..")
            first, last = (int(at) - (block.indexed or 0) for at in (low, high or low))
        found.extend(range(block.first + first, block.first + last + 1))
    assert sorted(found) == sorted(ordinals)


def test_braced() -> None:
    assert braced(["a", "b"]) == "{ a, b }"
    assert braced([]) == "{}"


def test_deep_expressions() -> None:
    """What the parser takes does not exhaust the stack here."""
    text = "lost"
    for at in range(60):
        text = f"({text} {'and' if at % 2 else 'or'} x1 == {at})"
    policy, expr = guard(f"not {text}")
    assert print_expr(policy, expr).count("x1 ==") == 60
