"""Random policies of the full geometry that use every construct, for agreement on single calls (T1)
and for the lowered code (T4). They need not make sense; they must elaborate."""

from dataclasses import dataclass, field

from smcproof.spec.span import Source
from tests.strategies.chooser import Chooser

WORDS = (
    "x1", "x2", "x3", "x5", "x7", "x9", "x16", "w1", "w2", "w4", "x1[15:4]", "w2[31:16]", "x3[63:32]",
    "x0", "w0", "canon", "fid", "caller.id", "caller.quota", "count",
)  # fmt: skip
CONSTANTS = (
    "0", "1", "2", "7", "0xffff", "0x8000_0000", "0xffff_ffff", "0x1_0000_0000", "-1", "-2",
    "0xffff_ffff_ffff_ffff", "0x4000_0000", "0x7fff_ffff", "0x7fff_fffc",
)  # fmt: skip
IDENTIFIERS = (
    "psci.VERSION", "psci.CPU_ON", "psci.CPU_ON.smc32", "psci.*", "arch.*", "optee.CALLS_UID",
    "optee.CALL_WITH_ARG", "chosen", "ffa.VERSION", "ffa.MSG_SEND_DIRECT_REQ", "psci.window",
)  # fmt: skip


@dataclass
class Scope:
    """What expressions may read where they stand."""

    answer: bool = False
    bound: tuple[str, ...] = ()
    words: tuple[str, ...] = WORDS
    names: list[str] = field(default_factory=list[str])


def full_policy(choose: Chooser, *, level: str = "el2", rules: int = 8) -> Source:
    """A policy with layers, handlers, families, maps, effects and free registers."""
    lines = [
        "smcproof 1;",
        f"policy random at {level} {{",
        f"    identifier {choose.choice(('w0', 'w0', 'canon', 'x0'))};",
    ]
    if choose.chance(30):
        lines.append(f"    answers zero x1..x{choose.integer(1, 5)};")
    if choose.chance(20):
        lines.append("    errors 32;")
    if choose.chance(25):
        lines.append(f"    forwards x0..x{choose.choice((3, 7, 17))};")
    if choose.chance(25):
        lines.append(f"    results x0..x{choose.choice((0, 3, 7))};")
    lines += [
        "    use arch 1.2, psci 1.1, optee, ffa;",
        "    domain a { id = 1; vcpus = 0x0, 0x1, 0x100; ram = 0x4000_0000 .. 0x7fff_ffff; machine = 0x8000_0000 .. 0x8fff_ffff, 0x9000_0000 .. 0x9fff_ffff; attribute quota : word = 5; attribute listed : set = { psci.VERSION, 0x8600_ff01 }; attribute trusted : bool = true; }",
        f"    domain b {{ id = 2;{' state = any;' if choose.chance(40) else ''} ram = 0x0 .. 0xfff; }}",
        "    domain vm[i in 3..40] { id = i * 3 + 1; ram = 0x1_0000_0000 + i * 0x10_0000 .. +0xf_ffff; attribute quota : word = i * 2; }",
        "    group some = a, vm;",
        "    set chosen = optee.CALLS_UID, 0xc200_0000 .. 0xc200_00ff, psci.SYSTEM_OFF, 0x3200_0000 .. 0x3200_0010;",
        "    callee firmware { fast 0..7; }",
        "    callee spmc { ids 0x8400_0060 .. 0x8400_00ef, 0xc400_0060 .. 0xc400_00ef; rejected when wr0 == 0x8400_0060; }",
        "    callee tee { fast 48..63; yielding 2..63; yields when wr0[31:16] == 0xffff and not sent.fid.fast; rejected when wr0 != 0 and not yields; }",
        "    allow some -> tee : chosen when sent.x7 == caller.id;",
        "    allow b -> firmware : psci.*;",
        "    enum phase { boot, run, off }",
        "    state now : phase = boot;",
        "    state holder : domain? = none;",
        "    state count : 0..5 = 1;",
        "    state flag : bool = false;",
        "    state seen : bool[domain] = false;",
        "    state online : 0..3[vcpu] = 1;",
        "    state thread : domain?[0..3] = none;",
        "    handler open_end;",
        f"    handler service {{ on {_condition(choose, Scope())} => {_outcome(choose, Scope(), place='handler')}; on psci.CPU_ON(cpu, entry, _) and entry in caller.ram => return {{ x0 = cpu; x1 = any in {{ 0, -1 }}; }}; otherwise => {_outcome(choose, Scope(), place='handler')}; }}",
        "    handler mediator { on optee.CALL_WITH_ARG => return { x0 = any in { 0, 1 }; } reaches tee with { x0 = optee.CALL_WITH_ARG; x7 = caller.id; x4..x6 = any; }; otherwise => return NOT_SUPPORTED; }",
    ]  # fmt: skip
    if choose.chance(60):
        inner = [_rule(choose, f"l{at}") for at in range(choose.integer(1, 2))]
        lines.append("    layer first {")
        lines += [f"        {rule}" for rule in inner]
        lines.append("        otherwise => pass;")
        lines.append("    }")
    lines += [f"    {_rule(choose, f'r{at}')}" for at in range(rules)]
    lines.append("    otherwise => return NOT_SUPPORTED;")
    lines.append("}")
    return Source("random.smc", "\n".join(lines) + "\n")


