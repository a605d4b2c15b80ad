"""Random policies of the tiny geometries, small enough that every call can be enumerated (test T3).

A policy starts well-behaved: immediates are undefined, functions are answered or forwarded with
clean registers and the caller's id, the rest is unknown. Habits of real systems are then mixed in,
each of which breaks some property, and some rules are plain noise.
"""

from dataclasses import dataclass, field
from pathlib import Path

from smcproof.spec.span import Source
from tests.strategies.chooser import Chooser
from tests.strategies.focus import FOCUSES, HABITS, Focus

FOLDER = Path(__file__).parent

SMALL_BITS = 12
"""Bits of call and state that a small policy's cases have; a callee's answer adds at most one."""

WISHES = {"domains": 1, "conduits": 1, "imm": 1, "flag": 1, "owner": 2, "aarch32": 1}
"""What a policy may have besides registers, and how many bits of cases it costs."""


@dataclass
class Draft:
    """A policy in the making; ``arguments`` is how many argument registers the geometry has."""

    arguments: int
    habits: frozenset[str]
    wishes: frozenset[str]
    level: str
    power: str
    family: bool
    headers: list[str] = field(default_factory=list[str])
    declarations: list[str] = field(default_factory=list[str])
    rules: list[str] = field(default_factory=list[str])

    @property
    def client(self) -> str:
        return f"x{self.arguments}"

    @property
    def first(self) -> str:
        return "vm[0]" if self.family else "a"

    @property
    def function(self) -> str:
        return "psci.CPU_ON" if self.power == "psci" else "tiny.PAIR"

    def has(self, habit: str) -> bool:
        return habit in self.habits

    def wants(self, wish: str) -> bool:
        return wish in self.wishes


def tiny_policy(
    choose: Chooser, *, small: bool, focus: str | None = None, claims: int | None = None
) -> Source:
    """A policy as text; ``small`` ones have at most 2**12 cases. With ``focus`` the policy is made so
    that this property can go either way; ``claims`` limits how many properties it claims."""
    draft = _draft(choose, small=small, focus=None if focus is None else FOCUSES[focus])
    _headers(choose, draft)
    _domains(choose, draft)
    _callees(choose, draft)
    _rules(choose, draft)
    stated = _claims(choose, draft, focus, claims)
    lines = [*draft.headers, *draft.declarations, *draft.rules, *stated]
    body = "".join(f"    {line}\n" for line in lines)
    text = f"smcproof 1;\npolicy random at {draft.level} {{\n{body}}}\n"
    return Source(str(FOLDER / "random.smc"), text)


def _draft(choose: Chooser, *, small: bool, focus: Focus | None) -> Draft:
    habits = {choose.choice(HABITS) for _ in range(choose.choice((0, 0, 1, 1, 2)))}
    needs: tuple[str, ...] = ()
    arguments = choose.choice((1, 1, 2)) if small else 2
    power = choose.choice(("psci", "tiny"))
    if focus is not None:
        habits |= {choose.choice(focus.habits)} if choose.chance(55) else set(focus.keeps)
        needs, power = focus.wishes, focus.power or power
        arguments = focus.arguments or arguments
    left = SMALL_BITS - 7 - 2 * arguments if small else sum(WISHES.values())
    order = [*needs]
    rest = [wish for wish in WISHES if wish not in needs]
    while rest:
        order.append(rest.pop(choose.integer(0, len(rest) - 1)))
    wishes: set[str] = set()
    for wish in order:
        if WISHES[wish] <= left:
            wishes.add(wish)
            left -= WISHES[wish]
    trapped = bool(wishes & {"conduits", "aarch32"})
    level = "el2" if trapped or choose.chance(50) else "el3"
    family = "domains" in wishes and not habits & {"shared-id", "zero-id"} and choose.chance(30)
    return Draft(arguments, frozenset(habits), frozenset(wishes), level, power, family)


def _headers(choose: Chooser, draft: Draft) -> None:
    suffix = "" if draft.wants("imm") else "_noimm"
    draft.headers.append(f"geometry tiny{draft.arguments}{suffix};")
    power = 'psci from "psci.toml"' if draft.power == "psci" else "tiny"
    draft.headers.append(f"use tinytee, {power};")
    if draft.has("wide-compare"):
        draft.headers.append("identifier x0;")
    elif draft.has("hint-ignored") or choose.chance(20):
        draft.headers.append("identifier canon;")
    if draft.level == "el2" and not draft.wants("conduits"):
        draft.headers.append("conduits smc;")
    if draft.has("narrow-error"):
        draft.headers.append("errors 6;")


