"""The four clients. Thin: what they do is in `_flow` and `_download`, how in `_drive`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, cast

import httpx

from vidgate import errors
from vidgate._drive import USER_AGENT, AsyncDriver, SyncDriver
from vidgate._many import AsyncMany, SyncMany
from vidgate._options import Options, Timeouts
from vidgate._providers import APIMART, EVOLINK
from vidgate._schedule import Budget
from vidgate._tasks import AsyncTask, AsyncTasks, Task, Tasks

if TYPE_CHECKING:
    from types import TracebackType

    import apimart_api.variants
    import evolink_api.variants
    from vidgate._batch.run import AsyncBatch, Batch
    from vidgate._clock import Clock
    from vidgate._effects import Flow
    from vidgate._journal.place import JournalChoice
    from vidgate._journal.records import Entry
    from vidgate._state import TaskState

T = TypeVar("T")
CreateT = TypeVar("CreateT")

DEFAULT_TIMEOUTS = Timeouts()


class Videos(Generic[CreateT]):
    """`client.videos` of a sync client; `create` is typed per model by the generated protocol."""

    def __init__(self, client: SyncProviderClient) -> None:
        self._client = client
        self.create: CreateT = cast("CreateT", self._create)

    def _create(self, request: object = None, /, **keywords: object) -> Task:
        """Submit a paid task: `model=…` with its keywords, or a request object.

        The request is checked offline first (InvalidRequest). Raises an APIError when the provider certainly refused
        it, ConnectionFailed when it certainly did not arrive, and SubmitUnknown when nobody can tell.
        """
        if isinstance(request, Mapping):
            raise errors.ConfigurationError("create takes keywords.", hint="Give a mapping to create_from.")
        return Task(self._client.run(self._client.submission(request, keywords)), self._client)

    def create_from(self, request: Mapping[str, object], /) -> Task:
        """Submit a paid task from a mapping whose model is known only at run time; as `create` otherwise."""
        return Task(self._client.run(self._client.submission(request, {})), self._client)


class AsyncVideos(Generic[CreateT]):
    """`client.videos` of an async client; `create` is typed per model by the generated protocol."""

    def __init__(self, client: AsyncProviderClient) -> None:
        self._client = client
        self.create: CreateT = cast("CreateT", self._create)

    async def _create(self, request: object = None, /, **keywords: object) -> AsyncTask:
        """Submit a paid task: `model=…` with its keywords, or a request object.

        The request is checked offline first (InvalidRequest). Raises an APIError when the provider certainly refused
        it, ConnectionFailed when it certainly did not arrive, and SubmitUnknown when nobody can tell.
        """
        if isinstance(request, Mapping):
            raise errors.ConfigurationError("create takes keywords.", hint="Give a mapping to create_from.")
        return AsyncTask(await self._client.run(self._client.submission(request, keywords)), self._client)

    async def create_from(self, request: Mapping[str, object], /) -> AsyncTask:
        """Submit a paid task from a mapping whose model is known only at run time; as `create` otherwise."""
        return AsyncTask(await self._client.run(self._client.submission(request, {})), self._client)


class SyncProviderClient(SyncMany):
    """Base of the sync clients. A client may be shared between threads, as `httpx.Client` may."""

    videos: Videos[Any]
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
    ) -> None:
        """Key and base URL come from the environment when not given; see the provider's row for the names.

        A handed-in `http_client` stays the caller's: it is not closed, and its own settings hold.
        `journal`: where paid submissions are kept, a Journal or a path. True: the file of VIDGATE_JOURNAL (`none` for
        none), else one in the user's data folder; but none for a transport without a network and for an address of
        this machine, which are simulators, unless VIDGATE_JOURNAL names one. False: none.
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
        )
        _check_handed_in(http_client, httpx.Client, transport, httpx.BaseTransport)
        self._owned = http_client is None
        http = http_client or httpx.Client(transport=transport, headers={"user-agent": USER_AGENT})
        self._driver = SyncDriver(http, secret=self._secret, clock=self._clock, recorder=self._recorder)
        self._budget = Budget()
        self._bind()

    def _bind(self) -> None:
        self.videos = Videos(self)
        self.tasks = Tasks(self)

    def _become_twin(self, options: Options) -> None:
        super()._become_twin(options)
        self._owned = self._owns_journal = False
        self._bind()

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
        """Settle a submission whose outcome is unknown, by sending it again under the same idempotency key.

        The provider answers for the first one. If that one never arrived, the task begins, and is paid, now.
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
            self._driver.http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class AsyncProviderClient(AsyncMany):
    """Base of the async clients."""

    videos: AsyncVideos[Any]
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
    ) -> None:
        """Key and base URL come from the environment when not given; see the provider's row for the names.

        A handed-in `http_client` stays the caller's: it is not closed, and its own settings hold.
        `journal`: where paid submissions are kept, a Journal or a path. True: the file of VIDGATE_JOURNAL (`none` for
        none), else one in the user's data folder; but none for a transport without a network and for an address of
        this machine, which are simulators, unless VIDGATE_JOURNAL names one. False: none.
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
        )
        _check_handed_in(http_client, httpx.AsyncClient, transport, httpx.AsyncBaseTransport)
        self._owned = http_client is None
        http = http_client or httpx.AsyncClient(transport=transport, headers={"user-agent": USER_AGENT})
        self._driver = AsyncDriver(http, secret=self._secret, clock=self._clock, recorder=self._recorder)
        self._budget = Budget()
        self._bind()

    def _bind(self) -> None:
        self.videos = AsyncVideos(self)
        self.tasks = AsyncTasks(self)

    def _become_twin(self, options: Options) -> None:
        super()._become_twin(options)
        self._owned = self._owns_journal = False
        self._bind()

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
        return await self._driver.run(flow, on_update=on_update, on_progress=on_progress)

    async def pending(self) -> tuple[Entry, ...]:
        """The submissions of this key in the journal that need something still: to settle, to wait, to download."""
        return await _in_thread(self.pending_entries)

    async def resume(self, name: str, /) -> AsyncTask:
        """Read the task of an earlier run, by its id or its submission's.

        Raises SubmitUnknown when nobody knows whether there is one; `recover` may find out.
        """
        return AsyncTask(await self.run(await _in_thread(self.resumption, name)), self)

    async def recover(self, submit_id: str, /, *, replay: bool = False) -> AsyncTask:
        """Settle a submission whose outcome is unknown, by sending it again under the same idempotency key.

        The provider answers for the first one. If that one never arrived, the task begins, and is paid, now.
        Where only the provider's own client relies on that, `replay=True` has to ask for it; else, and where the
        provider has forgotten the key, SubmitUnknown says what is left to do.
        """
        flow = await _in_thread(self.recovery, submit_id, replay=replay)
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
            await self._driver.http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()


