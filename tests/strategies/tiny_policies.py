"""Random policies of the tiny geometries, small enough that every call can be enumerated (test T3).

A policy starts well-behaved: immediates are undefined, functions are answered or forwarded with
clean registers and the caller's id, the rest is unknown. Habits of real systems are then mixed in,
each of which breaks some property, and some rules are plain noise.
"""

from dataclasses import dataclass, field
from pathlib import Path

from smcproof.spec.span import Source
from tests.strategies.chooser import Chooser

FOLDER = Path(__file__).parent

HABITS = (
    "wide-compare", "hint-ignored", "forward-all", "no-client-id", "shared-id", "zero-id",
    "dirty-arguments", "leaky-arguments", "leaky-results", "elr-after", "ignore-imm", "no-result",
    "success-for-unknown", "narrow-error", "foreign-error", "one-conduit", "one-width",
    "upper-half-check", "lifecycle-open", "address-unchecked", "power-forwarded", "dead-rule",
    "unused-allow", "panic", "write-more", "loose-answer", "vague-handler", "keep-state",
    "scalar-unchecked", "smc64-from-aarch32", "condition-ignored", "wrong-decider", "touch-delivery",
    "skip-known",
)  # fmt: skip


@dataclass
class Draft:
    """A policy in the making; ``arguments`` is how many argument registers the geometry has."""

    arguments: int
    imm: bool
    level: str
    habits: frozenset[str]
    headers: list[str] = field(default_factory=list[str])
    declarations: list[str] = field(default_factory=list[str])
    rules: list[str] = field(default_factory=list[str])
    claims: list[str] = field(default_factory=list[str])
    states: list[str] = field(default_factory=list[str])
    domains: int = 1
    aarch32: bool = False
    first: str = "a"

    @property
    def client(self) -> str:
        return f"x{self.arguments}"

    def has(self, habit: str) -> bool:
        return habit in self.habits


def tiny_policy(choose: Chooser, *, small: bool) -> Source:
    """A policy as text; ``small`` ones have at most 2**12 cases."""
    draft = _draft(choose, small=small)
    _domains(choose, draft)
    _services(choose, draft)
    _states(choose, draft)
    _rules(choose, draft)
    _claims(draft)
    lines = [
        "smcproof 1;",
        f"policy random at {draft.level} {{",
        *(f"    {line}" for line in draft.headers + draft.declarations + draft.states),
        *(f"    {line}" for line in draft.rules + draft.claims),
        "}",
    ]
    return Source(str(FOLDER / "random.smc"), "\n".join(lines) + "\n")


def _draft(choose: Chooser, *, small: bool) -> Draft:
    count = choose.choice((0, 0, 1, 1, 2, 3))
    habits = frozenset(choose.choice(HABITS) for _ in range(count))
    arguments = choose.choice((1, 2)) if not small else choose.choice((1, 1, 2))
    imm = choose.chance(50) if not small else choose.chance(35)
    level = "el2" if not small or choose.chance(60) else "el3"
    draft = Draft(arguments, imm, level, habits)
    suffix = "" if imm else "_noimm"
    draft.headers.append(f"geometry tiny{arguments}{suffix};")
    draft.headers.append("use tiny, tinytee;" if not choose.chance(50) else 'use tinytee, psci from "psci.toml";')
    if draft.has("wide-compare"):
        draft.headers.append("identifier x0;")
    elif draft.has("hint-ignored") or choose.chance(20):
        draft.headers.append("identifier canon;")
    if level == "el2" and (draft.has("one-conduit") or small and choose.chance(40)):
        pass
    elif level == "el2" and small and choose.chance(30):
        draft.headers.append("conduits smc;")
    if draft.has("narrow-error"):
        draft.headers.append("errors 6;")
    return draft


