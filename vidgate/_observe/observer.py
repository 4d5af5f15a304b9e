"""Who listens to a client. When nobody does, an operation pays one look at this, and runs as it is.

A hook that raises never ends an operation: a paid task must not be lost to a print statement. Its first failure is
logged, the later ones are not.
"""

from __future__ import annotations

import contextlib
import inspect
import logging
from collections import deque
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final, TypeVar

from vidgate._state import TaskState
from vidgate.errors import ConfigurationError, SubmitUnknown

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable

    from vidgate._clock import Clock
    from vidgate._effects import Flow
    from vidgate._providers import Provider
    from vidgate._secret import Secret
    from vidgate.events import Event, Hook, Operation

T = TypeVar("T")

LOGGER: Final = logging.getLogger("vidgate")
LOGGER.addHandler(logging.NullHandler())  # the program decides what is shown, and where

# What a hook itself asks of a client is not told to hooks: that would never end.
_TELLING: ContextVar[bool] = ContextVar("vidgate_telling", default=False)


class Observer:
    """The hooks of one client; `awaits`: whether what they return can be awaited."""

    __slots__ = ("_failed", "_pending", "awaits", "clock", "hooks", "secret")

    def __init__(self, hooks: object, *, secret: Secret, clock: Clock, awaits: bool) -> None:
        self.hooks = _checked(hooks, awaits=awaits)
        self.secret = secret
        self.clock = clock
        self.awaits = awaits
        self._pending: dict[asyncio.AbstractEventLoop, deque[tuple[Hook, Awaitable[object]]]] = {}
        self._failed: set[int] = set()

    @property
    def has_pending(self) -> bool:
        """Whether asynchronous hooks have begun something that nobody has awaited."""
        return bool(self._pending)

    def tell(self, event: Event) -> None:
        """Call every hook, and write the log."""
        from vidgate._observe.logs import log

        log(event)
        telling = _TELLING.set(True)
        try:
            for hook in self.hooks:
                self._call(hook, event)
        finally:
            _TELLING.reset(telling)

    def _call(self, hook: Hook, event: Event) -> None:
        try:
            answer = hook(event)
            if inspect.isawaitable(answer):
                self._keep(hook, answer)
        except Exception as error:  # noqa: BLE001 - whatever a hook raises, the operation goes on
            self._complain(hook, error)

    def _keep(self, hook: Hook, answer: Awaitable[object]) -> None:
        if self.awaits:
            import asyncio  # a sync client has no use for it

            self._pending.setdefault(asyncio.get_running_loop(), deque()).append((hook, answer))
            return
        if inspect.iscoroutine(answer):
            answer.close()
        raise TypeError("it returns an awaitable, and this client is not asynchronous")

    async def settled(self, operation: Awaitable[T]) -> T:
        """What an operation returns, once the hooks that were told of it are done."""
        try:
            value = await operation
        except BaseException:
            await self.settle()
            raise
        try:
            await self.settle()
        except BaseException as error:
            if isinstance(value, TaskState) and value.submitted:
                error.add_note(f"The task was made, and is paid: {value.id}")
            raise
        return value

    async def settle(self) -> None:
        """Await what asynchronous hooks have begun in this event loop, in order."""
        if not self._pending:
            return
        import asyncio

        loop = asyncio.get_running_loop()
        while waiting := self._pending.get(loop):
            hook, answer = waiting.popleft()
            if not waiting:
                del self._pending[loop]
            telling = _TELLING.set(True)
            try:
                await answer
            except asyncio.CancelledError as error:
                task = asyncio.current_task()
                if task is not None and task.cancelling():
                    raise
                self._complain(hook, error)  # it is the hook's own task that was cancelled
            except Exception as error:  # noqa: BLE001 - whatever a hook raises, the operation goes on
                self._complain(hook, error)
            finally:
                _TELLING.reset(telling)

    def _complain(self, hook: Hook, error: BaseException) -> None:
        if id(hook) in self._failed:
            return
        self._failed.add(id(hook))
        import traceback

        text = "".join(traceback.format_exception(error)).rstrip()  # the logger's filter masks keys in it
        name = getattr(hook, "__qualname__", None) or getattr(hook, "__name__", type(hook).__name__)
        say(logging.ERROR, "the hook %s raised, which changes nothing; not logged again\n%s", name, text)


def say(level: int, text: str, *arguments: object, **keywords: Any) -> None:
    """Write to the log. A handler or filter of the program that raises is as harmless as a hook that does."""
    with contextlib.suppress(Exception):
        LOGGER.log(level, text, *arguments, **keywords)


def watched(
    observer: Observer | None,
    flow: Flow[T],
    provider: Provider,
    operation: Operation,
    *,
    task_id: str | None = None,
    model: str | None = None,
    state: TaskState | None = None,
) -> Flow[T]:
    """The flow, told about as it runs, if somebody listens."""
    if observer is None or not (observer.hooks or LOGGER.isEnabledFor(logging.INFO)) or _TELLING.get():
        return _warning(flow) if operation == "submit" and LOGGER.isEnabledFor(logging.WARNING) else flow
    from vidgate._observe.watch import Watch

    watch = Watch(
        observer,
        provider,
        operation,
        task_id=task_id if state is None else state.id,
        model=model if state is None else state.model,
        status="" if state is None else state.status,
    )
    return watch.over(flow)


def _warning(flow: Flow[T]) -> Flow[T]:
    """The flow; that money may be lost is said in the log even when nobody asked for more."""
    try:
        return (yield from flow)
    except SubmitUnknown as unknown:
        named = "" if unknown.submit_id is None else f" submit_id={unknown.submit_id}"
        say(logging.WARNING, "unknown idempotency_key=%s%s", unknown.idempotency_key, named)
        raise


def _checked(hooks: Any, *, awaits: bool) -> tuple[Hook, ...]:
    """Callers without a type checker hand in anything."""
    hint = "Give a list of functions of one event, such as hooks=[print]."
    if hooks is None:
        return ()
    try:
        given: tuple[Any, ...] | None = None if callable(hooks) else tuple(hooks)
    except TypeError:
        given = None
    if given is None:
        raise ConfigurationError(f"hooks is {type(hooks).__name__}.", hint=hint)
    for hook in given:
        if not callable(hook):
            raise ConfigurationError(f"A hook is {type(hook).__name__}, which cannot be called.", hint=hint)
        if not awaits and _is_asynchronous(hook):
            raise ConfigurationError(
                "A hook is a coroutine function, and this client cannot await it.",
                hint="Give it to an asynchronous client, or write it with `def`.",
            )
    return given


def _is_asynchronous(hook: Any) -> bool:
    inner: Any = inspect.unwrap(hook)
    return inspect.iscoroutinefunction(inner) or inspect.iscoroutinefunction(inner.__call__)
