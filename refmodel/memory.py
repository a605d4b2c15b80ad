"""Whether a range of addresses lies in a domain's memory, by its definition [EVAL-REGION]."""

from smcproof.spec.core_policy import CorePolicy


def regions(policy: CorePolicy, domain: int, space: str) -> tuple[tuple[int, int], ...]:
    """The regions (first and last address) of ``space``, ram or machine, of a domain."""
    block = policy.block_of(domain)
    declared = block.ram if space == "ram" else block.machine
    position = domain - block.first
    return tuple((region.low.at(position), region.high.at(position)) for region in declared)


def within(policy: CorePolicy, domain: int, space: str, base: int, size: int) -> bool:
    """``size`` bytes from ``base`` lie in one region. A range that runs over the end of the address
    space is in none; an empty one needs its base to be 0 or in a region."""
    known = regions(policy, domain, space)
    if size == 0:
        return base == 0 or any(low <= base <= high for low, high in known)
    last = base + size - 1
    if last >> policy.geometry.word_bits:
        return False
    return any(low <= base and last <= high for low, high in known)
