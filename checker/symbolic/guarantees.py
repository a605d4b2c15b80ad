"""Properties that the outcome table alone guarantees, because nothing in the policy writes what could
break them [PROPERTY-BY-DEFINITION]."""

from smcproof.spec.core import (
    Answer,
    Deliver,
    Forward,
    Free,
    Leave,
    Registers,
    Resume,
    Rule,
    Undefined,
)
from smcproof.spec.core_policy import Claim, CorePolicy
from smcproof.spec.core_walk import policy_rules


def by_definition(policy: CorePolicy, claim: Claim) -> bool:
    """Whether the claim holds whatever the guards say."""
    rules = tuple(policy_rules(policy))
    match claim.property:
        case "pc_rule":
            return not any(
                isinstance(rule.outcome, Undefined) and rule.outcome.after for rule in rules
            )
        case "registers_preserved":
            common = set(range(policy.geometry.registers))
            for owned in policy.forms:
                common &= set(owned.results)
            return all(index in common for rule in rules for index, _ in written_registers(rule))
        case "no_result_leak":
            return not any(_leaks(written_registers(rule)) for rule in rules)
        case "no_argument_leak":
            return not any(_leaks(sent) for rule in rules for sent in sent_registers(rule))
        case "never_panics":
            return not any(
                isinstance(rule.outcome, Leave) and rule.outcome.word == "panic" for rule in rules
            )
        case "state_atomic":
            return not any(rule.effects or rule.issuing or rule.emits for rule in rules)
        case "total":
            return True
        case _:
            return False


def _leaks(registers: Registers) -> bool:
    return any(isinstance(source, Free) and source.leaked for _, source in registers)


def written_registers(rule: Rule) -> Registers:
    """What a rule's own outcome writes for the caller, where the caller runs on."""
    match rule.outcome:
        case Forward(results=results):
            return results
        case Answer(written=written) | Deliver(written=written) | Resume(written=written):
            return written
        case _:
            return ()


def sent_registers(rule: Rule) -> tuple[Registers, ...]:
    own = (rule.outcome.sent,) if isinstance(rule.outcome, Forward) else ()
    return (*own, *(send.sent for send in rule.sends))