def _domains(choose: Chooser, draft: Draft) -> None:
    add = draft.declarations.append
    state = " state = any;" if draft.wants("aarch32") else ""
    if draft.family:
        add(f"domain vm[i in 0..1] {{ id = i + 1;{state} ram = 0 + i * 2 .. +1; }}")
        add("group everyone = vm;")
        return
    ids = (
        ["1", "1"] if draft.has("shared-id") else ["0", "2"] if draft.has("zero-id") else ["1", "2"]
    )
    rams = choose.choice((("0 .. 1", "2 .. 3"), ("0 .. 3", "4 .. 5"), ("1 .. 1", "3 .. 7")))
    names = ["a", "b"] if draft.wants("domains") else ["a"]
    for at, name in enumerate(names):
        absent = " absent;" if at == 1 and choose.chance(8) else ""
        mine = state if at == 0 else ""
        add(f"domain {name} {{ id = {ids[at]};{mine}{absent} ram = {rams[at]}; }}")
    add(f"group everyone = {', '.join(names)};")


def _callees(choose: Chooser, draft: Draft) -> None:
    add = draft.declarations.append
    yielding = " yielding 1..1;" if choose.chance(60) else ""
    add("callee firmware { fast 0..0; }")
    add(f"callee tee {{ fast 1..1;{yielding} lifecycle tinytee.DESTROYED; }}")
    add("allow everyone -> tee : tinytee.TALK;")
    if draft.has("unused-allow"):
        add("allow everyone -> firmware : 0x21;")
    if draft.has("lifecycle-open"):
        add("allow everyone -> tee : tinytee.DESTROYED;")
    if choose.chance(10):
        add("allow everyone -> firmware : 0x20 when sent.x1 == 0;")
    if draft.wants("flag"):
        add("state busy : bool = false;")
    if draft.wants("owner"):
        add("state owner : domain? = none;")


# ---- rules ---------------------------------------------------------------------------------


def _rules(choose: Chooser, draft: Draft) -> None:
    rules = draft.rules
    _entry_rules(draft)
    for number in range(choose.choice((0, 0, 0, 1, 1, 2))):
        guard, outcome = _guard(choose, draft), _noise(choose, draft)
        rules.append(f"rule noise{number} : {guard} => {outcome};")
    _ghost_rules(draft)
    _odd_rules(draft)
    _power_rules(choose, draft)
    _tee_rules(choose, draft)
    if draft.has("success-for-unknown"):
        rules.append("rule generous : fid.fast and fid.mbz => return 0;")
    if draft.has("no-result"):
        rules.append("rule silent : fid.fast and fid.owner == 0 => return { x1 = 0 };")
    if draft.has("foreign-error"):
        rules.append("rule foreign : fid.owner == 0 and fid.fast => return -3;")
    if draft.has("forward-all"):
        rules.append(f"rule rest : fid.owner == 1 => forward {{ {draft.client} = caller.id; }};")
    rules.append("otherwise => return NOT_SUPPORTED;")


def _entry_rules(draft: Draft) -> None:
    """What a careful dispatcher does first, unless a habit leaves it out."""
    rules = draft.rules
    if draft.wants("aarch32") and not draft.has("condition-ignored"):
        rules.append("rule condition : not condition_passed => skip;")
    if draft.wants("imm") and not draft.has("ignore-imm"):
        seen = "visible(imm) and " if draft.wants("aarch32") else ""
        after = " elr after" if draft.has("elr-after") else ""
        rules.append(f"rule immediate : {seen}imm != 0 => undef{after};")
    if draft.wants("aarch32") and not draft.has("smc64-from-aarch32"):
        rules.append("rule narrow : aarch32 and fid.smc64 => return NOT_SUPPORTED;")
    if draft.has("deliver-all") or draft.has("touch-delivery"):
        draft.declarations.append("handler monitor at el0;")
        written = " writing { x0 = 0 }" if draft.has("touch-delivery") else ""
        draft.rules.insert(
            0,
            f"rule watched : caller == {draft.first} and fid.mbz => deliver monitor resuming at{written};",
        )
        if draft.has("deliver-all"):
            draft.rules[0] = (
                f"rule watched : caller == {draft.first} => deliver monitor resuming at;"
            )


