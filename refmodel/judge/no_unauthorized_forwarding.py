"""`no_unauthorized_forwarding`: every SMC that leaves, whoever issues it, is covered by an
`allow`."""

from smcproof.refmodel.judge.allowing import uncovered
from smcproof.refmodel.judge.leaving import leaving
from smcproof.refmodel.judge.trial import Finding, Trial
from smcproof.refmodel.judge.wording import shown, shown_identifier, shown_issuer
from smcproof.spec.interval import IntervalSet


def premise(trial: Trial) -> bool:
    """An SMC leaves."""
    return bool(trial.step.sends)


def judge(trial: Trial) -> Finding | None:
    """An SMC with some value that no `allow` covers; values that cannot all be tried and of which
    none was chosen leave it open."""
    policy, step = trial.policy, trial.step
    doubt: Finding | None = None
    for sent in leaving(policy, step):
        missing = uncovered(policy, step, sent)
        if missing is None:
            continue
        who = shown_issuer(policy, step)
        finding = Finding(
            f"an `allow` for {who} to make `{sent.callee}` see {_ids(trial, missing.ids)}",
            "it leaves and no `allow` covers it"
            if missing.decided
            else "whether an `allow` covers it depends on the value of a free register",
            sent.index,
            undecided=not missing.decided,
        )
        if missing.decided:
            return finding
        doubt = doubt or finding
    return doubt


def _ids(trial: Trial, ids: IntervalSet) -> str:
    if ids.size == 1:
        return shown_identifier(trial.policy, ids.least)
    return shown(ids)
