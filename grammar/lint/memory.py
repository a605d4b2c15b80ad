"""Domains that share memory or an id [LINT-OVERLAP] [LINT-EQUAL-IDS]."""

from smcproof.grammar.elaborate.environment import Environment
from smcproof.spec.core import Affine, DomainBlock, Region
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.diagnostic import Note


def lint_memory(policy: CorePolicy, env: Environment) -> None:
    blocks = policy.domains
    for at, block in enumerate(blocks):
        _check_ids(policy, env, block)
        for other in blocks[: at + 1]:
            _check_overlap(env, block, other)
            if other is not block:
                _check_equal_ids(env, block, other)


def _spread(region: Region, count: int) -> tuple[int, int]:
    """The lowest and highest address that any member's region has."""
    lows = [region.low.at(at) for at in (0, count - 1)]
    highs = [region.high.at(at) for at in (0, count - 1)]
    return min(lows), max(highs)


def _check_overlap(env: Environment, block: DomainBlock, other: DomainBlock) -> None:
    for mine in block.machine:
        for theirs in other.machine:
            if block is other:
                clash = _members_overlap(mine, theirs, block.count)
            else:
                clash = _blocks_overlap(mine, block.count, theirs, other.count)
            if clash:
                who = (
                    f"members of `{block.name}` share memory"
                    if block is other
                    else f"`{block.name}` and `{other.name}` share memory"
                )
                env.report.warning(
                    "memory-overlap",
                    who,
                    block.span,
                    "give each its own region, or `machine` regions if only the guest view overlaps",
                    *(() if block is other else (Note(f"`{other.name}` stands here", other.span),)),
                )
                return


def _blocks_overlap(mine: Region, count: int, theirs: Region, others: int) -> bool:
    """Exact for at most one family with members on each side; families are walked by stride."""
    low, high = _spread(mine, count)
    low2, high2 = _spread(theirs, others)
    if high < low2 or high2 < low:
        return False
    if count > others:
        return _blocks_overlap(theirs, others, mine, count)
    return any(_hits(theirs, others, mine.low.at(at), mine.high.at(at)) for at in range(count))


def _hits(region: Region, count: int, low: int, high: int) -> bool:
    """Whether some member's region meets low..high; found by its stride, not by search."""
    if region.low.step == 0 or region.low.step != region.high.step:
        return any(region.low.at(at) <= high and low <= region.high.at(at) for at in range(count))
    step = region.low.step
    candidates = {0, count - 1}
    for bound in (low - region.high.base, high - region.low.base):
        candidates |= {bound // step + near for near in (-1, 0, 1)}
    return any(
        0 <= at < count and region.low.at(at) <= high and low <= region.high.at(at)
        for at in candidates
    )


def _members_overlap(mine: Region, theirs: Region, count: int) -> bool:
    """Whether two different members of one family overlap."""
    if count == 1:
        return False
    return any(
        mine.low.at(at) <= theirs.high.at(other) and theirs.low.at(other) <= mine.high.at(at)
        for at, other in ((0, 1), (1, 0), (0, count - 1), (count - 2, count - 1))
        if at != other
    )


def _check_ids(policy: CorePolicy, env: Environment, block: DomainBlock) -> None:
    ids = block.id
    if block.count > 1 and ids.step == 0:
        env.report.warning(
            "equal-ids",
            f"all members of `{block.name}` have the id {ids.base:#x}",
            block.span,
            "let the id depend on the family's index",
        )
    if _takes(ids, block.count, policy.hypervisor_id):
        env.report.warning(
            "equal-ids",
            f"`{block.name}` has the hypervisor's id {policy.hypervisor_id:#x}",
            block.span,
            "a callee could not tell them apart; choose another id",
        )


def _takes(ids: Affine, count: int, value: int) -> bool:
    if ids.step == 0:
        return ids.base == value
    at, rest = divmod(value - ids.base, ids.step)
    return rest == 0 and 0 <= at < count


def _check_equal_ids(env: Environment, block: DomainBlock, other: DomainBlock) -> None:
    few, many = sorted((block, other), key=lambda entry: entry.count)
    if any(_takes(many.id, many.count, few.id.at(at)) for at in range(few.count)):
        env.report.warning(
            "equal-ids",
            f"`{block.name}` and `{other.name}` share an id",
            block.span,
            "a callee could not tell them apart; choose another id",
            Note(f"`{other.name}` stands here", other.span),
        )
