"""One client over several providers: a request in neutral words, submitted to the first one that takes it.

The next provider is asked only when the one before certainly did not accept the task: it cannot do it, it refused, or
the request never arrived. An outcome that nobody knows ends the search, because the task may run and be paid.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Generic, Self, TypeAlias, TypeVar, Unpack

from vidgate import errors
from vidgate._client import APIMart, AsyncAPIMart, AsyncEvoLink, EvoLink
from vidgate._engine import Engine
from vidgate._neutral import request_for, wish_of
from vidgate._providers import PROVIDERS, provider_of
from vidgate._report import Report

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator, Iterable, Mapping
    from types import TracebackType

    from vidgate._media import AsyncMedia, Media
    from vidgate._neutral import Wish, Wishes
    from vidgate._raw import RawResponse
    from vidgate._tasks import AsyncTask, Task

T = TypeVar("T")

NOT_ACCEPTED: Final = (errors.InvalidRequest, errors.APIError, errors.ConnectionFailed)
"""What a submission raises when there certainly is no task. SubmitUnknown is none of them."""

SYNC: Mapping[str, type[EvoLink | APIMart]] = MappingProxyType({"evolink": EvoLink, "apimart": APIMart})
ASYNC: Mapping[str, type[AsyncEvoLink | AsyncAPIMart]] = MappingProxyType(
    {"evolink": AsyncEvoLink, "apimart": AsyncAPIMart}
)

ClientT = TypeVar("ClientT", "EvoLink | APIMart", "AsyncEvoLink | AsyncAPIMart")

_Course: TypeAlias = "Generator[tuple[str, dict[str, Any]], errors.VidgateError, None]"


class _Facade(Generic[ClientT]):
    """The providers in order, each with a client of its own."""

    _kinds: Mapping[str, type[ClientT]]

    def __init__(self, providers: str | ClientT | Iterable[str | ClientT], **options: Any) -> None:
        """Names or clients, in the order of preference; `options` are for the clients made from names.

        Clients that are handed in stay the caller's: they are not closed.
        """
        given = [providers] if isinstance(providers, (str, Engine)) else list(providers)
        self._clients: dict[str, ClientT] = {}
        self._owned: list[ClientT] = []
        for one in given:
            client = self._make(one, options)
            name = client.provider.name
            if name in self._clients:
                raise errors.ConfigurationError(f"{name} is given twice.", hint="Give each provider once.")
            self._clients[name] = client
        if not self._clients:
            raise errors.ConfigurationError("No provider is given.", hint=f"Known are {', '.join(PROVIDERS)}.")

    def _make(self, one: str | ClientT, options: Mapping[str, Any]) -> ClientT:
        if not isinstance(one, str):
            if isinstance(one, tuple(self._kinds.values())):
                return one
            raise errors.ConfigurationError(
                f"{type(one).__name__} is no provider.",
                hint=f"Give {' or '.join(self._kinds)}, or a client made with one of "
                f"{', '.join(kind.__name__ for kind in self._kinds.values())}.",
            )
        if one not in self._kinds:
            raise errors.ConfigurationError(
                f"There is no provider {ascii(one)[:80]}.", hint=f"Known are {', '.join(self._kinds)}."
            )
        client = self._kinds[one](**options)
        self._owned.append(client)
        return client

    @property
    def clients(self) -> Mapping[str, ClientT]:
        """Each provider's own client, in the order of preference."""
        return MappingProxyType(self._clients)

    def check(self, **wishes: Unpack[Wishes]) -> Mapping[str, Report]:
        """What each provider says of a request, offline: a report that is true where it takes it."""
        found: dict[str, Report] = {}
        try:
            wish = wish_of(wishes)
        except errors.InvalidRequest as refusal:
            return dict.fromkeys(self._clients, refusal.report)
        for name, client in self._clients.items():
            try:
                found[name] = Report(model=_translated(wish, client)["model"])
            except errors.InvalidRequest as refusal:
                found[name] = refusal.report
        return found

    def course(self, wish: Wish, kind: str) -> _Course:
        """What to submit to whom; is told what a provider refused. Raises when there is nobody left."""
        refusals: dict[str, errors.VidgateError] = {}
        for name, client in self._clients.items():
            try:
                body = _translated(wish, client, kind)
            except errors.InvalidRequest as refusal:
                refusals[name] = refusal
                continue
            refusals[name] = yield name, body
        if len(refusals) == 1:
            raise next(iter(refusals.values()))
        raise errors.NoneAccepted(refusals)

    def owner(self, task_id: str) -> ClientT:
        """The client of the provider whose ids look like this one."""
        row = provider_of(task_id)
        if row is None or row.name not in self._clients:
            raise errors.ConfigurationError(
                f"{ascii(task_id)[:80]} is no task id of {' or '.join(self._clients)}.",
                hint='Ask the provider\'s own client: client.clients["evolink"].tasks.get(…).',
            )
        return self._clients[row.name]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(repr(client) for client in self._clients.values())})"


