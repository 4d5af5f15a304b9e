"""Tasks as people hold them: what the last answer said, and what can be done next."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from vidgate import errors
from vidgate._flow import check_task_id, read, wait
from vidgate._options import LARGEST, check_seconds
from vidgate._schedule import next_change

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping

    from vidgate._client import AsyncProviderClient, SyncProviderClient
    from vidgate._download import Source
    from vidgate._effects import Flow
    from vidgate._engine import Engine
    from vidgate._raw import AsyncRawTasks, RawTasks
    from vidgate._state import Result, TaskFault, TaskState, Verdict

DEFAULT_TIMEOUT = 600.0
"""Seconds that `wait` waits when nobody says how long: there always is an end."""

C = TypeVar("C", bound="Engine")


class TaskView:
    """What the last answer said of a task."""

    __slots__ = ("_state",)

    def __init__(self, state: TaskState) -> None:
        self._state = state

    @property
    def provider(self) -> str:
        """`evolink` or `apimart`."""
        return self._state.provider

    @property
    def id(self) -> str:
        return self._state.id

    @property
    def status(self) -> str:
        """The provider's own word, empty when it gave none."""
        return self._state.status

    @property
    def verdict(self) -> Verdict:
        """What `status` means: running, completed, failed, cancelled; unknown counts as running."""
        return self._state.verdict

    @property
    def done(self) -> bool:
        """Whether the task has ended, well or not."""
        return self._state.verdict in {"completed", "failed", "cancelled"}

    @property
    def progress(self) -> int | None:
        """0 to 100, None when the provider does not say."""
        return self._state.progress

    @property
    def results(self) -> tuple[Result, ...]:
        """Links to the results, once completed. They expire: download them soon."""
        return self._state.results

    @property
    def error(self) -> TaskFault | None:
        """Why the task failed, if it did."""
        return self._state.error

    @property
    def model(self) -> str | None:
        return self._state.model

    @property
    def created(self) -> float | None:
        """Seconds since 1970-01-01 UTC, None when the provider does not say."""
        return self._state.created

    @property
    def estimated_seconds(self) -> float | None:
        """How long the provider expects the task to take, from its creation."""
        return self._state.estimated_seconds

    @property
    def request_id(self) -> str | None:
        """The provider's id of the last request, for its support; None when it gave none."""
        return self._state.request_id

    @property
    def payload(self) -> Mapping[str, Any]:
        """The last answer's JSON as it came, envelope and unknown fields included."""
        return self._state.payload

    def __repr__(self) -> str:
        return f"{type(self).__name__}(id={self.id!r}, status={self.status!r}, progress={self.progress!r})"

    def __eq__(self, other: object) -> bool:
        return self._state == other._state if isinstance(other, TaskView) else NotImplemented

    def __hash__(self) -> int:
        return hash((self._state.provider, self._state.id))


class Task(TaskView):
    """A task of a sync client; every method that asks the provider returns a new one."""

    __slots__ = ("_client",)

    def __init__(self, state: TaskState, client: SyncProviderClient) -> None:
        super().__init__(state)
        self._client = client

    @property
    def raw(self) -> object | None:
        """The last answer as the generated response model; None when it does not fit one."""
        return self._client.parse(self._state)

    def refresh(self) -> Task:
        """Read the task once."""
        return Task(self._client.run(read(self._client.target, self.id)), self._client)

    def wait(self, *, timeout: float = DEFAULT_TIMEOUT, on_update: Callable[[Task], object] | None = None) -> Task:
        """Wait until the task is completed and return it; `timeout` in seconds, `on_update` is called at each change.

        Raises TaskFailed, TaskCancelled, ResultMissing, TaskTimeout (the task goes on), or an APIError that waiting
        cannot mend, such as AuthenticationError.
        """
        flow = wait(self._client.target, self._state, check_seconds("timeout", timeout, least=0))

        def tell(state: TaskState) -> None:
            if on_update is not None:
                on_update(Task(state, self._client))

        return Task(self._client.run(flow, on_update=tell), self._client)

    def events(self, *, timeout: float = DEFAULT_TIMEOUT) -> Iterator[Task]:
        """Wait, and give the task as it is now and after each change; the last one is completed.

        Raises at its end what `wait` raises; a failed or cancelled task is given before that.
        The task is read while the iterator is asked for the next event; `timeout` (seconds) runs from the first.
        """
        flow = wait(self._client.target, self._state, check_seconds("timeout", timeout, least=0))

        def events() -> Iterator[Task]:
            with contextlib.closing(flow):
                yield self
                while (state := self._client.run(next_change(flow))) is not None:
                    yield Task(state, self._client)

        return events()

    def download(
        self,
        path: str | os.PathLike[str],
        *,
        index: int = 0,
        overwrite: bool = False,
        max_bytes: int = LARGEST,
        on_progress: Callable[[int, int | None], object] | None = None,
    ) -> Path:
        """Save a result and return its path; the file appears under its name only when it is whole.

        `on_progress` gets the bytes so far and, if known, in total. Raises ResultMissing or a DownloadError.
        """
        flow = _saving(self._state, self._client, path, index=index, overwrite=overwrite, max_bytes=max_bytes)
        return self._client.run(flow, on_progress=on_progress)