def _ghost_rules(draft: Draft) -> None:
    """Rules that nothing can reach, so that a property holds though not by definition."""
    never = "fid.fast and not fid.fast"
    ghosts = {
        "ghost-leak": "forward { x1 = leaked } returning { x1 = leaked }",
        "ghost-elr": "undef elr after",
        "ghost-write": "return { x0 = 0; x1 = 0 }",
        "ghost-panic": "panic",
    }
    for habit, outcome in ghosts.items():
        if draft.has(habit):
            draft.rules.append(f"rule ghost : {never} => {outcome};")
            return


def _odd_rules(draft: Draft) -> None:
    rules = draft.rules
    if draft.has("dead-rule"):
        rules.append(
            "rule taken : fid.fast and fid.owner == 0 and fid.mbz => return NOT_SUPPORTED;"
        )
        rules.append("rule dead : w0 == 0x24 => return 0;")
    if draft.has("panic"):
        rules.append("rule dies : fid.fast and fid.mbz and fid.owner == 1 => panic;")
    if draft.has("skip-known"):
        rules.append("rule skipped : w0 == 0x21 => skip;")
    if draft.has("elr-after") and not draft.wants("imm"):
        rules.append("rule late : fid.mbz and fid.fast => undef elr after;")
    if draft.has("one-conduit") and draft.wants("conduits"):
        rules.append("rule only_smc : conduit == smc and fid.owner == 0 => return tinytee.DENIED;")
    if draft.has("wrong-decider"):
        rules.append("rule other : tinytee.TALK.smc64 => return tinytee.DENIED;")


def _power_rules(choose: Chooser, draft: Draft) -> None:
    rules = draft.rules
    head = f"{draft.function}.smc32" if draft.has("one-width") else draft.function
    if draft.has("upper-half-check"):
        rules.append(f"rule checked : {head} and x1 == 1 => return 1;")
    if draft.has("power-forwarded") or draft.has("own-cpu"):
        target = "x1 = 0; " if draft.has("own-cpu") and draft.arguments == 2 else ""
        rules.append(f"rule power : {head} => forward {{ {target}{draft.client} = caller.id; }};")
        draft.declarations.append("allow everyone -> firmware : 0x20, 0x30;")
    elif draft.has("vague-handler"):
        draft.declarations.append("handler vague;")
        rules.append(f"rule power : {head} => handle vague;")
    elif draft.has("loose-answer") or choose.chance(25):
        codes = choose.choice(("0, -1", "-1, -2", "0, -2", "-1"))
        draft.declarations.append(
            "handler service { on fid.smc64 and x1 == 0 => return 0; "
            f"otherwise => return {{ x0 = any in {{ {codes} }} }}; }}"
        )
        rules.append(f"rule power : {head} => handle service;")
    else:
        checked = draft.power == "tiny" and not draft.has("scalar-unchecked")
        rules.append(f"rule power : {head}{' and w1 == 0' if checked else ''} => return 0;")


def _tee_rules(choose: Chooser, draft: Draft) -> None:
    head = "tinytee.*" if draft.has("lifecycle-open") else "tinytee.TALK"
    if draft.has("one-width-tee"):
        head = "tinytee.TALK.smc32"
    entries: list[str] = []
    if draft.arguments == 2:
        if draft.has("leaky-arguments"):
            entries.append("x1 = leaked")
        elif not draft.has("dirty-arguments"):
            entries.append("x1 = w1" if choose.chance(70) else "x1 = 0")
    if not draft.has("no-client-id"):
        entries.append(f"{draft.client} = caller.id")
    guard = ""
    if draft.arguments == 2 and not draft.has("address-unchecked"):
        guard = " and w1 in caller.machine"
    if draft.wants("flag") and choose.chance(40):
        guard += " and not busy"
    if draft.wants("owner") and choose.chance(60):
        guard += " and (owner == none or owner == caller)"
    returning = ""
    if draft.has("leaky-results"):
        returning = " returning { x1 = leaked }"
    elif draft.has("write-more"):
        returning = " returning { x1 = 0 }"
    body = f" {{ {'; '.join(entries)}; }}" if entries else ""
    draft.rules.append(
        f"rule talk : {head}{guard} => forward{body}{returning}{_effect(choose, draft)};"
    )


