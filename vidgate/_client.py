"""The four clients. Thin: what they do is in `_flow` and `_download`, how in `_drive`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, TypeVar

import httpx

from vidgate._connections import in_thread
from vidgate._drive import AsyncDriver, SyncDriver
from vidgate._http import open_http
from vidgate._many import AsyncMany, SyncMany
from vidgate._media import AsyncMedia, Media, MediaAttributes, check_kind
from vidgate._options import Options, Timeouts
from vidgate._providers import APIMART, EVOLINK
from vidgate._schedule import Budget
from vidgate._tasks import AsyncTask, AsyncTasks, Task, Tasks

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from types import TracebackType

    from apimart_api import variants as apimart
    from evolink_api import variants as evolink
    from vidgate._batch.run import AsyncBatch, Batch
    from vidgate._clock import Clock
    from vidgate._effects import Flow
    from vidgate._journal.place import JournalChoice
    from vidgate._journal.records import Entry
    from vidgate._raw import RawResponse
    from vidgate._state import TaskState
    from vidgate.events import Hook

    # The attributes for media, as the contracts have them.
    _EvoLinkMedia = evolink.MediaResources[
        Media[evolink.ImageCalls[Task], evolink.ImageCalls[RawResponse[Task]]],
        Media[evolink.AudioCalls[Task], evolink.AudioCalls[RawResponse[Task]]],
        Media[evolink.VideoCalls[Task], evolink.VideoCalls[RawResponse[Task]]],
    ]
    _AsyncEvoLinkMedia = evolink.MediaResources[
        AsyncMedia[evolink.ImageCalls[Awaitable[AsyncTask]], evolink.ImageCalls[Awaitable[RawResponse[AsyncTask]]]],
        AsyncMedia[evolink.AudioCalls[Awaitable[AsyncTask]], evolink.AudioCalls[Awaitable[RawResponse[AsyncTask]]]],
        AsyncMedia[evolink.VideoCalls[Awaitable[AsyncTask]], evolink.VideoCalls[Awaitable[RawResponse[AsyncTask]]]],
    ]
    _APIMartMedia = apimart.MediaResources[
        Media[apimart.ImageCalls[Task], apimart.ImageCalls[RawResponse[Task]]],
        Media[apimart.AudioCalls[Task], apimart.AudioCalls[RawResponse[Task]]],
        Media[apimart.VideoCalls[Task], apimart.VideoCalls[RawResponse[Task]]],
    ]
    _AsyncAPIMartMedia = apimart.MediaResources[
        AsyncMedia[apimart.ImageCalls[Awaitable[AsyncTask]], apimart.ImageCalls[Awaitable[RawResponse[AsyncTask]]]],
        AsyncMedia[apimart.AudioCalls[Awaitable[AsyncTask]], apimart.AudioCalls[Awaitable[RawResponse[AsyncTask]]]],
        AsyncMedia[apimart.VideoCalls[Awaitable[AsyncTask]], apimart.VideoCalls[Awaitable[RawResponse[AsyncTask]]]],
    ]
else:
    _EvoLinkMedia = _AsyncEvoLinkMedia = _APIMartMedia = _AsyncAPIMartMedia = object

T = TypeVar("T")

DEFAULT_TIMEOUTS = Timeouts()


class SyncProviderClient(MediaAttributes, SyncMany):
    """Base of the sync clients.

    A client may be shared between threads, as `httpx.Client` may, and used in a forked process, where it opens
    connections of its own.
    """

    tasks: Tasks

    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        timeout: float | Timeouts = DEFAULT_TIMEOUTS,
        http_client: httpx.Client | None = None,
        transport: httpx.BaseTransport | None = None,
        validate: bool = True,
        clock: Clock | None = None,
        attempts: int = 3,
        patience: float = 60.0,
        journal: JournalChoice = True,
        hooks: Sequence[Hook] = (),
        user_agent: str | None = None,
    ) -> None:
        """Key and base URL come from the environment when not given; see the provider's row for the names.

        A handed-in `http_client` stays the caller's: it is not closed, and its own settings hold.
        `journal`: where paid submissions are kept, a Journal or a path. True: the file of VIDGATE_JOURNAL (`none` for
        none), else one in the user's data folder; but none for a transport without a network and for an address of
        this machine, which are simulators, unless VIDGATE_JOURNAL names one. False: none.
        `hooks` are called with each event of `vidgate.events`, in order, in the thread that runs the operation; what
        one raises is logged once and changes nothing. They have to be quick.
        `user_agent` is appended to ours. Proxies and certificates: those of the environment that httpx knows, or of an
        `http_client`.
        """
        super().__init__(
            api_key,
            base_url=base_url,
            timeout=timeout,
            validate=validate,
            clock=clock,
            attempts=attempts,
            patience=patience,
            journal=journal,
            transport=transport,
            hooks=hooks,
            awaits=False,
        )
        opened = open_http(httpx.Client, http_client, transport, user_agent)
        self._owned = opened.owned
        self._driver = SyncDriver(
            opened.http,
            secret=self._secret,
            clock=self._clock,
            recorder=self._recorder,
            renew=opened.renew,
            inside=opened.inside,
        )
        self._budget = Budget()
        self._bind()

    def _bind(self) -> None:
        self.tasks = Tasks(self)

    def _become_twin(self, options: Options) -> None:
        super()._become_twin(options)
        self._owned = self._owns_journal = False
        self._bind()

    def media(self, kind: str) -> Media[Any, Any]:
        """The resource for what is known only at run time: `image`, `audio` or `video`, as a model's `kind` says.

        Raises ConfigurationError where the provider's contract has no operation that makes it.
        """
        check_kind(self._provider, kind)
        return Media(self, kind)

    def run(
        self,
        flow: Flow[T],
        *,
        on_update: Callable[[TaskState], object] | None = None,
        on_progress: Callable[[int, int | None], object] | None = None,
    ) -> T:
        """Perform a flow with this client's connections, key and clock."""
        if self._recorder is not None:
            from vidgate._journal.flows import observed

            flow = observed(flow)
        return self._driver.run(flow, on_update=on_update, on_progress=on_progress)

    def pending(self) -> tuple[Entry, ...]:
        """The submissions of this key in the journal that need something still: to settle, to wait, to download."""
        return self.pending_entries()

    def resume(self, name: str, /) -> Task:
        """Read the task of an earlier run, by its id or its submission's.

        Raises SubmitUnknown when nobody knows whether there is one; `recover` may find out.
        """
        return Task(self.run(self.resumption(name)), self)

    def recover(self, submit_id: str, /, *, replay: bool = False) -> Task:
        """Settle a submission whose outcome is unknown: by its callback, else by sending it again under the same key.

        A callback that `vidgate.webhooks` received with this journal names the task, and nothing is sent. Else the
        provider answers for the first one. If that one never arrived, the task begins, and is paid, now.
        Where only the provider's own client relies on that, `replay=True` has to ask for it; else, and where the
        provider has forgotten the key, SubmitUnknown says what is left to do.
        """
        return Task(self.run(self.recovery(submit_id, replay=replay)), self)

    def batch(
        self,
        name: str,
        *,
        max_in_flight: int = 4,
        max_credits: float | None = None,
        credits_per_item: float | None = None,
    ) -> Batch:
        """A named batch of submissions, kept in the journal: see `Batch.run`.

        Not more than `max_in_flight` tasks run at a time. `max_credits`: nothing is submitted that would lead beyond,
        earlier runs of the batch included. The price of a model is what its submissions have reserved so far, so its
        first one may pass the ceiling unless `credits_per_item` gives the most that an item can cost.
        Raises ConfigurationError without a journal.
        """
        from vidgate._batch.run import Batch
        from vidgate._batch.state import BatchState

        state = BatchState(
            self,
            name,
            max_in_flight=max_in_flight,
            max_credits=max_credits,
            credits_per_item=credits_per_item,
        )
        return Batch(state, self)

    def close(self) -> None:
        """Close the connections, unless they are the caller's or another client's, and the journal likewise."""
        if self._owns_journal and self._journal is not None:
            self._journal.close()
        if self._owned:
            self._driver.connections.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class AsyncProviderClient(MediaAttributes, AsyncMany):
    """Base of the async clients."""

    tasks: AsyncTasks

    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        timeout: float | Timeouts = DEFAULT_TIMEOUTS,
        http_client: httpx.AsyncClient | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        validate: bool = True,
        clock: Clock | None = None,
        attempts: int = 3,
        patience: float = 60.0,
        journal: JournalChoice = True,
        hooks: Sequence[Hook] = (),
        user_agent: str | None = None,
    ) -> None:
        """Key and base URL come from the environment when not given; see the provider's row for the names.

        A handed-in `http_client` stays the caller's: it is not closed, and its own settings hold.
        `journal`: where paid submissions are kept, a Journal or a path. True: the file of VIDGATE_JOURNAL (`none` for
        none), else one in the user's data folder; but none for a transport without a network and for an address of
        this machine, which are simulators, unless VIDGATE_JOURNAL names one. False: none.
        `hooks` are called with each event of `vidgate.events`, in order, in the thread that runs the operation; what
        one raises is logged once and changes nothing. They have to be quick, unless they are coroutine functions.
        `user_agent` is appended to ours. Proxies and certificates: those of the environment that httpx knows, or of an
        `http_client`.
        Each event loop has its own connections; those of an `http_client` are of the first one only.
        """
        super().__init__(
            api_key,
            base_url=base_url,
            timeout=timeout,
            validate=validate,
            clock=clock,
            attempts=attempts,
            patience=patience,
            journal=journal,
            transport=transport,
            hooks=hooks,
            awaits=True,
        )
        opened = open_http(httpx.AsyncClient, http_client, transport, user_agent)
        self._owned = opened.owned
        self._driver = AsyncDriver(
            opened.http,
            secret=self._secret,
            clock=self._clock,
            recorder=self._recorder,
            renew=opened.renew,
            inside=opened.inside,
        )
        self._budget = Budget()
        self._bind()

    def _bind(self) -> None:
        self.tasks = AsyncTasks(self)

    def _become_twin(self, options: Options) -> None:
        super()._become_twin(options)
        self._owned = self._owns_journal = False
        self._bind()

    def media(self, kind: str) -> AsyncMedia[Any, Any]:
        """The resource for what is known only at run time: `image`, `audio` or `video`, as a model's `kind` says.

        Raises ConfigurationError where the provider's contract has no operation that makes it.
        """
        check_kind(self._provider, kind)
        return AsyncMedia(self, kind)

    async def run(
        self,
        flow: Flow[T],
        *,
        on_update: Callable[[TaskState], object] | None = None,
        on_progress: Callable[[int, int | None], object] | None = None,
    ) -> T:
        """Perform a flow with this client's connections, key and clock."""
        if self._recorder is not None:
            from vidgate._journal.flows import observed

            flow = observed(flow)
        running = self._driver.run(flow, on_update=on_update, on_progress=on_progress)
        return await (self._observer.settled(running) if self._observer.hooks else running)

    async def pending(self) -> tuple[Entry, ...]:
        """The submissions of this key in the journal that need something still: to settle, to wait, to download."""
        return await in_thread(self.pending_entries)

    async def resume(self, name: str, /) -> AsyncTask:
        """Read the task of an earlier run, by its id or its submission's.

        Raises SubmitUnknown when nobody knows whether there is one; `recover` may find out.
        """
        return AsyncTask(await self.run(await in_thread(self.resumption, name)), self)

    async def recover(self, submit_id: str, /, *, replay: bool = False) -> AsyncTask:
        """Settle a submission whose outcome is unknown: by its callback, else by sending it again under the same key.

        A callback that `vidgate.webhooks` received with this journal names the task, and nothing is sent. Else the
        provider answers for the first one. If that one never arrived, the task begins, and is paid, now.
        Where only the provider's own client relies on that, `replay=True` has to ask for it; else, and where the
        provider has forgotten the key, SubmitUnknown says what is left to do.
        """
        flow = await in_thread(self.recovery, submit_id, replay=replay)
        return AsyncTask(await self.run(flow), self)

    def batch(
        self,
        name: str,
        *,
        max_in_flight: int = 4,
        max_credits: float | None = None,
        credits_per_item: float | None = None,
    ) -> AsyncBatch:
        """A named batch of submissions, kept in the journal: see `Batch.run`.

        Not more than `max_in_flight` tasks run at a time. `max_credits`: nothing is submitted that would lead beyond,
        earlier runs of the batch included. The price of a model is what its submissions have reserved so far, so its
        first one may pass the ceiling unless `credits_per_item` gives the most that an item can cost.
        Raises ConfigurationError without a journal.
        """
        from vidgate._batch.run import AsyncBatch
        from vidgate._batch.state import BatchState

        state = BatchState(
            self,
            name,
            max_in_flight=max_in_flight,
            max_credits=max_credits,
            credits_per_item=credits_per_item,
        )
        return AsyncBatch(state, self)

    async def aclose(self) -> None:
        """Close the connections, unless they are the caller's or another client's, and the journal likewise."""
        if self._owns_journal and self._journal is not None:
            self._journal.close()
        if self._owned:
            await self._driver.connections.aclose()
        await self._observer.settle()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()


class EvoLink(SyncProviderClient, _EvoLinkMedia):
    """EvoLink; `EVOLINK_API_KEY` and `EVOLINK_BASE_URL` from the environment when not given."""

    _provider = EVOLINK


class AsyncEvoLink(AsyncProviderClient, _AsyncEvoLinkMedia):
    """EvoLink for asyncio; `EVOLINK_API_KEY` and `EVOLINK_BASE_URL` from the environment when not given."""

    _provider = EVOLINK


class APIMart(SyncProviderClient, _APIMartMedia):
    """APIMart; `APIMART_API_KEY` and `APIMART_BASE_URL` from the environment when not given."""

    _provider = APIMART


class AsyncAPIMart(AsyncProviderClient, _AsyncAPIMartMedia):
    """APIMart for asyncio; `APIMART_API_KEY` and `APIMART_BASE_URL` from the environment when not given."""

    _provider = APIMART