def _rule(choose: Chooser, name: str) -> str:
    scope = Scope()
    head: list[str] = []
    kind = choose.integer(0, 5)
    if kind <= 2:
        head.append(choose.choice(IDENTIFIERS))
    elif kind == 3:
        pattern, bound = choose.choice(
            (
                ("psci.CPU_ON(target, entry, _)", ("target", "entry")),
                ("psci.AFFINITY_INFO(target, 0)", ("target",)),
                ("optee.CALL_WITH_ARG(buffer, _)", ("buffer",)),
                ("optee.RETURN_FROM_RPC(_, _, id)", ("id",)),
            )
        )
        head.append(pattern)
        scope = Scope(bound=bound, words=(*WORDS, *bound))
    elif kind == 4:
        low = choose.choice((0x8400_0000, 0xC200_0000, 0x3200_0000, 0x8000_0000))
        head.append(f"fid in {low:#x} .. {low + choose.choice((0, 1, 0x1F, 0xFF)):#x}")
    for _ in range(choose.choice((0, 0, 1, 1, 2))):
        head.append(f"({_condition(choose, scope)})")
    if not head:
        head.append(f"({_condition(choose, scope)})")
    outcome = _outcome(choose, scope, place="rule")
    return f"rule {name} : {' and '.join(head)} => {outcome};"


def _condition(choose: Chooser, scope: Scope, depth: int = 2) -> str:
    kind = choose.integer(0, 15 if depth else 11)
    match kind:
        case 0 | 1:
            return f"{_word(choose, scope)} {choose.choice(('==', '!=', '<', '<=', '>', '>='))} {_constant(choose)}"
        case 2:
            return (
                f"{_word(choose, scope)} {choose.choice(('==', '<', '>='))} {_word(choose, scope)}"
            )
        case 3:
            return choose.choice(
                (
                    "caller == a",
                    "caller in some",
                    "caller in vm",
                    "caller == vm[7]",
                    "caller in { a, b }",
                )
            )
        case 4:
            return choose.choice(("now == run", "now != off", "flag", "count <= 2", "holder == caller", "holder == none", "seen[caller]", "online[caller.vcpu] == 1", "thread[x3] == caller", "thread[w1[1:0]] == none", "seen[holder]"))  # fmt: skip
        case 5:
            return choose.choice(("conduit == smc", "conduit == hvc", "condition_passed", "aarch32", "(visible(imm) and imm == 1)", "fid.fast", "fid.smc64", "caller.trusted", "el == 1"))  # fmt: skip
        case 6:
            return choose.choice(("x1 in caller.ram", "range(x1, x2) in caller.ram", "range(x2, w3) in caller.machine", "w1 in a.machine"))  # fmt: skip
        case 7:
            return choose.choice(("fid in caller.listed", "w1 in chosen", "x1 in { psci.VERSION, 5, 9 .. 12 }", "x2 in x3 .. 100", "w1 in { w2, 3 }"))  # fmt: skip
        case 8:
            return f"fid.owner {choose.choice(('==', '<', '>='))} {choose.choice((0, 4, 50, 63))}"
        case 9:
            return choose.choice(IDENTIFIERS)
        case 10:
            return "caller.vcpu == a.vcpu1"
        case 11:
            return choose.choice(("true", "x1[3]", "not flag"))
        case 12 | 13:
            word = choose.choice((" and ", " or "))
            return f"({_condition(choose, scope, depth - 1)}{word}{_condition(choose, scope, depth - 1)})"
        case 14:
            return f"not ({_condition(choose, scope, depth - 1)})"
        case _:
            return f"(({_condition(choose, scope, depth - 1)}) implies {_condition(choose, scope, depth - 1)})"


def _word(choose: Chooser, scope: Scope, depth: int = 1) -> str:
    if depth and choose.chance(25):
        operator = choose.choice(("+", "-", "&", "|", "^"))
        return f"({_word(choose, scope, 0)} {operator} {_word(choose, scope, 0)})"
    if depth and choose.chance(10):
        return f"({_word(choose, scope, 0)} {choose.choice(('<<', '>>'))} {choose.integer(0, 15)})"
    if depth and choose.chance(5):
        return f"({choose.integer(2, 9)} * {_word(choose, scope, 0)})"
    if scope.answer and choose.chance(40):
        return choose.choice(("r0", "wr0", "r1", "sent.x1", "sent.x7", "in.x2"))
    return choose.choice(scope.words)


