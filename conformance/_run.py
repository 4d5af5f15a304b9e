"""What a check gets: one subject, reached by channels whose every exchange is recorded and watched."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ._json import follow, is_object
from ._lives import Lives
from ._verdict import HarnessError, NotApplicable, SubjectError
from .observe import Channel, Wire
from .observe._watch import WATCHERS
from .requirements import PREFIXES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ._contract import Contract, Operation
    from ._json import Json
    from ._settings import ProviderName
    from .observe import Exchange, Watcher
    from .requirements import Requirement
    from .subjects import Clock, Reach, Subject
    from .subjects._receiver import Receiver

WRONG_KEY = "vidgate-conformance-wrong-key"
PUBLIC = "nobody"
PATIENCE = 10.0
"""Seconds of real time that an answer may take."""
LONGEST_RUN = 900.0
"""Seconds of real time, beside ten tasks, after which a subject is too slow to be judged."""
MOST_FAULTS = 8
"""So many requests in a row without an answer, and the subject is given up."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that is wrong, with the exchanges that show it."""

    requirement: str
    message: str
    exchanges: tuple[int, ...] = ()


class LedgerReader:
    """The subject's ledger. Its requests are no exchanges: nothing of them is documented."""

    def __init__(self, channel: Channel, url: str, reset: str | None) -> None:
        self._channel = channel
        self._url = url
        self._reset = reset

    def charges(self) -> dict[str, float]:
        """Task id → credits, summed."""
        found: dict[str, float] = {}
        for task, credits_ in self.rows():
            found[task] = found.get(task, 0.0) + credits_
        return found

    def rows(self) -> list[tuple[str, float]]:
        """Every charge: task id and credits, in their order."""
        answer = self._channel.request("GET", self._url, headers={"authorization": ""}, purpose="ledger")
        rows: Json = answer.json
        try:
            return [(str(row["task"]), float(row["credits"])) for row in rows["charges"]]
        except (KeyError, TypeError, ValueError):
            message = f'[ledger] url: {self._url} answers no {{"charges": [{{"task": id, "credits": n}}]}} but {answer}'
            raise SubjectError(message) from None

    def reset(self) -> None:
        """Forget all charges; raises NotApplicable when the subject file names no address for it."""
        if self._reset is None:
            message = "the subject file names no [ledger] reset"
            raise NotApplicable(message)
        self._channel.request("POST", self._reset, headers={"authorization": ""}, purpose="ledger")


