"""A call that no rule decides, found by the solver [DISPATCH-TOTAL]."""

from smcproof.checker.call_text import describe_call, registers_text, state_text
from smcproof.checker.symbolic.solver import Limits
from smcproof.checker.symbolic.verifier import uncovered_call
from smcproof.spec.core_policy import Claim, CorePolicy

_CLAIM_TITLE = "total"


def find_gap(policy: CorePolicy) -> str | None:
    """The message of a policy that leaves a call without a rule, with the least such call; None if
    every call is covered."""
    claim = Claim(_CLAIM_TITLE, "total", None, (), None, (), None, None, None, policy.main.span)
    found = uncovered_call(policy, claim, Limits())
    if found is None:
        return None
    if found.case is None:
        return f"whether every call is covered could not be decided: {found.reason}"
    call = found.case.calls[0]
    text = f"no rule decides this call: {describe_call(policy, call)}"
    rest = registers_text((0, *call.x[1:]), policy.geometry)
    if any(call.x[1:]):
        text += f", {rest}"
    if policy.states:
        text += f", in state {state_text(policy, found.case.state)}"
    return text