class Client(_Facade["EvoLink | APIMart"]):
    """`Client(["evolink", "apimart"])`: one request for both; keys come from the environment."""

    _kinds = SYNC

    @property
    def images(self) -> NeutralMedia:
        """Submits requests for images in neutral words."""
        return NeutralMedia(self, "image")

    @property
    def audios(self) -> NeutralMedia:
        """Submits requests for audios in neutral words."""
        return NeutralMedia(self, "audio")

    @property
    def videos(self) -> NeutralMedia:
        """Submits requests for videos in neutral words."""
        return NeutralMedia(self, "video")

    @property
    def tasks(self) -> NeutralTasks:
        """Reads tasks of any of the providers."""
        return NeutralTasks(self)

    def close(self) -> None:
        """Close the clients that were made here."""
        for client in self._owned:
            client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class AsyncClient(_Facade["AsyncEvoLink | AsyncAPIMart"]):
    """`Client` for asyncio."""

    _kinds = ASYNC

    @property
    def images(self) -> AsyncNeutralMedia:
        """Submits requests for images in neutral words."""
        return AsyncNeutralMedia(self, "image")

    @property
    def audios(self) -> AsyncNeutralMedia:
        """Submits requests for audios in neutral words."""
        return AsyncNeutralMedia(self, "audio")

    @property
    def videos(self) -> AsyncNeutralMedia:
        """Submits requests for videos in neutral words."""
        return AsyncNeutralMedia(self, "video")

    @property
    def tasks(self) -> AsyncNeutralTasks:
        """Reads tasks of any of the providers."""
        return AsyncNeutralTasks(self)

    async def aclose(self) -> None:
        """Close the clients that were made here."""
        for client in self._owned:
            await client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()


class NeutralMedia:
    """`client.images`, `client.audios` and `client.videos` of a Client."""

    def __init__(self, facade: Client, kind: str) -> None:
        self._facade = facade
        self._kind = kind

    def create(self, **wishes: Unpack[Wishes]) -> Task:
        """Submit a paid task to the first provider that takes it; `Wishes` says what can be asked for.

        Raises SubmitUnknown when a provider may have accepted it, InvalidRequest or another refusal when there is one
        provider, NoneAccepted with each one's refusal when there are several.
        """
        return self.first(wishes, lambda media, body: media.create_from(body))

    @property
    def with_raw_response(self) -> RawNeutralMedia:
        """The same call, with the answer of the provider that took it; `parse()` gives the task."""
        return RawNeutralMedia(self)

    def first(self, wishes: Wishes, submit: Callable[[Media[Any, Any], dict[str, Any]], T]) -> T:
        """What submitting gives at the first provider that takes it."""
        course = self._facade.course(wish_of(wishes), self._kind)
        name, body = next(course)
        while True:
            try:
                return submit(self._facade.clients[name].media(self._kind), body)
            except NOT_ACCEPTED as error:
                refusal = error
            name, body = course.send(refusal)


