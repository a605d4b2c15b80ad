"""Calls through EL1, EL2 and EL3 with the hand-written dispatcher images/el2.S."""

import random
from collections import Counter

import pytest

from smcproof.checker.trap.assembler import Build, Source, build
from smcproof.checker.trap.batch import Answer, Batch
from smcproof.checker.trap.image import image_of
from smcproof.checker.trap.machine import Machine
from smcproof.checker.trap.results import Injected, Results, Resumed, Stopped
from smcproof.checker.trap.sysreg import NAMED
from smcproof.spec.call import Conduit
from tests.checker.trap.dispatchers import ADVANCE, IMAGES, SCRIPT, el2, framed, program
from tests.checker.trap.model import CLIENT, Given, Low, expected

IMMEDIATES = (0, 1, 0xEA1, 0xFFFF)
UNDEFINED = 0x0200_0000


@pytest.fixture(scope="module")
def machine() -> Machine:
    return Machine(el2(), observe=[program("el2").symbol("forwarded")])


def run_one(machine: Machine, *x: int, **more: object) -> Results:
    batch = Batch()
    batch.add(x, **more)  # type: ignore[arg-type]
    return machine.run(batch)


@pytest.mark.parametrize("conduit", [Conduit.SMC, Conduit.HVC])
@pytest.mark.parametrize("imm", IMMEDIATES)
def test_every_conduit_and_immediate(machine: Machine, conduit: Conduit, imm: int) -> None:
    """The dispatcher sees which instruction it was and its immediate [TRAP-SYNDROME]."""
    results = run_one(machine, 0x84000000, 7, conduit=conduit, imm=imm)
    call = results[0]
    if imm == 0:
        assert (call.ending, call.x[0]) == (past(results), 0x10001)
    elif (conduit, imm) == (Conduit.HVC, 0xEA1):
        assert (call.ending, call.x[0]) == (past(results), 0x5EA1)
    else:
        assert isinstance(call.ending, Injected)
        assert call.ending.elr_delta == 0
        assert call.x[:2] == (0x84000000, 7)
    assert call.sends == ()


def past(results: Results, index: int = 0) -> Resumed:
    """Right behind the call."""
    return Resumed(results.site(index).address + 4, 4)


def test_every_immediate_reaches_the_dispatcher(machine: Machine) -> None:
    """All 65536 of them, from stubs that are generated: only 0 is not UNDEFINED."""
    batch = Batch()
    for imm in range(0, 1 << 16, 7):
        batch.add((0x84000000,), imm=imm)
    results = machine.run(batch)
    for index in range(len(batch)):
        ending = results.ending(index)
        assert isinstance(ending, Resumed if index == 0 else Injected)


def test_the_immediate_is_in_the_syndrome() -> None:
    """A dispatcher that returns ESR_EL2 shows each immediate and class [TRAP-SYNDROME]."""
    machine = Machine(framed("        mrs x0, esr_el2\n" + ADVANCE))
    batch = Batch()
    for imm in IMMEDIATES:
        batch.add((5,), imm=imm)
    results = machine.run(batch)
    assert [results[at].x[0] for at in range(len(batch))] == [0x5E00_0000 + i for i in IMMEDIATES]


@pytest.mark.parametrize("nzcv", [0, 0b1010, 0b1111])
@pytest.mark.parametrize("daif", [0, 0b0101, 0b1111])
@pytest.mark.parametrize("handler_mode", [True, False])
def test_pstate_is_kept(machine: Machine, nzcv: int, daif: int, handler_mode: bool) -> None:
    """NZCV, DAIF, SPSel and both stack pointers come back as they were."""
    results = run_one(
        machine,
        0xC2000001,
        answers=[Answer((1, 2, 3, 4))],
        nzcv=nzcv,
        daif=daif,
        sp_elx_in_use=handler_mode,
        sp_el0=0x1111_2222_3333_4440,
        sp_elx=0x5555_6666_7777_8880,
    )
    call = results[0]
    assert call.pstate == nzcv << 28 | daif << 6 | 0b0100 | handler_mode
    assert (call.sp_el0, call.sp_elx) == (0x1111_2222_3333_4440, 0x5555_6666_7777_8880)
    assert call.x[:4] == (1, 2, 3, 4)
    assert call.x[4:] == results.batch.registers(0)[4:]