class AsyncTask(TaskView):
    """A task of an async client; every method that asks the provider returns a new one."""

    __slots__ = ("_client",)

    def __init__(self, state: TaskState, client: AsyncProviderClient) -> None:
        super().__init__(state)
        self._client = client

    @property
    def raw(self) -> object | None:
        """The last answer as the generated response model; None when it does not fit one."""
        return self._client.parse(self._state)

    async def refresh(self) -> AsyncTask:
        """Read the task once."""
        return AsyncTask(await self._client.run(read(self._client.target, self.id)), self._client)

    async def wait(
        self,
        *,
        timeout: float = DEFAULT_TIMEOUT,  # noqa: ASYNC109 - the clock is the client's, which may not be asyncio's
        on_update: Callable[[AsyncTask], Awaitable[object] | object] | None = None,
    ) -> AsyncTask:
        """Wait until the task is completed and return it; `timeout` in seconds, `on_update` is called at each change.

        Raises TaskFailed, TaskCancelled, ResultMissing, TaskTimeout (the task goes on), or an APIError that waiting
        cannot mend, such as AuthenticationError.
        """
        flow = wait(self._client.target, self._state, check_seconds("timeout", timeout, least=0))

        def tell(state: TaskState) -> object:
            return None if on_update is None else on_update(AsyncTask(state, self._client))

        return AsyncTask(await self._client.run(flow, on_update=tell), self._client)

    def events(self, *, timeout: float = DEFAULT_TIMEOUT) -> AsyncIterator[AsyncTask]:
        """Wait, and give the task as it is now and after each change; the last one is completed.

        Raises at its end what `wait` raises; a failed or cancelled task is given before that.
        The task is read while the iterator is asked for the next event; `timeout` (seconds) runs from the first.
        """
        flow = wait(self._client.target, self._state, check_seconds("timeout", timeout, least=0))

        async def events() -> AsyncIterator[AsyncTask]:
            with contextlib.closing(flow):
                yield self
                while (state := await self._client.run(next_change(flow))) is not None:
                    yield AsyncTask(state, self._client)

        return events()

    async def download(
        self,
        path: str | os.PathLike[str],
        *,
        index: int = 0,
        overwrite: bool = False,
        max_bytes: int = LARGEST,
        on_progress: Callable[[int, int | None], Awaitable[object] | object] | None = None,
    ) -> Path:
        """Save a result and return its path; the file appears under its name only when it is whole.

        `on_progress` gets the bytes so far and, if known, in total. Raises ResultMissing or a DownloadError.
        """
        flow = _saving(self._state, self._client, path, index=index, overwrite=overwrite, max_bytes=max_bytes)
        return await self._client.run(flow, on_progress=on_progress)


class Tasks:
    """`client.tasks` of a sync client."""

    def __init__(self, client: SyncProviderClient) -> None:
        self._client = client

    def get(self, task_id: str, /) -> Task:
        """Read a task once, whoever created it with this key."""
        return Task(self._client.run(read(self._client.target, check_task_id(task_id))), self._client)

    @property
    def with_raw_response(self) -> RawTasks:
        """The same calls, with the answer as it came: status, headers, request id, body; `parse()` gives the task."""
        from vidgate._raw import RawTasks

        return RawTasks(self._client)


class AsyncTasks:
    """`client.tasks` of an async client."""

    def __init__(self, client: AsyncProviderClient) -> None:
        self._client = client

    async def get(self, task_id: str, /) -> AsyncTask:
        """Read a task once, whoever created it with this key."""
        return AsyncTask(await self._client.run(read(self._client.target, check_task_id(task_id))), self._client)

    @property
    def with_raw_response(self) -> AsyncRawTasks:
        """The same calls, with the answer as it came: status, headers, request id, body; `parse()` gives the task."""
        from vidgate._raw import AsyncRawTasks

        return AsyncRawTasks(self._client)


def _saving(
    state: TaskState,
    engine: Engine,
    path: str | os.PathLike[str],
    *,
    index: int,
    overwrite: bool,
    max_bytes: int,
) -> Flow[Path]:
    """The flow that saves one result and writes down where."""
    from vidgate._download import download
    from vidgate._journal.flows import saved

    source = source_of(state, engine, index, max_bytes)
    return saved(download(source, Path(path), overwrite=overwrite), state, index)


def source_of(state: TaskState, engine: Engine, index: int, max_bytes: int) -> Source:
    """The link to download, or why there is none."""
    if not state.results:
        hint = "Wait for it first: task.wait()." if state.verdict in {"running", "unknown"} else "Submit it anew."
        raise errors.ResultMissing(
            f"The task is {state.status or 'not completed'} and has no result.",
            task_id=state.id,
            request_id=state.request_id,
            hint=hint,
        )
    if isinstance(index, bool) or not 0 <= index < len(state.results):
        raise errors.ResultMissing(
            f"There is no result {index!r}: the task has {len(state.results)}.",
            task_id=state.id,
            request_id=state.request_id,
            hint=f"Give an index from 0 to {len(state.results) - 1}.",
        )
    from vidgate._download import Source

    return Source(
        url=state.results[index].url,
        task_id=state.id,
        index=index,
        limits=engine.download_limits,
        max_bytes=max_bytes,
        target=engine.target,
    )