def _domains(choose: Chooser, draft: Draft) -> None:
    draft.domains = choose.choice((1, 2, 2))
    draft.aarch32 = draft.has("smc64-from-aarch32") or draft.has("condition-ignored") or choose.chance(15)
    state = " state = any;" if draft.aarch32 else ""
    ids = ["1", "2"]
    if draft.has("shared-id"):
        ids = ["1", "1"]
    if draft.has("zero-id"):
        ids[0] = "0"
    rams = choose.choice((("0 .. 1", "2 .. 3"), ("0 .. 3", "4 .. 5"), ("1 .. 1", "3 .. 7")))
    if draft.domains == 2 and choose.chance(25):
        draft.declarations.append(
            f"domain vm[i in 0..1] {{ id = i + {ids[0]};{state} ram = 0 + i * 2 .. +1; vcpus = 0x0, 0x1; }}"
            if choose.chance(30)
            else f"domain vm[i in 0..1] {{ id = i + {ids[0]};{state} ram = 0 + i * 2 .. +1; }}"
        )
        draft.declarations.append("group everyone = vm;")
        draft.first = "vm[0]"
        return
    names = ["a", "b"][: draft.domains]
    for at, name in enumerate(names):
        absent = " absent;" if at == 1 and choose.chance(8) else ""
        draft.declarations.append(
            f"domain {name} {{ id = {ids[at]};{state if at == 0 else ''}{absent} ram = {rams[at]}; }}"
        )
    draft.declarations.append(f"group everyone = {', '.join(names)};")
    draft.first = "a"


def _services(choose: Chooser, draft: Draft) -> None:
    draft.declarations.append("callee firmware { fast 0..0; }")
    yielding = " yielding 1..1;" if choose.chance(60) else ""
    draft.declarations.append(f"callee tee {{ fast 1..1;{yielding} lifecycle tinytee.DESTROYED; }}")
    draft.declarations.append("allow everyone -> tee : tinytee.TALK;")
    if draft.has("unused-allow") or choose.chance(10):
        draft.declarations.append("allow everyone -> firmware : 0x21;")
    if draft.has("lifecycle-open"):
        draft.declarations.append("allow everyone -> tee : tinytee.DESTROYED;")
    if choose.chance(20):
        draft.declarations.append("allow everyone -> firmware : 0x20 when sent.x1 == 0;")


def _states(choose: Chooser, draft: Draft) -> None:
    if choose.chance(45) or draft.has("keep-state"):
        draft.states.append("state busy : bool = false;")
    if choose.chance(25):
        draft.states.append("state owner : domain? = none;")


def _power(draft: Draft) -> str:
    return "psci" if any("psci" in line for line in draft.headers) else "tiny"


def _guard(choose: Chooser, draft: Draft) -> str:
    """A random condition over the call and the state."""
    parts = [
        "fid.owner == 1", "fid.fast", "not fid.fast", "fid.smc64", "fid.mbz", "x1 == 1", "x1 in 1..2",
        f"{draft.client} != 0", f"caller == {draft.first}", "w0 in { 0x28, 0x29 }", "tinytee.*",
        "w0 in 0x00 .. 0x1f", "x0[6] == 1", "x1 in caller.ram", "range(x1, 2) in caller.machine",
    ]  # fmt: skip
    if draft.level == "el2":
        parts.append("conduit == smc")
    if draft.imm:
        parts.append("visible(imm) and imm == 1")
    if any("busy" in state for state in draft.states):
        parts.extend(("busy", "not busy"))
    if any("owner" in state for state in draft.states):
        parts.extend(("owner == caller", "owner == none"))
    count = choose.choice((1, 1, 2))
    chosen = [choose.choice(parts) for _ in range(count)]
    text = " and ".join(dict.fromkeys(chosen))
    return text if not choose.chance(15) else f"({text.replace(' and ', ' or ')}) and w0 != 0x3f"


def _effect(choose: Chooser, draft: Draft) -> str:
    effects: list[str] = []
    if any("busy" in state for state in draft.states) and choose.chance(50):
        effects.append(f"busy := {choose.choice(('true', 'false', 'fid.fast'))}")
    if any("owner" in state for state in draft.states) and choose.chance(50):
        effects.append(f"owner := {choose.choice(('caller', 'none'))}")
    if not effects:
        return ""
    if len(effects) == 1 and choose.chance(30):
        return f" then if x1 == 1 {{ {effects[0]}; }}"
    return f" then {{ {'; '.join(effects)}; }}"