def _effect(choose: Chooser, draft: Draft) -> str:
    effects: list[str] = []
    if draft.has("state-on-success") and draft.wants("flag"):
        return " then if wr0 == 0 { busy := true; }"
    if draft.wants("flag") and (draft.has("keep-state") or choose.chance(40)):
        effects.append(f"busy := {choose.choice(('true', 'fid.fast'))}")
    if draft.wants("owner") and choose.chance(50):
        effects.append(f"owner := {choose.choice(('caller', 'none'))}")
    if not effects:
        return ""
    if len(effects) == 1 and choose.chance(30):
        return f" then if x1 == 1 {{ {effects[0]}; }}"
    return f" then {{ {'; '.join(effects)}; }}"


def _guard(choose: Chooser, draft: Draft) -> str:
    """A random condition over the call and the state."""
    parts = [
        "fid.owner == 1", "fid.fast", "not fid.fast", "fid.smc64", "fid.mbz", "x1 == 1",
        "x1 in 1..2", f"{draft.client} != 0", f"caller == {draft.first}", "w0 in { 0x28, 0x29 }",
        "tinytee.*", "w0 in 0x00 .. 0x1f", "x0[6] == 1", "x1 in caller.ram",
        "range(x1, 2) in caller.machine", "x1 + 1 == w0[1:0]", "canon & 0x21 == 0x20",
    ]  # fmt: skip
    if draft.wants("conduits"):
        parts.append("conduit == smc")
    if draft.wants("imm"):
        parts.append("visible(imm) and imm == 1")
    if draft.wants("flag"):
        parts.extend(("busy", "not busy"))
    if draft.wants("owner"):
        parts.extend(("owner == caller", "owner == none"))
    chosen = [choose.choice(parts) for _ in range(choose.choice((1, 1, 2)))]
    text = " and ".join(dict.fromkeys(chosen))
    return text if not choose.chance(15) else f"({text.replace(' and ', ' or ')}) and w0 != 0x3f"


def _noise(choose: Chooser, draft: Draft) -> str:
    """A random outcome."""
    options = [
        "return NOT_SUPPORTED", "return 0", "return tinytee.DENIED", "return 1", "undef", "skip",
        "return { x0 = any in { 0, -1 } }", "return { x0 = any in -3 .. -1 }", "return {}",
        f"forward {{ {draft.client} = caller.id; }}", "forward", "stop domain",
        "stop vcpu { x0 = 0 }", "forward { x0 = 0x28; }", "forward { x1 = any; x0 = 0x28; }",
        "return { x0 = x1 }", "resume at 3 with { x0 = 1 }", "return { x0 = any in x1 .. 2 }",
        "forward { x0 = any in { 0x28, 0x38 }; }", "forward { x1 = any in caller.machine; }",
    ]  # fmt: skip
    effect = _effect(choose, draft)
    chosen = choose.choice(options)
    if chosen == "skip" or (effect and "wr0" in effect and not chosen.startswith("forward")):
        return chosen
    return chosen + effect


# ---- claims --------------------------------------------------------------------------------


def _claims(choose: Chooser, draft: Draft, focus: str | None, most: int | None) -> list[str]:
    first = draft.first.partition("[")[0]
    named = [line.split()[1] for line in draft.rules if line.startswith("rule")]
    known = ("talk", "power", "immediate", "narrow", "condition")
    deciders = [name for name in known if name in named]
    everyone = [*deciders, "otherwise"]
    reserved = everyone if draft.has("wrong-decider") or choose.chance(70) else deciders
    claims = {name: name for name in FOCUSES}
    claims["range_covers"] = f"range_covers(tinytee, {{ {', '.join(everyone)} }})"
    claims["reserved_ids"] = f"reserved_ids({{ 0x28, 0x38 }}, {{ {', '.join(reserved)} }})"
    claims["client_id"] = "client_id(tee)"
    claims["lifecycle_only_hypervisor"] = "lifecycle_only_hypervisor(tee)"
    claims["scalar_in_range"] = "scalar_in_range(tiny)"
    claims["monitor_exclusive"] = f"monitor_exclusive({first}, monitor)"
    claims["mine"] = f"mine : always reaches(tee) implies sent.{draft.client} == caller.id"
    claims["goal"] = "goal : reachable reaches(tee) and fid.smc64"
    if draft.power != "tiny":
        del claims["scalar_in_range"]
    if draft.power != "psci":
        del claims["psci_virtual"]
    if "watched" not in named:
        del claims["monitor_exclusive"]
    order = list(claims)
    if most is not None:
        kept = [focus] if focus in claims and focus is not None else []
        while len(kept) < min(most, len(claims)):
            name = choose.choice(order)
            if name not in kept:
                kept.append(name)
        order = kept
    return [f"prove {claims[name]};" for name in order]
