"""`client.videos.with_raw_response`, `client.tasks.with_raw_response`: the same calls, with the answer as it came."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from vidgate._address import bare_url
from vidgate._effects import Now, Reply, Send
from vidgate._flow import check_task_id, read
from vidgate._replies import request_id, shown_headers
from vidgate._tasks import AsyncTask, Task

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from vidgate._client import AsyncProviderClient, SyncProviderClient
    from vidgate._effects import Effect, Flow
    from vidgate._state import TaskState

T_co = TypeVar("T_co", covariant=True)
CreateT_co = TypeVar("CreateT_co", covariant=True)
ClientT = TypeVar("ClientT", bound="SyncProviderClient | AsyncProviderClient")


@dataclass(frozen=True, kw_only=True, slots=True)
class RawResponse(Generic[T_co]):
    """The answer behind a result; of several attempts the last one's.

    `url` is where the request went. `headers` have names in lower case; cookies are masked in them, and the API key is
    everywhere. `content` is the body as it came. `elapsed`: seconds from the request to the whole answer.
    """

    method: str
    url: str
    status: int
    headers: Mapping[str, str] = field(repr=False)
    request_id: str | None
    elapsed: float
    attempts: int
    content: bytes = field(repr=False)
    _result: T_co = field(repr=False)

    def parse(self) -> T_co:
        """What the same call returns without `with_raw_response`."""
        return self._result

    @property
    def text(self) -> str:
        """The body as text; what is no UTF-8 is replaced."""
        return self.content.decode("utf-8", errors="replace")

    def json(self) -> Any:
        """The body as JSON, unknown fields included."""
        return json.loads(self.content)


class _RawMedia(Generic[ClientT, CreateT_co]):
    """What both colours share: a client, and what submits to the resource."""

    _create: Any

    def __init__(
        self,
        client: ClientT,
        submission: Callable[[object, Mapping[str, object]], Flow[TaskState]],
        submission_from: Callable[[Mapping[str, object]], Flow[TaskState]],
    ) -> None:
        self._client = client
        self._submission = submission
        self._submission_from = submission_from

    @property
    def create(self) -> CreateT_co:
        """As `create`; the task is what `parse` returns."""
        return cast("CreateT_co", self._create)


class RawMedia(_RawMedia["SyncProviderClient", CreateT_co]):
    """`with_raw_response` of a resource of a sync client."""

    def _create(self, request: object = None, /, **keywords: object) -> RawResponse[Task]:
        return _raw(self._client, self._submission(request, keywords))

    def create_from(self, request: Mapping[str, object], /) -> RawResponse[Task]:
        """As `create_from`; the task is what `parse` returns."""
        return _raw(self._client, self._submission_from(request))


class AsyncRawMedia(_RawMedia["AsyncProviderClient", CreateT_co]):
    """`with_raw_response` of a resource of an async client."""

    async def _create(self, request: object = None, /, **keywords: object) -> RawResponse[AsyncTask]:
        return await _async_raw(self._client, self._submission(request, keywords))

    async def create_from(self, request: Mapping[str, object], /) -> RawResponse[AsyncTask]:
        """As `create_from`; the task is what `parse` returns."""
        return await _async_raw(self._client, self._submission_from(request))


class RawTasks:
    """`client.tasks.with_raw_response` of a sync client."""

    def __init__(self, client: SyncProviderClient) -> None:
        self._client = client

    def get(self, task_id: str, /) -> RawResponse[Task]:
        """As `get`; the task is what `parse` returns."""
        return _raw(self._client, read(self._client.target, check_task_id(task_id)))


class AsyncRawTasks:
    """`client.tasks.with_raw_response` of an async client."""

    def __init__(self, client: AsyncProviderClient) -> None:
        self._client = client

    async def get(self, task_id: str, /) -> RawResponse[AsyncTask]:
        """As `get`; the task is what `parse` returns."""
        return await _async_raw(self._client, read(self._client.target, check_task_id(task_id)))


def _raw(client: SyncProviderClient, flow: Flow[TaskState]) -> RawResponse[Task]:
    listening = _Listening()
    state = client.run(listening.over(flow))
    return RawResponse(_result=Task(state, client), **listening.facts())


async def _async_raw(client: AsyncProviderClient, flow: Flow[TaskState]) -> RawResponse[AsyncTask]:
    listening = _Listening()
    state = await client.run(listening.over(flow))
    return RawResponse(_result=AsyncTask(state, client), **listening.facts())


class _Listening:
    """Keeps the last request and answer that pass."""

    def __init__(self) -> None:
        self._sent: list[Send] = []
        self._reply: Reply | None = None
        self._elapsed = 0.0

    def over(self, flow: Flow[TaskState]) -> Flow[TaskState]:
        answer: Any = None
        with contextlib.closing(flow):
            while True:
                try:
                    effect: Effect = flow.send(answer)
                except StopIteration as stop:
                    state: TaskState = stop.value
                    return state
                if not isinstance(effect, Send):
                    answer = yield effect
                    continue
                self._sent.append(effect)
                began: float = yield Now()
                answer = yield effect
                self._elapsed = (yield Now()) - began
                if isinstance(answer, Reply):
                    self._reply = answer

    def facts(self) -> dict[str, Any]:
        # A flow that returned had an answer to return from.
        request, reply = self._sent[-1].request, cast("Reply", self._reply)
        return {
            "method": request.method,
            "url": bare_url(request.url),
            "status": reply.status,
            "headers": shown_headers(reply),
            "request_id": request_id(reply),
            "elapsed": self._elapsed,
            "attempts": len(self._sent),
            "content": reply.content,
        }