@dataclass(slots=True, eq=False)
class Run:
    """One subject under judgement.

    `random` is seeded anew for each check, so that what a check sends does not depend on which others run.
    """

    reach: Reach
    contract: Contract
    requirements: Mapping[str, Requirement]
    seed: int = 0
    wanted: frozenset[str] = frozenset()
    """Ids of the requirements that are judged."""
    few: bool = False
    """Only some requirements were asked for: what they do not need is not done."""
    random: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311 - cases, not secrets
    findings: list[Finding] = field(default_factory=list[Finding])
    looked: dict[str, int] = field(default_factory=dict[str, int])
    """Requirement id → how many cases or exchanges said something about it."""
    shown: dict[str, tuple[int, ...]] = field(default_factory=dict[str, "tuple[int, ...]"])
    """Requirement id → exchanges that show how it was judged, when nothing is wrong."""
    credits: float | None = None
    """What the run has cost, where that is known."""
    thorough: bool = False
    """The client is proved with every combination, however long that takes."""
    postponing: bool = False
    """Nothing is to be paid yet: what wants to is done last."""
    wire: Wire = field(init=False)
    lives: Lives = field(init=False)
    _faults: int = 0
    _began: float = field(default_factory=time.monotonic)
    _aside: Wire = field(init=False)
    _watching: tuple[tuple[str, Watcher], ...] = ()

    def __post_init__(self) -> None:
        self.wire = Wire(
            transport=self.reach.transport,
            contract=self.contract,
            base_url=self.subject.base_url.rstrip("/"),
            now=self.clock.now,
            timeout=PATIENCE,
            watch=self._watch,
        )
        self._aside = Wire(
            transport=self.reach.transport, contract=self.contract, base_url=self.wire.base_url, now=self.clock.now
        )
        self._watching = tuple(
            (entry.id, WATCHERS[entry.name]) for entry in self.requirements.values() if entry.name in WATCHERS
        )
        self.lives = Lives(self)

    @property
    def subject(self) -> Subject:
        """What is judged."""
        return self.reach.subject

    @property
    def provider(self) -> ProviderName:
        """Whose contract it is judged by."""
        return self.subject.provider

    @property
    def clock(self) -> Clock:
        """Virtual in the profile mock: waiting costs nothing there."""
        return self.reach.clock

    @property
    def exchanges(self) -> list[Exchange]:
        """Everything that went over the wire so far."""
        return self.wire.exchanges

    @property
    def submitting(self) -> Operation:
        """The paid operation."""
        return self.contract.one(paid=True)

    @property
    def reading(self) -> Operation:
        """The task query."""
        return self.contract.one(paid=False)

    @property
    def paid(self) -> tuple[Exchange, ...]:
        """The submissions that were accepted."""
        paid = self.submitting
        return tuple(one for one in self.exchanges if one.operation is paid and one.method == paid.method and one.ok)

    def role(self, name: str) -> str:
        """The key of a role; raises NotApplicable when the subject file has none."""
        if name == "wrong":
            return WRONG_KEY
        try:
            return self.subject.tokens[name]
        except KeyError:
            message = f"the subject file names no token for the role {name}"
            raise NotApplicable(message) from None

    def client(self, role: str = "valid") -> Channel:
        """A channel with the key of a role; `wrong`: a key nobody has; `nobody`: no key at all."""
        return Channel(self.wire, role, None if role == PUBLIC else self.role(role))

    @property
    def callbacks(self) -> Receiver:
        """The receiver; raises NotApplicable when the subject file has no [callbacks]."""
        if self.reach.receiver is None:
            message = "the subject file has no [callbacks]"
            raise NotApplicable(message)
        return self.reach.receiver

    @property
    def ledger(self) -> LedgerReader:
        """The ledger; raises NotApplicable when the subject file has none."""
        ledger = self.subject.ledger
        if ledger is None:
            message = "the subject file has no [ledger]"
            raise NotApplicable(message)
        return LedgerReader(Channel(self._aside, PUBLIC, None), ledger.url, ledger.reset)

    @property
    def is_virtual(self) -> bool:
        """Whether time passes only when the run lets it, so that a day costs nothing."""
        return hasattr(self.clock, "advance")

    @property
    def catches_all(self) -> bool:
        """Whether a callback to any address comes to the receiver, so that no stranger is ever called."""
        callbacks = self.subject.callbacks
        return callbacks is not None and (self.is_virtual or bool(callbacks.listen))

    def scaled(self, seconds: float) -> float:
        """Documented seconds of callbacks as this subject keeps them."""
        return seconds * (self.subject.callbacks.time_scale if self.subject.callbacks else 1.0)

    def task_id(self, submission: Exchange) -> str | None:
        """The id of the task that a submission made, where the contract's link says it stands."""
        try:
            found: Json = follow(submission.json, self.submitting.task_pointer or "")
        except (LookupError, ValueError, TypeError):
            return None
        return found if isinstance(found, str) and found else None

    def task(self, reading: Exchange) -> dict[str, Json]:
        """The task in an answer to the task query; empty when there is none."""
        body: Json = reading.json
        if self.provider == "apimart":
            body = body.get("data") if is_object(body) else None
        return body if is_object(body) else {}

    def identity(self, name: str) -> str:
        """The full id of a requirement, from its name without provider or from itself."""
        prefix = PREFIXES[self.provider]
        found = name if name.startswith(f"{prefix}-") and name in self.requirements else f"{prefix}-{name}"
        if found not in self.requirements:
            message = f"there is no requirement {found}"
            raise HarnessError(message)
        return found

    def has(self, name: str) -> bool:
        """Whether the provider has a requirement of this name."""
        return f"{PREFIXES[self.provider]}-{name}" in self.requirements

    def broken(self, name: str, message: str, *exchanges: Exchange) -> None:
        """Say that a requirement is broken, and what shows it."""
        self.findings.append(
            Finding(requirement=self.identity(name), message=message, exchanges=tuple(one.number for one in exchanges))
        )

    def saw(self, name: str, cases: int = 1, *exchanges: Exchange) -> None:
        """Say that so many cases spoke for or against a requirement, and which exchanges show it."""
        found = self.identity(name)
        self.looked[found] = self.looked.get(found, 0) + cases
        if exchanges:
            self.shown.setdefault(found, tuple(one.number for one in exchanges))

    def _watch(self, exchange: Exchange) -> None:
        took = time.monotonic() - self._began
        if took > LONGEST_RUN + 10 * self.subject.tasks.seconds:
            message = (
                f"{self.subject.base_url} is too slow to be judged: {len(self.exchanges)} requests took {took:.0f} s; "
                "judge it nearer to where it runs, or less of it with --only"
            )
            raise SubjectError(message)
        if exchange.fault in {"connect", "tls", "timeout"}:
            self._faults += 1
            if self._faults >= MOST_FAULTS:
                message = (
                    f"{self.subject.base_url} has stopped answering ({exchange.fault_text or exchange.fault}); "
                    "look at the server's log, then run again"
                )
                raise SubjectError(message)
        else:
            self._faults = 0
        for identity, watcher in self._watching:
            problems = watcher.look(self, exchange)
            if problems is None:
                continue
            self.looked[identity] = self.looked.get(identity, 0) + 1
            self.shown.setdefault(identity, (exchange.number,))
            for problem in problems:
                self.findings.append(Finding(requirement=identity, message=problem, exchanges=(exchange.number,)))
