"""Proving a policy's claims: each in a worker with hard limits, every counterexample confirmed by the
judge before anybody sees it [PROPERTY-VERDICT]."""

import multiprocessing
import os
import resource
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from smcproof.checker.exit_status import ExitStatus, worst
from smcproof.checker.replay import EncodingBug, Replayed, confirm, confirm_witness
from smcproof.spec.core_policy import Claim, CorePolicy
from smcproof.spec.property import Quantity, property_spec
from smcproof.spec.verdict import Outcome, Verdict

GRACE_SECONDS = 2.0
"""How much longer than its limit a worker may take to say that the limit was met."""


@dataclass(frozen=True, slots=True)
class ProveLimits:
    """Per property: wall seconds, MiB of memory, seconds for making a counterexample minimal. ``jobs``
    properties are proved at a time."""

    seconds: float = 60.0
    mebibytes: int = 1024
    minimize: float = 20.0
    jobs: int = 1
    recheck: bool = False


@dataclass(frozen=True, slots=True)
class Proof:
    """A claim with its verdict. ``replayed`` is the counterexample in the reference model;
    ``witnesses`` are those of an existential claim, by goal. ``internal`` tells what went wrong in
    the tool itself."""

    claim: Claim
    outcome: Outcome
    replayed: Replayed | None
    witnesses: tuple[tuple[str, Replayed], ...]
    internal: str | None

    @property
    def status(self) -> ExitStatus:
        """What this claim contributes to the exit status."""
        if self.internal is not None:
            return ExitStatus.INTERNAL
        if self.outcome.useless_exceptions:
            return ExitStatus.USAGE
        verdict = self.outcome.verdict
        if self.claim.expected is not None:
            return ExitStatus.OK if str(verdict) == self.claim.expected else ExitStatus.FOUND
        match verdict:
            case Verdict.PROVED:
                return ExitStatus.OK
            case Verdict.UNKNOWN:
                return ExitStatus.UNKNOWN
            case _:
                return ExitStatus.FOUND


def overall(proofs: list[Proof]) -> ExitStatus:
    return worst(*(proof.status for proof in proofs))


@dataclass
class _Worker:
    at: int
    process: BaseProcess
    pipe: Connection
    kill_at: float


def prove(
    policy: CorePolicy,
    claims: tuple[Claim, ...],
    limits: ProveLimits,
    progress: Callable[[int], None] | None = None,
) -> Iterator[Proof]:
    """The verdict on each claim, in their order. ``progress`` hears how many are done."""
    done: dict[int, Outcome | str] = {}
    shown = 0
    for at, outcome in _outcomes(policy, claims, limits):
        done[at] = outcome
        if progress is not None:
            progress(len(done))
        while shown in done:
            yield _confirmed(policy, claims[shown], done[shown])
            shown += 1


def _confirmed(policy: CorePolicy, claim: Claim, outcome: Outcome | str) -> Proof:
    """The judge's word on what the solver found; it only replays, so it needs no limits."""
    if isinstance(outcome, str):
        return Proof(claim, Outcome(Verdict.UNKNOWN, "internal error"), None, (), outcome)
    try:
        replayed = None if outcome.case is None else confirm(policy, claim, outcome.case)
        witnesses = tuple(
            (goal.label, confirm_witness(policy, claim, goal.case, goal.label))
            for goal in outcome.reached
            if goal.case is not None
        )
    except EncodingBug as problem:
        return Proof(claim, outcome, None, (), f"encoding bug: {problem}")
    return Proof(claim, outcome, replayed, witnesses, None)


def is_existential(claim: Claim) -> bool:
    return property_spec(claim.property).quantity is Quantity.EXISTENTIAL


def _outcomes(
    policy: CorePolicy, claims: tuple[Claim, ...], limits: ProveLimits
) -> Iterator[tuple[int, Outcome | str]]:
    """Outcomes as they come; a worker that outlives its limit is killed."""
    context = multiprocessing.get_context("fork")
    waiting = deque(range(len(claims)))
    running: list[_Worker] = []
    try:
        while waiting or running:
            while waiting and len(running) < max(limits.jobs, 1):
                at = waiting.popleft()
                ours, theirs = context.Pipe(duplex=False)
                process = context.Process(
                    target=_work, args=(policy, claims[at], limits, theirs), daemon=True
                )
                process.start()
                theirs.close()
                kill_at = time.monotonic() + limits.seconds + GRACE_SECONDS
                running.append(_Worker(at, process, ours, kill_at))
            soonest = min(worker.kill_at for worker in running) - time.monotonic()
            ready = wait([worker.pipe for worker in running], timeout=max(soonest, 0.01))
            for worker in list(running):
                if worker.pipe in ready:
                    running.remove(worker)
                    yield worker.at, _receive(worker)
                elif time.monotonic() > worker.kill_at:
                    running.remove(worker)
                    _end(worker)
                    yield worker.at, Outcome(Verdict.UNKNOWN, "time", seconds=limits.seconds)
    finally:
        for worker in running:
            _end(worker)


def _receive(worker: _Worker) -> Outcome | str:
    try:
        outcome: Outcome | str = worker.pipe.recv()
    except EOFError:
        worker.process.join()
        code = worker.process.exitcode or 0
        if code < 0 and -code in (signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT):
            return Outcome(Verdict.UNKNOWN, "memory")
        return f"the solver's process ended with status {code}"
    worker.process.join()
    worker.pipe.close()
    return outcome


def _end(worker: _Worker) -> None:
    worker.process.kill()
    worker.process.join()
    worker.pipe.close()


def _work(policy: CorePolicy, claim: Claim, limits: ProveLimits, pipe: Connection) -> None:
    """In the worker: z3 is imported only here."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    deadline = time.monotonic() + limits.seconds
    bound = limits.mebibytes << 20
    try:
        resource.setrlimit(resource.RLIMIT_AS, (bound * 2, bound * 2))
        import z3

        from smcproof.checker.symbolic.solver import Limits
        from smcproof.checker.symbolic.verifier import TwoRoutesDisagree, verify

        z3.set_param("memory_max_size", limits.mebibytes)
        try:
            outcome: Outcome | str = verify(
                policy, claim, Limits(deadline, limits.minimize), recheck=limits.recheck
            )
        except TwoRoutesDisagree as problem:
            outcome = f"two solver runs disagree about {problem}"
        except MemoryError:
            outcome = Outcome(Verdict.UNKNOWN, "memory")
        except z3.Z3Exception as problem:
            text = str(problem)
            outcome = Outcome(Verdict.UNKNOWN, "memory") if "memory" in text else f"z3: {text}"
    except MemoryError:
        outcome = Outcome(Verdict.UNKNOWN, "memory")
    except Exception as problem:  # noqa: BLE001 - whatever it is must reach the parent as a report
        outcome = f"{type(problem).__name__}: {problem}"
    pipe.send(outcome)
    pipe.close()
    os._exit(0)