def _constant(choose: Chooser) -> str:
    return choose.choice(CONSTANTS)


def _value(choose: Chooser, scope: Scope, number: int) -> str:
    kind = choose.integer(0, 9)
    if kind <= 3:
        return _word(choose, scope)
    if kind <= 6 or number == 0:
        return choose.choice(("0", "1", "-1", "-3", "0x1234", "0xffff_ffff", "x1 & 0xff"))
    return choose.choice(
        ("any", "any in { 0, -2, 7 }", "any in x1 .. x2", "any in caller.machine", "any in 3 .. 9")
    )


def _map(choose: Chooser, scope: Scope, *, zero: bool = True) -> str:
    numbers = sorted(
        {choose.choice((1, 2, 3, 4, 7, 8, 12, 17)) for _ in range(choose.integer(0, 3))}
    )
    entries = [f"x{number} = {_value(choose, scope, number)}" for number in numbers]
    if zero and choose.chance(50):
        entries.insert(0, f"x0 = {_value(choose, scope, 0)}")
    if choose.chance(10) and 1 not in numbers:
        entries.append("w1 = w2")
    return f"{{ {'; '.join(entries)} }}"


def _outcome(choose: Chooser, scope: Scope, *, place: str) -> str:
    kind = choose.integer(0, 13)
    effect = _effect(choose, scope) if choose.chance(35) else ""
    match kind:
        case 0 | 1 | 2 | 3:
            sent = _map(choose, scope, zero=False)
            after = Scope(answer=True, bound=scope.bound, words=scope.words)
            if choose.chance(20):
                sent = sent.replace("{ ", f"{{ x0 = {choose.choice(('0x32000004', '0x84000063', 'psci.VERSION', 'x0 & 0xffff_ffff'))}; ", 1)  # fmt: skip
            returning = f" returning {_map(choose, after)}" if choose.chance(30) else ""
            issuing = " issuing { flag := true; }" if choose.chance(15) else ""
            then = _effect(choose, after) if choose.chance(50) else ""
            if choose.chance(15):
                then = " then if not yields { thread[x3] := none; } else { thread[x3] := caller; }"
            return f"forward {sent}{returning}{issuing}{then}"
        case 4:
            return f"return {choose.choice(('NOT_SUPPORTED', '0', '0x1_0001', 'psci.DENIED', 'ffa_error(DENIED)'))}{effect}"
        case 5 | 6:
            return f"return {_map(choose, scope)}{effect}"
        case 7:
            return choose.choice(("undef", "undef elr after", "undef vector 0x200"))
        case 8:
            return f"stop {choose.choice(('vcpu', 'domain'))} {choose.choice(('', '{ x0 = -6 }'))}{effect}"
        case 9:
            return choose.choice(
                ("skip", "panic", 'return uuid("a71812dc-c698-4369-9acf-79d18ddee667")')
            )
        case 10:
            return f"resume at {_word(choose, scope)} with {_map(choose, scope)}"
        case 11 | 12 if place == "rule":
            return f"handle {choose.choice(('service', 'open_end', 'mediator'))}{effect}"
        case 13 if place == "rule":
            where = choose.choice(("at", "after"))
            writing = f" writing {_map(choose, scope)}" if choose.chance(40) else ""
            return f"deliver {choose.choice(('service', 'open_end'))} resuming {where}{writing}{effect}"
        case _:
            return "return NOT_SUPPORTED"


def _assignment(choose: Chooser) -> str:
    return choose.choice(
        (
            "now := run", "now := off", "holder := caller", "holder := none", "flag := not flag",
            "flag := x1 == 2", "count := count + 1", "count := w1", "seen[caller] := true",
            "seen[holder] := flag", "online[caller.vcpu] := 2", "thread[x3] := caller",
            "thread[1] := holder", "count := 3",
        )
    )  # fmt: skip


def _effect(choose: Chooser, scope: Scope) -> str:
    first, second = _assignment(choose), _assignment(choose)
    target = lambda text: text.partition(" :=")[0]  # noqa: E731
    body = f"{first};" if target(first) == target(second) else f"{first}; {second};"
    if choose.chance(35):
        other = f" else {{ {_assignment(choose)}; }}" if choose.chance(40) else ""
        return f" then if {_condition(choose, scope, 1)} {{ {body} }}{other}"
    return f" then {{ {body} }}"