class EvoLink(SyncProviderClient):
    """EvoLink; `EVOLINK_API_KEY` and `EVOLINK_BASE_URL` from the environment when not given."""

    _provider = EVOLINK
    videos: Videos[evolink_api.variants.CreateVideo[Task]]


class AsyncEvoLink(AsyncProviderClient):
    """EvoLink for asyncio; `EVOLINK_API_KEY` and `EVOLINK_BASE_URL` from the environment when not given."""

    _provider = EVOLINK
    videos: AsyncVideos[evolink_api.variants.CreateVideo[Awaitable[AsyncTask]]]


class APIMart(SyncProviderClient):
    """APIMart; `APIMART_API_KEY` and `APIMART_BASE_URL` from the environment when not given."""

    _provider = APIMART
    videos: Videos[apimart_api.variants.CreateVideo[Task]]


class AsyncAPIMart(AsyncProviderClient):
    """APIMart for asyncio; `APIMART_API_KEY` and `APIMART_BASE_URL` from the environment when not given."""

    _provider = APIMART
    videos: AsyncVideos[apimart_api.variants.CreateVideo[Awaitable[AsyncTask]]]


async def _in_thread(function: Callable[..., T], *arguments: object, **keywords: object) -> T:
    import asyncio  # a sync client has no use for it

    return await asyncio.to_thread(function, *arguments, **keywords)


def _check_handed_in(http_client: object, client_kind: type, transport: object, transport_kind: type) -> None:
    if http_client is not None and transport is not None:
        raise errors.ConfigurationError(
            "Both http_client and transport were given.", hint="Give the transport to the http_client."
        )
    for name, value, kind in (("http_client", http_client, client_kind), ("transport", transport, transport_kind)):
        if value is not None and not isinstance(value, kind):
            raise errors.ConfigurationError(
                f"{name} is {type(value).__name__}.", hint=f"Give httpx.{kind.__name__} or something made from it."
            )
