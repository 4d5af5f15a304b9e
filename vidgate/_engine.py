"""What sync and async clients share: everything but I/O."""

from __future__ import annotations

import dataclasses
import random
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

from vidgate import errors
from vidgate._clock import SystemClock
from vidgate._contract import load
from vidgate._effects import Limits
from vidgate._flow import Target, submit
from vidgate._options import Options, Timeouts, resolve_base_url, resolve_key, timeouts_from
from vidgate._plain import NotPlain, encode, plain
from vidgate._report import Problem, Report
from vidgate._secret import Secret
from vidgate._validate import validate as check_body
from vidgate._warn import warn

if TYPE_CHECKING:
    from vidgate._clock import Clock
    from vidgate._contract import ModelInfo
    from vidgate._effects import Flow
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

    @property
    def base_url(self) -> str:
        """Where requests go: the argument, the environment, or the contract's own server."""
        return self._base_url or load(self._provider.package).server().rstrip("/")

    @property
    def models(self) -> tuple[ModelInfo, ...]:
        """The models of the contract and their parameters."""
        return load(self._provider.package).models

    def check(self, request: object = None, /, **keywords: object) -> Report:
        """Check a request offline: a mapping, a request object, or keywords. True when nothing is wrong."""
        try:
            body = _body(request, keywords)
        except NotPlain as refusal:
            return self._masked(Report(errors=(refusal.problem,)))
        return self._masked(check_body(body, self._provider))

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

    @property
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
        try:
            body = _body(request, keywords)
        except NotPlain as refusal:
            report = Report(errors=(refusal.problem,))
        else:
            report = check_body(body, self._provider) if self._options.validate else Report()
            if report:
                for advice in report.warnings:
                    warn(self._secret.redact(str(advice)), errors.RequestAdvice)
                key = self._options.idempotency_key or f"vidgate-{uuid.uuid4()}"
                return submit(self.target, body, encode(body), key)
        # Outside of `except`, so that the refusal stands alone in a traceback.
        raise errors.InvalidRequest(self._masked(report))

    def _masked(self, report: Report) -> Report:
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