def _outcome(choose: Chooser, draft: Draft) -> str:
    """A random outcome of a noise rule."""
    client = draft.client
    options = [
        "return NOT_SUPPORTED", "return 0", "return tinytee.DENIED", "return 1", "undef", "skip",
        "return { x0 = any in { 0, -1 } }", "return { x0 = any in -3 .. -1 }", "return {}",
        f"forward {{ {client} = caller.id; }}", "forward", "stop domain", "stop vcpu { x0 = 0 }",
        "forward { x0 = 0x28; }", "forward { x1 = any; x0 = 0x28; }",
        "return { x0 = x1 }", "resume at 3 with { x0 = 1 }",
    ]  # fmt: skip
    return choose.choice(options)


def _rules(choose: Chooser, draft: Draft) -> None:
    rules = draft.rules
    client, power = draft.client, _power(draft)
    if draft.aarch32 and draft.level == "el2" and not draft.has("condition-ignored"):
        rules.append("rule condition : not condition_passed => skip;")
    if draft.imm and not draft.has("ignore-imm"):
        seen = "visible(imm) and " if draft.aarch32 else ""
        after = " elr after" if draft.has("elr-after") and draft.level == "el2" else ""
        rules.append(f"rule immediate : {seen}imm != 0 => undef{after};")
    elif draft.has("elr-after"):
        rules.append("rule late : fid.mbz and fid.fast => undef elr after;")
    if draft.aarch32 and not draft.has("smc64-from-aarch32"):
        rules.append("rule narrow : aarch32 and fid.smc64 => return NOT_SUPPORTED;")
    for number in range(choose.choice((0, 0, 0, 1, 1, 2))):
        rules.append(f"rule noise{number} : {_guard(choose, draft)} => {_outcome(choose, draft)};")
    if draft.has("dead-rule"):
        rules.append("rule first_one : fid.fast and fid.owner == 0 and fid.mbz => return NOT_SUPPORTED;")
        rules.append("rule dead : w0 == 0x24 => return 0;")
    if draft.has("panic"):
        rules.append("rule dies : fid.fast and fid.mbz and fid.owner == 1 => panic;")
    if draft.has("skip-known"):
        rules.append("rule skipped : w0 == 0x21 => skip;")
    if draft.has("touch-delivery") or choose.chance(25):
        written = " writing { x0 = 0 }" if draft.has("touch-delivery") else ""
        draft.declarations.append("handler monitor at el0;")
        rules.append(f"rule watched : fid.owner == 1 and fid.mbz and fid.fast => deliver monitor resuming at{written};")
    _power_rules(choose, draft, power)
    _tee_rules(choose, draft, client)
    if draft.has("success-for-unknown"):
        rules.append("rule generous : fid.fast and fid.mbz => return 0;")
    if draft.has("no-result"):
        rules.append("rule silent : fid.fast and fid.owner == 0 and not fid.mbz => return { x1 = 0 };")
    if draft.has("one-conduit") and draft.level == "el2":
        rules.append("rule only_smc : conduit == smc and fid.owner == 0 => return tinytee.DENIED;")
    if draft.has("foreign-error"):
        rules.append("rule foreign : fid.owner == 0 and fid.fast => return -3;")
    if draft.has("forward-all"):
        rules.append(f"rule rest : fid.owner == 1 => forward {{ {client} = caller.id; }};")
    rules.append("otherwise => return NOT_SUPPORTED;")