@pytest.mark.parametrize(("handler_mode", "vector"), [(True, 0x200), (False, 0x000)])
@pytest.mark.parametrize("conduit", [Conduit.SMC, Conduit.HVC])
@pytest.mark.parametrize("audit", [False, True])
def test_undef_injection(
    machine: Machine, conduit: Conduit, handler_mode: bool, vector: int, audit: bool
) -> None:
    """From EL1t and EL1h, for both conduits: vector, ESR, ELR and SPSR of the injected exception, and
    every register untouched [TRAP-VECTOR] [TRAP-INJECTED]."""
    results = run_one(
        machine,
        0x84000000,
        conduit=conduit,
        imm=0xFFFF,
        nzcv=0b0110,
        daif=0b0010,
        sp_elx_in_use=handler_mode,
        audit=audit,
    )
    call = results[0]
    caller = 0b0110 << 28 | 0b0010 << 6 | 0b0100 | handler_mode
    assert call.ending == Injected(vector, UNDEFINED, results.site(0).address, caller, 0)
    assert call.x == results.batch.registers(0)
    assert call.pstate & ~(0xF << 28) == 0x3C5
    assert call.differences == (() if audit else None)


def test_what_leaves_el2_is_observed(machine: Machine) -> None:
    """x0..x17 of the SMC that reached EL3, its syndrome there and its canonical identifier."""
    x = (0xFFFF_0000_C200_0042, *range(101, 118))
    results = run_one(machine, *x, answers=[Answer((1, 2, 3, 4))])
    (sent,) = results[0].sends
    assert sent.x == (*x[:8], *[0] * 10)
    assert sent.esr == 0x5E00_0000
    assert sent.canon == 0xC200_0042
    assert program("el2").symbol("vectors") < sent.elr < program("el2").symbol("forwarded")


@pytest.mark.parametrize(
    ("x0", "canon"),
    [(0x8401_0003, 0x8400_0003), (0x0401_0003, 0x0401_0003), (0xC2FF_0000, 0xC2FE_0000)],
)
def test_the_callee_classifies_by_w0_without_the_hint(x0: int, canon: int) -> None:
    """The hint bit is cleared for fast calls only [TRAP-CALLEE]."""
    results = run_one(Machine(framed("        smc #0\n" + ADVANCE)), x0)
    assert [sent.canon for sent in results[0].sends] == [canon]


def test_outcome_addresses_end_a_call(machine: Machine) -> None:
    """The call ends there with its label, and the next one is made [TRAP-OUTCOME]."""
    batch = Batch()
    for w0 in (0x84000008, 0x84000000, 0x84000009, 0x84000000, 0x84000008):
        batch.add((w0, 0x77))
    results = machine.run(batch)
    labels = [
        call.ending.label if isinstance(call.ending, Stopped) else call.x[0] for call in results
    ]
    assert labels == ["deliver", 0x10001, "stop", 0x10001, "deliver"]
    ending = results.ending(0)
    assert isinstance(ending, Stopped)
    assert ending.registers.pc == program("el2").symbol("deliver")
    assert ending.registers.x[1] == 0x77
    assert ending.registers.elr[1] == results.site(0).address + 4


def test_observed_words_are_those_after_each_call(machine: Machine) -> None:
    """State in the dispatcher's memory, copied call by call, also where the harness ends the call."""
    batch = Batch()
    for w0 in (0xC2000000, 0x84000000, 0xC2000000, 0x84000008, 0xC2000000):
        batch.add((w0,))
    before = int.from_bytes(machine.read(program("el2").symbol("forwarded"), 8), "little")
    results = machine.run(batch)
    assert [call.observed[0] - before for call in results] == [1, 1, 2, 2, 3]


