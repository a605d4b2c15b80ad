"""Every call by a domain that reaches the callee carries its id in the client register."""

from smcproof.checker.symbolic.compiler import domain_id
from smcproof.checker.symbolic.env import Sorts
from smcproof.checker.symbolic.factory import (
    Truth,
    conjunction,
    constant,
    differ,
    disjunction,
    equal,
    extract,
    variable,
)
from smcproof.checker.symbolic.properties.leaving import reaching
from smcproof.checker.symbolic.query import Context, Query
from smcproof.spec.types import DOMAIN
from smcproof.spec.word import truncate


def queries(context: Context) -> tuple[Query, ...]:
    policy, words = context.policy, context.words
    callee = str(context.claim.argument("callee"))
    client = policy.geometry.client_register
    bits = policy.geometry.narrow_bits[client]
    own = extract(domain_id(policy, context.call.caller), bits - 1, 0)
    sorts = Sorts(policy)
    other = variable("witness.other", sorts.domain_bits)
    shared = conjunction(
        (
            sorts.legal(other, DOMAIN),
            differ(other, context.call.caller),
            equal(extract(domain_id(policy, other), bits - 1, 0), own),
        )
    )
    hypervisor = equal(own, constant(truncate(policy.hypervisor_id, bits), bits))
    faults: list[Truth] = []
    for send in words.step.sends:
        carried = extract(send.registers[client].term, bits - 1, 0)
        fault = disjunction((differ(carried, own), shared, hypervisor))
        faults.append(conjunction((send.reaches[callee], fault)))
    return (
        Query(
            reaching(words, callee),
            disjunction(faults),
            (words,),
            witnesses=(("other", other),),
        ),
    )