def _power_rules(choose: Chooser, draft: Draft, power: str) -> None:
    rules = draft.rules
    function = "psci.CPU_ON" if power == "psci" else "tiny.PAIR"
    head = f"{function}.smc32" if draft.has("one-width") else function
    if draft.has("upper-half-check"):
        rules.append(f"rule checked : {head} and x1 == 1 => return 1;")
    if draft.has("power-forwarded"):
        rules.append(f"rule power : {head} => forward {{ {draft.client} = caller.id; }};")
        draft.declarations.append("allow everyone -> firmware : 0x20, 0x30;")
    elif draft.has("vague-handler"):
        draft.declarations.append("handler vague;")
        rules.append(f"rule power : {head} => handle vague;")
    elif draft.has("loose-answer") or choose.chance(25):
        codes = choose.choice(("0, -1", "-1, -2", "0, -2", "-1"))
        draft.declarations.append(
            f"handler service {{ on fid.smc64 and x1 == 0 => return 0; otherwise => return {{ x0 = any in {{ {codes} }} }}; }}"
        )
        rules.append(f"rule power : {head} => handle service;")
    else:
        limit = " and w1 == 0" if power == "tiny" and not draft.has("scalar-unchecked") else ""
        rules.append(f"rule power : {head}{limit} => return 0{_leak(draft)};")


def _leak(draft: Draft) -> str:
    return ""


def _tee_rules(choose: Chooser, draft: Draft, client: str) -> None:
    rules = draft.rules
    head = "tinytee.*" if draft.has("lifecycle-open") else "tinytee.TALK"
    entries: list[str] = []
    if draft.arguments == 2:
        if draft.has("leaky-arguments"):
            entries.append("x1 = leaked")
        elif not draft.has("dirty-arguments"):
            entries.append("x1 = w1" if choose.chance(70) else "x1 = 0")
    if not draft.has("no-client-id"):
        entries.append(f"{client} = caller.id")
    elif draft.has("leaky-arguments"):
        entries.append(f"{client} = leaked")
    checks = "" if draft.has("address-unchecked") else " and w1 in caller.machine"
    guarded = checks if draft.arguments == 2 else ""
    more = _state_guard(choose, draft)
    returning = " returning { x1 = leaked }" if draft.has("leaky-results") else ""
    if draft.has("write-more"):
        returning = " returning { x1 = 0 }"
    effect = _effect(choose, draft)
    body = f" {{ {'; '.join(entries)}; }}" if entries else ""
    rules.append(f"rule talk : {head}{guarded}{more} => forward{body}{returning}{effect};")
    if draft.has("wrong-decider"):
        rules.append("rule other : fid.owner == 1 and fid.smc64 => return tinytee.DENIED;")


def _state_guard(choose: Chooser, draft: Draft) -> str:
    parts: list[str] = []
    if any("busy" in state for state in draft.states) and choose.chance(40):
        parts.append("not busy")
    if any("owner" in state for state in draft.states) and choose.chance(60):
        parts.append("(owner == none or owner == caller)")
    return "".join(f" and {part}" for part in parts)


def _claims(draft: Draft) -> None:
    first = draft.first.partition("[")[0]
    named = [line.split()[1] for line in draft.rules if line.startswith("rule")]
    deciders = [name for name in ("talk", "power", "immediate", "narrow", "condition") if name in named]
    claims = [
        "no_unauthorized_forwarding", "canonical_id", "imm_zero", "exact_id", "twin_consistency",
        "conduit_parity", f"range_covers(tinytee, {{ {', '.join(deciders)}, otherwise }})",
        f"reserved_ids({{ 0x28, 0x38 }}, {{ {', '.join(deciders)} }})", "result_written",
        "fail_closed", "error_form", "no_result_leak", "no_argument_leak", "client_id(tee)",
        "lifecycle_only_hypervisor(tee)", "arguments_in_domain", "args_width", "check_width",
        "no_smc64_from_aarch32", "least_privilege", "no_dead_rule", "cpu_targets_own", "pc_rule",
        "registers_preserved", "condition_failed_is_skip", "state_atomic", "never_panics",
    ]  # fmt: skip
    if "psci" in " ".join(draft.headers):
        claims.append("psci_virtual")
    else:
        claims.append("scalar_in_range(tiny)")
    if "watched" in named:
        claims.append(f"monitor_exclusive({first}, monitor)")
    claims.append(f"mine : always reaches(tee) implies sent.{draft.client} == caller.id")
    claims.append("never_both : always not (refused and succeeds)")
    claims.append("goal : reachable reaches(tee) and fid.smc64")
    draft.claims.extend(f"prove {claim};" for claim in claims)