class RawNeutralMedia:
    """`with_raw_response` of a resource of a Client."""

    def __init__(self, media: NeutralMedia) -> None:
        self._media = media

    def create(self, **wishes: Unpack[Wishes]) -> RawResponse[Task]:
        """As `create`; the task is what `parse` returns."""
        return self._media.first(wishes, lambda media, body: media.with_raw_response.create_from(body))


class AsyncNeutralMedia:
    """`client.images`, `client.audios` and `client.videos` of an AsyncClient."""

    def __init__(self, facade: AsyncClient, kind: str) -> None:
        self._facade = facade
        self._kind = kind

    async def create(self, **wishes: Unpack[Wishes]) -> AsyncTask:
        """Submit a paid task to the first provider that takes it; as `Client.videos.create`."""
        return await self.first(wishes, lambda media, body: media.create_from(body))

    @property
    def with_raw_response(self) -> AsyncRawNeutralMedia:
        """The same call, with the answer of the provider that took it; `parse()` gives the task."""
        return AsyncRawNeutralMedia(self)

    async def first(self, wishes: Wishes, submit: Callable[[AsyncMedia[Any, Any], dict[str, Any]], Awaitable[T]]) -> T:
        """What submitting gives at the first provider that takes it."""
        course = self._facade.course(wish_of(wishes), self._kind)
        name, body = next(course)
        while True:
            try:
                return await submit(self._facade.clients[name].media(self._kind), body)
            except NOT_ACCEPTED as error:
                refusal = error
            name, body = course.send(refusal)


class AsyncRawNeutralMedia:
    """`with_raw_response` of a resource of an AsyncClient."""

    def __init__(self, media: AsyncNeutralMedia) -> None:
        self._media = media

    async def create(self, **wishes: Unpack[Wishes]) -> RawResponse[AsyncTask]:
        """As `create`; the task is what `parse` returns."""
        return await self._media.first(wishes, lambda media, body: media.with_raw_response.create_from(body))


class NeutralTasks:
    """`client.tasks` of a Client."""

    def __init__(self, facade: Client) -> None:
        self._facade = facade

    def get(self, task_id: str, /) -> Task:
        """Read a task once; its id tells whose it is."""
        return self._facade.owner(task_id).tasks.get(task_id)

    @property
    def with_raw_response(self) -> RawNeutralTasks:
        """The same call, with the answer as it came; `parse()` gives the task."""
        return RawNeutralTasks(self._facade)


class RawNeutralTasks:
    """`client.tasks.with_raw_response` of a Client."""

    def __init__(self, facade: Client) -> None:
        self._facade = facade

    def get(self, task_id: str, /) -> RawResponse[Task]:
        """As `get`; the task is what `parse` returns."""
        return self._facade.owner(task_id).tasks.with_raw_response.get(task_id)


class AsyncNeutralTasks:
    """`client.tasks` of an AsyncClient."""

    def __init__(self, facade: AsyncClient) -> None:
        self._facade = facade

    async def get(self, task_id: str, /) -> AsyncTask:
        """Read a task once; its id tells whose it is."""
        return await self._facade.owner(task_id).tasks.get(task_id)

    @property
    def with_raw_response(self) -> AsyncRawNeutralTasks:
        """The same call, with the answer as it came; `parse()` gives the task."""
        return AsyncRawNeutralTasks(self._facade)


class AsyncRawNeutralTasks:
    """`client.tasks.with_raw_response` of an AsyncClient."""

    def __init__(self, facade: AsyncClient) -> None:
        self._facade = facade

    async def get(self, task_id: str, /) -> RawResponse[AsyncTask]:
        """As `get`; the task is what `parse` returns."""
        return await self._facade.owner(task_id).tasks.with_raw_response.get(task_id)


def _translated(wish: Wish, client: Engine, kind: str | None = None) -> dict[str, Any]:
    """The request for one provider, checked offline; what the refusal shows is free of the key."""
    try:
        return request_for(wish, client.provider, kind)
    except errors.InvalidRequest as refusal:
        report = refusal.report
    raise errors.InvalidRequest(client.masked(report))
