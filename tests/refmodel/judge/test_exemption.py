"""Exceptions: what they leave out of single calls, of pairs and of events."""

from smcproof.refmodel.judge import catalogue
from smcproof.spec.call import Conduit
from tests.refmodel.judge.court import Hear

BODY = """
    use psci 1.1;
    domain a { id = 1; }
    domain b { id = 2; }
    callee firmware { fast 0..4; }
    event scrub(d : domain);
    event fault(d : domain);
    handler h { on psci.CPU_OFF => return 0 emits fault(caller); otherwise => panic; }
    rule power : psci.* => handle h;
    otherwise => undef elr after;
    on scrub(d) => forward { x0 = psci.SYSTEM_OFF; };
    on destroy(d) => panic;
    on fault(d) => panic;
"""


def test_by_identifier_as_entered(hear: Hear) -> None:
    court = hear(BODY, 'pc_rule except 0x85000000 because "x"')
    assert court.exempt(court.call(0x8500_0000))
    assert court.exempt(court.call(0x7_8501_0000))
    assert court.judged(court.call(0x8500_0000)) is None
    assert court.premise(court.call(0x8500_0000))  # the premise does not look at exceptions
    assert court.judged(court.call(0x8500_0001)) is not None


def test_by_caller_and_by_conduit(hear: Hear) -> None:
    court = hear(BODY, 'pc_rule except caller b because "x"')
    assert court.exempt(court.call(0x8500_0000, caller=1))
    assert not court.exempt(court.call(0x8500_0000))
    court = hear(BODY, 'pc_rule except conduit hvc because "x"')
    assert court.exempt(court.call(0x8500_0000, conduit=Conduit.HVC))
    assert not court.exempt(court.call(0x8500_0000))


def test_an_event_is_left_out_by_what_leaves(hear: Hear) -> None:
    court = hear(BODY, 'no_unauthorized_forwarding except psci.SYSTEM_OFF because "x"')
    assert catalogue.exempt(court.event("scrub", 0))
    assert catalogue.judged(court.event("scrub", 0)) is None
    court = hear(BODY, 'no_unauthorized_forwarding except caller a because "x"')
    assert not catalogue.exempt(court.event("scrub", 0))
    assert catalogue.judged(court.event("scrub", 0)) is not None
    court = hear(BODY, 'never_panics except psci.SYSTEM_OFF because "x"')
    assert catalogue.judged(court.event("destroy", 0)) is not None  # it sends nothing


def test_an_exception_for_a_call_does_not_cover_the_event_that_it_emits(hear: Hear) -> None:
    court = hear(BODY, 'never_panics except psci.* because "x"')
    assert court.exempt(court.call(0x8400_0002))
    assert court.exempt(court.call(0x8400_0003))
    assert court.judged(court.call(0x8400_0002)) is not None
    assert court.judged(court.call(0x8400_0003)) is None


def test_of_a_pair_either(hear: Hear) -> None:
    body = (
        "use psci 1.1;\ndomain vm { id = 1; }\n"
        "rule wide : psci.CPU_ON.smc64 => return 0;\n"
        "rule by_hvc : conduit == hvc => return 0;\notherwise => return NOT_SUPPORTED;"
    )
    court = hear(body, "twin_consistency")
    assert court.judged(court.call(0x8400_0003)) is not None
    for excepted in ("psci.CPU_ON.smc32", "psci.CPU_ON.smc64"):
        court = hear(body, f'twin_consistency except {excepted} because "x"')
        assert court.exempt(court.call(0x8400_0003))
        assert court.judged(court.call(0x8400_0003)) is None
    for conduit in ("smc", "hvc"):
        court = hear(body, f'conduit_parity except conduit {conduit} because "x"')
        assert court.exempt(court.call(0x8500_0000))
        assert court.judged(court.call(0x8500_0000)) is None
    assert hear(body, "conduit_parity").judged(court.call(0x8500_0000)) is not None


def test_witnesses_are_not_left_out_calls(hear: Hear) -> None:
    court = hear(BODY, 'no_dead_rule except psci.CPU_OFF because "x"')
    assert court.witnessed(court.call(0x8400_0002)) == frozenset()
    assert court.witnessed(court.call(0x8400_0003)) == {"power"}
