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
from vidgate._neutral import Wish, request_for
from vidgate._providers import PROVIDERS, provider_of
from vidgate._report import Report

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping
    from types import TracebackType

    from vidgate._neutral import Wishes
    from vidgate._tasks import AsyncTask, Task

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
        wish = Wish(**wishes)
        found: dict[str, Report] = {}
        for name, client in self._clients.items():
            try:
                found[name] = Report(model=_translated(wish, client)["model"])
            except errors.InvalidRequest as refusal:
                found[name] = refusal.report
        return found

    def course(self, wish: Wish) -> _Course:
        """What to submit to whom; is told what a provider refused. Raises when there is nobody left."""
        refusals: dict[str, errors.VidgateError] = {}
        for name, client in self._clients.items():
            try:
                body = _translated(wish, client)
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
    def videos(self) -> NeutralVideos:
        """Submits requests in neutral words."""
        return NeutralVideos(self)

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
    def videos(self) -> AsyncNeutralVideos:
        """Submits requests in neutral words."""
        return AsyncNeutralVideos(self)

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


class NeutralVideos:
    """`client.videos` of a Client."""

    def __init__(self, facade: Client) -> None:
        self._facade = facade

    def create(self, **wishes: Unpack[Wishes]) -> Task:
        """Submit a paid task to the first provider that takes it; `Wishes` says what can be asked for.

        Raises SubmitUnknown when a provider may have accepted it, InvalidRequest or another refusal when there is one
        provider, NoneAccepted with each one's refusal when there are several.
        """
        course = self._facade.course(Wish(**wishes))
        name, body = next(course)
        while True:
            try:
                return self._facade.clients[name].videos.create_from(body)
            except NOT_ACCEPTED as error:
                refusal = error
            name, body = course.send(refusal)


class AsyncNeutralVideos:
    """`client.videos` of an AsyncClient."""

    def __init__(self, facade: AsyncClient) -> None:
        self._facade = facade

    async def create(self, **wishes: Unpack[Wishes]) -> AsyncTask:
        """Submit a paid task to the first provider that takes it; as `Client.videos.create`."""
        course = self._facade.course(Wish(**wishes))
        name, body = next(course)
        while True:
            try:
                return await self._facade.clients[name].videos.create_from(body)
            except NOT_ACCEPTED as error:
                refusal = error
            name, body = course.send(refusal)


class NeutralTasks:
    """`client.tasks` of a Client."""

    def __init__(self, facade: Client) -> None:
        self._facade = facade

    def get(self, task_id: str, /) -> Task:
        """Read a task once; its id tells whose it is."""
        return self._facade.owner(task_id).tasks.get(task_id)


class AsyncNeutralTasks:
    """`client.tasks` of an AsyncClient."""

    def __init__(self, facade: AsyncClient) -> None:
        self._facade = facade

    async def get(self, task_id: str, /) -> AsyncTask:
        """Read a task once; its id tells whose it is."""
        return await self._facade.owner(task_id).tasks.get(task_id)


def _translated(wish: Wish, client: Engine) -> dict[str, Any]:
    """The request for one provider, checked offline; what the refusal shows is free of the key."""
    try:
        return request_for(wish, client.provider)
    except errors.InvalidRequest as refusal:
        report = refusal.report
    raise errors.InvalidRequest(client.masked(report))