def test_an_answer_too_few_is_not_supported(machine: Machine) -> None:
    """SMCs beyond a call's answers are answered as an unknown function is."""
    results = run_one(machine, 0xC2000000)
    assert results[0].x[:4] == (2**64 - 1, 0, 0, 0)


def given_calls(count: int, seed: int) -> list[Given]:
    """Identifiers at both ends of every range of images/el2.S, with and without a dirty upper half."""
    rng = random.Random(seed)
    near = (0x84000000, 0x84000003, 0x84000008, 0x84000009, 0xC2000000, 0xC20000FF, 0xC2000100)
    calls: list[Given] = []
    for _ in range(count):
        x0 = rng.choice(near) + rng.choice((0, 0, 0, 1, -1)) | rng.choice((0, 0, 0, 1 << 63))
        x = (x0, *(rng.getrandbits(64) for _ in range(30)))
        a, b, c, d = (rng.getrandbits(64) for _ in range(4))
        imm = rng.choice((0, 0, 0, 0, 1, 0xEA1, 0xFFFF))
        calls.append(Given(rng.choice(("smc", "smc", "hvc")), imm, x, (a, b, c, d)))
    return calls


def batch_of(calls: list[Given], seed: int) -> Batch:
    rng = random.Random(seed)
    batch = Batch()
    for call in calls:
        batch.add(
            call.x,
            conduit=Conduit.SMC if call.conduit == "smc" else Conduit.HVC,
            imm=call.imm,
            answers=[Answer(call.results)],
            nzcv=rng.getrandbits(4),
            daif=rng.getrandbits(4),
            sp_elx_in_use=rng.random() < 0.8,
            sp_el0=rng.getrandbits(64),
            sp_elx=rng.getrandbits(64),
        )
    return batch


def mismatch(call: Given, results: Results, index: int) -> str | None:
    """Where a result is not what the model says."""
    want, got, batch = expected(call), results[index], results.batch
    ending, entering = got.ending, batch.pstate(index) | 0b0100
    if [sent.x for sent in got.sends] != ([] if want.sent is None else [want.sent]):
        return "what left"
    if want.ending in ("deliver", "stop"):
        right = isinstance(ending, Stopped) and ending.label == want.ending
        return None if right else "ending"
    if want.ending == "undef":
        vector = 0x200 if entering & 1 else 0
        call_at = results.site(index).address
        if ending != Injected(vector, UNDEFINED, call_at, entering, 0):
            return "exception"
        if got.pstate & ~(0xF << 28) != 0x3C5:
            return "pstate"
    elif ending != past(results, index):
        return "ending"
    elif got.pstate != entering:
        return "pstate"
    if (got.sp_el0, got.sp_elx) != batch.stack_pointers(index):
        return "stack pointers"
    wrong = [at for at, (a, b) in enumerate(zip(want.x, got.x, strict=True)) if a != b]
    return f"x{wrong[0]}" if wrong else None


IDENTITY = ((NAMED["tpidr_el2"], CLIENT),)


def test_a_hundred_thousand_calls_against_an_independent_model() -> None:
    """Every register, both stack pointers, PSTATE, PC and everything that left, of 100,000 random
    calls, against a model in plain Python that knows nothing of the machine."""
    calls = given_calls(100_000, seed=20)
    results = Machine(el2(sysregs=IDENTITY)).run(batch_of(calls, seed=21))
    assert len(results) == len(calls)
    found = [(at, mismatch(call, results, at)) for at, call in enumerate(calls)]
    assert [where for where in found if where[1] is not None] == []
    assert results.drift == ()
    assert results.damage == ()


