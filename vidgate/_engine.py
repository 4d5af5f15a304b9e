"""What sync and async clients share: everything but I/O."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import os
import random
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

from vidgate import errors
from vidgate._clock import SystemClock
from vidgate._contract import load
from vidgate._effects import Limits
from vidgate._flow import Target, check_task_id, read, submit
from vidgate._journal.place import choose
from vidgate._observe.observer import Observer, watched
from vidgate._options import Options, Timeouts, resolve_base_url, resolve_key, timeouts_from
from vidgate._plain import NotPlain, encode, plain
from vidgate._report import Problem, Report
from vidgate._secret import Secret
from vidgate._warn import warn

if TYPE_CHECKING:
    from vidgate._clock import Clock
    from vidgate._contract import ModelInfo
    from vidgate._effects import Flow
    from vidgate._journal.base import BaseJournal
    from vidgate._journal.ceiling import Ceiling
    from vidgate._journal.place import JournalChoice
    from vidgate._journal.recorder import Recorder
    from vidgate._journal.records import Entry
    from vidgate._providers import Provider
    from vidgate._state import TaskState

TOTAL_FACTOR = 4.0
"""An answer that keeps coming may take this many times the read timeout as a whole."""


class Engine:
    """One provider, one key, one address, one set of options."""

    _provider: ClassVar[Provider]

    def __init__(
        self,
        api_key: str | None,
        *,
        base_url: str | None,
        timeout: float | Timeouts,
        validate: bool,
        clock: Clock | None,
        attempts: int,
        patience: float,
        journal: JournalChoice,
        transport: object,
        hooks: object,
        awaits: bool,
    ) -> None:
        self._base_url = resolve_base_url(base_url, self._provider)
        self._options = Options(
            timeouts=timeouts_from(timeout),
            validate=validate,
            attempts=attempts,
            patience=patience,
            idempotency_key=None,
        )
        self._clock: Clock = clock or SystemClock()
        self._secret = Secret(resolve_key(api_key, self._provider))
        self._observer = Observer(hooks, secret=self._secret, clock=self._clock, awaits=awaits)
        self._journal, self._owns_journal = choose(journal, base_url=self._base_url or "", transport=transport)
        self._recorder = self._make_recorder(self._journal)

    def _make_recorder(self, journal: BaseJournal | None) -> Recorder | None:
        if journal is None:
            return None
        from vidgate._journal.recorder import Recorder

        return Recorder(
            journal,
            provider=self._provider.name,
            base_url=lambda: self.base_url,
            secret=self._secret,
            clock=self._clock,
        )

    @property
    def base_url(self) -> str:
        """Where requests go: the argument, the environment, or the contract's own server."""
        return self._base_url or load(self._provider.package).server().rstrip("/")

    @property
    def clock(self) -> Clock:
        """Time as this client sees it."""
        return self._clock

    @property
    def provider(self) -> Provider:
        """Whose client this is."""
        return self._provider

    @property
    def journal(self) -> BaseJournal | None:
        """Where paid submissions are kept; None when they are not."""
        return self._journal

    @property
    def models(self) -> tuple[ModelInfo, ...]:
        """The models of the contract and their parameters."""
        return load(self._provider.package).models

    def check(self, request: object = None, /, **keywords: object) -> Report:
        """Check a request offline: a mapping, a request object, or keywords. True when nothing is wrong."""
        try:
            body = _body(request, keywords)
        except NotPlain as refusal:
            return self.masked(Report(errors=(refusal.problem,)))
        from vidgate._validate import validate

        return self.masked(validate(body, self._provider))

    def with_options(
        self,
        *,
        timeout: float | Timeouts | None = None,
        validate: bool | None = None,
        attempts: int | None = None,
        patience: float | None = None,
        idempotency_key: str | None = None,
    ) -> Self:
        """A client with other options that shares this one's connections; closing it closes nothing.

        `attempts` and `patience` (seconds) bound how often and how long a call is tried again when that is safe.
        `idempotency_key` is for settling a SubmitUnknown: it belongs to one request only.
        """
        options = dataclasses.replace(
            self._options,
            timeouts=self._options.timeouts if timeout is None else timeouts_from(timeout),
            validate=self._options.validate if validate is None else validate,
            attempts=self._options.attempts if attempts is None else attempts,
            patience=self._options.patience if patience is None else patience,
            idempotency_key=self._options.idempotency_key if idempotency_key is None else idempotency_key,
        )
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        twin._become_twin(options)
        return twin

    def _become_twin(self, options: Options) -> None:
        """Take other options, let `videos` and `tasks` speak for this copy, leave the connections to the original."""
        self._options = options
        self.__dict__.pop("target", None)

    @functools.cached_property
    def target(self) -> Target:
        """What flows need to know of this client."""
        times = self._options.timeouts
        return Target(
            provider=self._provider,
            base_url=self.base_url,
            read=self._limits(times.read),
            submit=self._limits(times.submit),
            attempts=self._options.attempts,
            patience=self._options.patience,
            jitter=random.random,
            observer=self._observer,
        )

    @property
    def download_limits(self) -> Limits:
        return self._limits(self._options.timeouts.download)

    def _limits(self, read: float) -> Limits:
        times = self._options.timeouts
        return Limits(connect=times.connect, read=read, write=times.write, total=read * TOTAL_FACTOR)

    def submission(self, kind: str, request: object, keywords: Mapping[str, object]) -> Flow[TaskState]:
        """The flow that submits a request for an `image`, `audio` or `video`, once it is checked."""
        body = self._checked(request, keywords, kind)
        return self._submission(body, encode(body), self._options.idempotency_key or _new_key(), kind=kind)

    def _checked(self, request: object, keywords: Mapping[str, object], kind: str | None) -> dict[str, Any]:
        """The body of a request that is allowed; advice becomes warnings. Raises InvalidRequest."""
        try:
            body = _body(request, keywords)
        except NotPlain as refusal:
            report = Report(errors=(refusal.problem,))
        else:
            report = self._judged(body, kind)
            if report:
                for advice in report.warnings:
                    warn(self._secret.redact(str(advice)), errors.RequestAdvice)
                return body
        # Outside of `except`, so that the refusal stands alone in a traceback.
        raise errors.InvalidRequest(self.masked(report))

    def _judged(self, body: Mapping[str, Any], kind: str | None) -> Report:
        """What is wrong with a request; unless it is to be checked, only that its model makes something else.

        Such a one must never go out: what settles it later has nothing but its model to tell where it went.
        """
        from vidgate._validate import misplaced, validate

        if self._options.validate:
            return validate(body, self._provider, kind)
        problem = misplaced(body, self._provider, kind)
        return Report(errors=() if problem is None else (problem,))

    def item_submission(
        self, batch: str, item: str, request: object, *, ceiling: Ceiling | None = None
    ) -> Flow[TaskState]:
        """The flow that submits an item of a batch; its key follows from the item and what is asked for."""
        body = self._checked(request, {}, None)
        content = encode(body)
        digest = hashlib.sha256(b"\0".join((batch.encode(), item.encode(), content))).hexdigest()[:40]
        return self._submission(body, content, f"vidgate-batch-{digest}", batch=batch, item=item, ceiling=ceiling)

    def _submission(
        self,
        body: Mapping[str, Any],
        content: bytes,
        key: str,
        *,
        kind: str | None = None,
        batch: str | None = None,
        item: str | None = None,
        ceiling: Ceiling | None = None,
    ) -> Flow[TaskState]:
        model = body.get("model")
        model = model if isinstance(model, str) else None
        kind = self._kind_of(model) if kind is None else kind
        flow = submit(self._target_of(kind), kind, body, content, key)
        if self._recorder is None:
            return watched(self._observer, flow, self._provider, "submit", model=model)
        from vidgate._journal.flows import recorded
        from vidgate._journal.records import Intent

        intent = Intent(
            model=model,
            content=content,
            idempotency_key=key,
            batch=batch,
            item=item,
            nonce=_nonce(body, self._provider),
            within=self._longest_submission,
            ceiling=ceiling,
        )
        flow = recorded(flow, intent, self._provider)
        return watched(self._observer, flow, self._provider, "submit", model=model)

    def _kind_of(self, model: str | None) -> str:
        """What a request makes of which only the model is known; raises ConfigurationError where that does not tell."""
        kinds = load(self._provider.package).kinds_of(model or "") or self._provider.kinds
        if len(kinds) == 1:
            return kinds[0]
        raise errors.ConfigurationError(
            f"The model {ascii(model)[:80]} does not tell what it makes: {', '.join(kinds) or 'nothing'}.",
            hint='Submit it where that is said, client.media("video").create_from(…), with the idempotency key of an '
            "earlier submission where one is to be settled.",
        )

    def _target_of(self, kind: str) -> Target:
        """Where submissions of a kind go: the contract may name another host for each."""
        if self._base_url:
            return self.target
        base_url = load(self._provider.package).server(kind).rstrip("/")
        target = self.target
        return target if base_url == target.base_url else dataclasses.replace(target, base_url=base_url)

    @property
    def _longest_submission(self) -> float:
        """Seconds after which a submission is certainly over: its attempts with their pauses, and the last answer."""
        limits = self.target.submit
        return self._options.patience + limits.connect + limits.write + limits.total

    def pending_entries(self) -> tuple[Entry, ...]:
        """What the journal says is left to do; reads the file."""
        now = self._clock.now()
        return tuple(entry for entry in self.kept().entries() if entry.is_pending(now))

    def resumption(self, name: str) -> Flow[TaskState]:
        """The flow that reads a task by its id or by its submission's; reads the journal's file."""
        entry = None if self._recorder is None else self._recorder.find(name)
        if entry is None:
            return read(self.target, self._own_task_id(name))
        from vidgate._journal.recovery import resumption

        return resumption(self, entry)

    def recovery(self, submit_id: str, *, replay: bool) -> Flow[TaskState]:
        """The flow that finds out what became of a submission; reads the journal's file."""
        from vidgate._journal.recovery import recovery

        entry = self.kept().find(submit_id)
        if entry is None:
            raise errors.JournalError(
                f"The journal {self.kept().journal.place} has no submission {ascii(submit_id)[:80]}.",
                hint="`vidgate ls` lists what it has.",
            )
        return recovery(self, entry, self._submission, replay=replay)

    def kept(self) -> Recorder:
        """The journal of this client; raises ConfigurationError when it has none."""
        if self._recorder is None:
            raise errors.ConfigurationError(
                "This client keeps no journal.",
                hint="Give it one, journal=path, or set VIDGATE_JOURNAL; for simulators and transports without a "
                "network there is none unless named.",
            )
        return self._recorder

    def _own_task_id(self, name: str) -> str:
        from vidgate._journal.records import SUBMIT_PREFIX

        if str(name).startswith(SUBMIT_PREFIX):
            raise errors.JournalError(
                f"No submission {ascii(name)[:80]} is in the journal.", hint="`vidgate ls` lists what it has."
            )
        return check_task_id(name)

    def masked(self, report: Report) -> Report:
        """The report without the key, which people do paste into the wrong argument."""
        return Report(
            model=report.model,
            errors=tuple(self._masked_problem(problem) for problem in report.errors),
            warnings=tuple(self._masked_problem(problem) for problem in report.warnings),
        )

    def _masked_problem(self, problem: Problem) -> Problem:
        mask = self._secret.redact
        return Problem(
            field=mask(problem.field), rule=problem.rule, message=mask(problem.message), fix=mask(problem.fix)
        )

    def parse(self, state: TaskState) -> object | None:
        """An answer as the generated model; None when it does not fit one."""
        try:
            return self._provider.parse(state)
        except (AttributeError, KeyError, TypeError, ValueError):
            return None

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self.base_url!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError(f"{type(self).__name__} holds a key and connections: create it anew where it is needed")


def _new_key() -> str:
    return f"vidgate-{os.urandom(16).hex()}"


def _nonce(body: Mapping[str, Any], provider: Provider) -> str | None:
    """The nonce in the address that the provider is to call."""
    from vidgate._webhooks.address import nonce_of

    return next((nonce_of(url) for field in provider.callback_fields if isinstance(url := body.get(field), str)), None)


def _body(request: object, keywords: Mapping[str, object]) -> dict[str, Any]:
    """The request as plain JSON; raises NotPlain."""
    if request is not None and keywords:
        raise errors.ConfigurationError(
            "A request object and keywords were given.", hint="Give one of the two: set the fields on the object."
        )
    if request is None:
        body: Any = plain(keywords)
    elif isinstance(request, Mapping):
        body = plain(request)
    elif callable(to_dict := getattr(request, "to_dict", None)):
        body = plain(to_dict())
    else:
        raise errors.ConfigurationError(
            f"{type(request).__name__} is no request.",
            hint="Give keywords (model=…), a request object of vidgate.evolink or vidgate.apimart, or a mapping.",
        )
    result: dict[str, Any] = body
    return result
