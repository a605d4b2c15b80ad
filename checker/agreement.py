"""Whether the solver's meaning of a step and the reference's are the same (test T1)."""

from smcproof.checker.symbolic.evaluation import SolverStep
from smcproof.spec.record import Step, exact


def disagreements(solver: SolverStep, step: Step) -> tuple[str, ...]:
    """What differs, in words; free registers must have chosen values. Empty if all agree."""
    found: list[str] = []

    def compare(what: str, theirs: object, ours: object) -> None:
        if theirs != ours:
            found.append(f"{what}: the prover says {_shown(theirs)}, the reference {_shown(ours)}")

    for term in solver.undecided:
        found.append(f"{term}: the prover's term does not come out as a constant")
    compare("rule", solver.rule, step.rule)
    compare("outcome", solver.outcome, step.outcome)
    compare("effective outcome", solver.effective, step.effective)
    compare("handler", solver.handler, step.handler)
    compare("SMCs sent", len(solver.sends), len(step.sends))
    for at, ((callee, registers), sent) in enumerate(zip(solver.sends, step.sends, strict=False)):
        compare(f"callee of SMC {at}", callee, sent.callee)
        for index, (theirs, ours) in enumerate(zip(registers, sent.registers, strict=True)):
            compare(f"x{index} of SMC {at}", theirs, exact(ours))
    compare("registers written", sorted(solver.written), [index for index, _ in step.written])
    for index, (theirs, value) in enumerate(zip(solver.registers, step.registers, strict=True)):
        compare(f"x{index}", theirs, exact(value))
    compare("pc", solver.pc, step.pc or 0)
    compare("resume address", solver.target, step.target or 0)
    compare("state", solver.values, step.after.values)
    return tuple(found)


def _shown(value: object) -> str:
    return f"{value:#x}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