MUTANTS = {
    "pc advanced twice": ("add     x30, x30, #4", "add     x30, x30, #8", "ending"),
    "pc not advanced": ("add     x30, x30, #4", "add     x30, x30, #0", "ending"),
    "hvc rolled back": (
        "and     w30, w29, #0xffff\n        cbz     w30, common",
        "b undef_hvc",
        "ending",
    ),
    "undef past the call": ("sub     x29, x29, #4", "sub     x29, x29, #0", "exception"),
    "undef with another class": ("movz    x29, #0x0200", "movz    x29, #0x3a00", "exception"),
    "undef at the wrong vector": (
        "add     x30, x30, #0x200",
        "add     x30, x30, #0x400",
        "exception",
    ),
    "undef with another pstate": ("mov     x29, #0x3c5", "mov     x29, #0x3c4", "pstate"),
    "undef without spsr": ("msr     spsr_el1, x29", "nop", "exception"),
    "immediate ignored": ("cbnz    w30, undef", "nop", "exception"),
    "identifier compared at 64 bits": (
        "cmp     w0, w29\n        b.eq    version",
        "cmp x0, x29\n b.eq version",
        "x0",
    ),
    "range one short": ("cmp     w29, #0x100", "cmp     w29, #0xff", "what left"),
    "range one long": ("b.lo    sip", "b.ls    sip", "what left"),
    "forwarded over hvc": (
        "cpu_on: cmp     x30, #0x17\n        b.ne    unknown",
        "cpu_on: nop",
        "what left",
    ),
    "client not written": ("mrs     x7, tpidr_el2", "nop", "what left"),
    "result not written": ("mov     x0, #-1", "nop", "x0"),
    "success for unknown": ("mov     x0, #-1", "mov x0, #0", "x0"),
    "argument leaked": ("mov     x17, xzr", "nop", "what left"),
    "secret leaked to the caller": ("ldp     x8, x9, [sp, #48]", "nop", "x8"),
    "link register clobbered": ("ldp     x29, x30, [sp], #144", "ldr x29, [sp], #144", "x30"),
    "flags clobbered": (
        "msr     spsr_el2, x30\nout:",
        "mov x30, #5\n msr spsr_el2, x30\nout:",
        "pstate",
    ),
    "stack selection clobbered": (
        "msr     spsr_el2, x30\nout:",
        "eor x30, x30, #1\n msr spsr_el2, x30\nout:",
        "pstate",
    ),
    "user stack clobbered": ("sip:    cmp", "sip:    msr sp_el0, x30\n cmp", "stack pointers"),
    "kernel stack clobbered": ("sip:    cmp", "sip:    msr sp_el1, x30\n cmp", "stack pointers"),
    "called twice": ("smc     #0\n", "smc     #0\n        smc     #0\n", "what left"),
}
"""What is replaced in images/el2.S, by what, and where the results then differ."""


@pytest.mark.parametrize("name", MUTANTS)
def test_a_planted_fault_is_found(name: str) -> None:
    """The comparison with the model sees each of these [TRAP-RESULT]."""
    old, new, where = MUTANTS[name]
    text = (IMAGES / "el2.S").read_text(encoding="utf-8")
    assert old in text
    source = Source("mutant.S", text.replace(old, new, 1))
    labels = {"deliver": "deliver", "stop": "stop", "panic": "panic"}
    image = image_of(build(Build((source,), SCRIPT)), "vectors", labels, sysregs=IDENTITY)
    calls = given_calls(2_000, seed=22)
    results = Machine(image, limit=500, seconds=0.2).run(batch_of(calls, seed=23))
    found = Counter(mismatch(call, results, at) for at, call in enumerate(calls))
    del found[None]
    assert where in found


def test_an_upper_half_that_means_nothing_is_not_compared() -> None:
    assert Low(5) == 0xFFFF_FFFF_0000_0005
    assert Low(5) != 6
