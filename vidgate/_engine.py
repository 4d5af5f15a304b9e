"""What sync and async clients share: everything but I/O."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import random
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

from vidgate import errors
from vidgate._clock import SystemClock
from vidgate._contract import load
from vidgate._effects import Limits
from vidgate._flow import Target, check_task_id, read, submit
from vidgate._journal.place import choose
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
    from vidgate._journal.place import JournalChoice
    from vidgate._journal.recorder import Recorder
    from vidgate._journal.records import Entry
    from vidgate._providers import Provider
    from vidgate._state import TaskState

RESEND_MARGIN = 600.0
"""Seconds before the provider forgets an idempotency key at which we stop relying on it: clocks differ."""

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
        return self.masked(self._judged(body))

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
        )

    @property
    def download_limits(self) -> Limits:
        return self._limits(self._options.timeouts.download)

    def _limits(self, read: float) -> Limits:
        times = self._options.timeouts
        return Limits(connect=times.connect, read=read, write=times.write, total=read * TOTAL_FACTOR)

    def submission(self, request: object, keywords: Mapping[str, object]) -> Flow[TaskState]:
        """The flow that submits a request, once it is checked."""
        body = self._checked(request, keywords)
        return self._submission(body, encode(body), self._options.idempotency_key or _new_key())

    def _checked(self, request: object, keywords: Mapping[str, object]) -> dict[str, Any]:
        """The body of a request that is allowed; advice becomes warnings. Raises InvalidRequest."""
        try:
            body = _body(request, keywords)
        except NotPlain as refusal:
            report = Report(errors=(refusal.problem,))
        else:
            report = self._judged(body) if self._options.validate else Report()
            if report:
                for advice in report.warnings:
                    warn(self._secret.redact(str(advice)), errors.RequestAdvice)
                return body
        # Outside of `except`, so that the refusal stands alone in a traceback.
        raise errors.InvalidRequest(self.masked(report))

    def _judged(self, body: Mapping[str, Any]) -> Report:
        from vidgate._validate import validate

        return validate(body, self._provider)

    def item_submission(self, batch: str, item: str, request: object) -> Flow[TaskState]:
        """The flow that submits an item of a batch; its key follows from the item and what is asked for."""
        body = self._checked(request, {})
        content = encode(body)
        digest = hashlib.sha256(b"\0".join((batch.encode(), item.encode(), content))).hexdigest()[:40]
        return self._submission(body, content, f"vidgate-batch-{digest}", batch=batch, item=item)

    def _submission(
        self, body: Mapping[str, Any], content: bytes, key: str, *, batch: str | None = None, item: str | None = None
    ) -> Flow[TaskState]:
        flow = submit(self.target, body, content, key)
        if self._recorder is None:
            return flow
        from vidgate._journal.flows import recorded
        from vidgate._journal.records import Intent

        model = body.get("model")
        intent = Intent(
            model=model if isinstance(model, str) else None,
            content=content,
            idempotency_key=key,
            batch=batch,
            item=item,
        )
        return recorded(flow, intent, self._provider)

    def pending_entries(self) -> tuple[Entry, ...]:
        """What the journal says is left to do; reads the file."""
        now = self._clock.now()
        return tuple(entry for entry in self.kept().entries() if entry.is_pending(now))

    def resumption(self, name: str) -> Flow[TaskState]:
        """The flow that reads a task by its id or by its submission's; reads the journal's file."""
        entry = None if self._recorder is None else self._recorder.find(name)
        if entry is None:
            return read(self.target, self._own_task_id(name))
        if entry.task_id is not None:
            return read(self.target, entry.task_id)
        if entry.state == "rejected":
            raise _no_task(entry)
        raise self._unsettled(entry, self._provider.resend.advice(entry.submit_id))

    def recovery(self, submit_id: str, *, replay: bool) -> Flow[TaskState]:
        """The flow that finds out what became of a submission; reads the journal's file."""
        entry = self.kept().find(submit_id)
        if entry is None:
            raise errors.JournalError(
                f"The journal {self.kept().journal.place} has no submission {ascii(submit_id)[:80]}.",
                hint="`vidgate ls` lists what it has.",
            )
        if entry.task_id is not None:
            return read(self.target, entry.task_id)
        if entry.state == "rejected":
            raise _no_task(entry)
        resend = self._provider.resend
        if resend.basis != "stated" and not replay:
            raise self._unsettled(entry, resend.advice(entry.submit_id))
        if resend.seconds is not None and self._clock.now() - entry.created > resend.seconds - RESEND_MARGIN:
            raise self._unsettled(
                entry,
                f"It is older than the {resend.seconds / 3600:g} hours for which {self._provider.title} remembers a "
                "key, so sending it again could be paid twice. Look for the task on the provider's dashboard.",
            )
        if entry.request is None:
            raise self._unsettled(
                entry,
                "The journal does not have the request itself, so it cannot be sent again from here. With the same "
                f'request at hand, client.with_options(idempotency_key="{entry.idempotency_key}") settles it.',
            )
        body: dict[str, Any] = json.loads(entry.request)
        return self._submission(body, entry.request, entry.idempotency_key)

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

    def _unsettled(self, entry: Entry, hint: str) -> errors.SubmitUnknown:
        return errors.SubmitUnknown(
            f"Nobody knows whether {self._provider.title} accepted this submission"
            + (f": {entry.error}" if entry.error else "; the program ended while it was under way."),
            idempotency_key=entry.idempotency_key,
            submit_id=entry.submit_id,
            hint=hint,
        )

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
        parse = self._provider.parse_submitted if state.submitted else self._provider.parse_task
        try:
            return parse(state.payload)
        except (AttributeError, KeyError, TypeError, ValueError):
            return None

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self.base_url!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError(f"{type(self).__name__} holds a key and connections: create it anew where it is needed")


def _new_key() -> str:
    import uuid

    return f"vidgate-{uuid.uuid4()}"


def _no_task(entry: Entry) -> errors.JournalError:
    return errors.JournalError(
        f"Submission {entry.submit_id} was rejected, so there is no task: {entry.error}",
        submit_id=entry.submit_id,
        hint="Nothing was charged for it. Submit anew what is still wanted.",
    )


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
