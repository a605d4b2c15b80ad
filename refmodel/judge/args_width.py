"""`args_width`: arguments of SMC32 calls leave zero-extended."""

from collections.abc import Iterator

from smcproof.refmodel.judge.halves import everything
from smcproof.refmodel.judge.leaving import Leaving, by_domain, held
from smcproof.refmodel.judge.trial import Finding, Trial
from smcproof.refmodel.judge.wording import shown
from smcproof.spec.interval import IntervalSet


def _narrow(trial: Trial) -> Iterator[Leaving]:
    """The SMCs by a domain that may leave with the smc64 bit clear."""
    geometry = trial.policy.geometry
    wide = geometry.smc64.mask
    for sent in by_domain(trial.policy, trial.step):
        clear = IntervalSet.of(
            (low, low + wide - 1) for low in range(0, 1 << geometry.id_bits, 2 * wide)
        )
        if sent.ids & clear:
            yield sent


def premise(trial: Trial) -> bool:
    """An SMC by a domain leaves whose canon(x0) has its smc64 bit clear."""
    return any(True for _ in _narrow(trial))


def judge(trial: Trial) -> Finding | None:
    """Such an SMC in which an argument register may hold something above the narrow width."""
    geometry = trial.policy.geometry
    for sent in _narrow(trial):
        for number in range(1, geometry.arguments):
            bits = geometry.narrow_bits[number]
            above = held(trial.policy, sent.sent, number) - everything(bits)
            if above:
                return Finding(
                    f"x{number} of an SMC32 call has nothing above bit {bits - 1}",
                    f"x{number} leaves as {shown(above)}",
                    sent.index,
                )
    return None
