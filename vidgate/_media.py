"""`client.videos`, `client.images`, `client.audios`: one resource, told apart by the operation it submits to.

Which of them a client has is the contract's to say: the generated package names the operations that start tasks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, cast

from vidgate._engine import Engine
from vidgate._tasks import AsyncTask, Task
from vidgate.errors import ConfigurationError

if TYPE_CHECKING:
    from vidgate._client import AsyncProviderClient, SyncProviderClient
    from vidgate._effects import Flow
    from vidgate._options import Options
    from vidgate._providers import Provider
    from vidgate._raw import AsyncRawMedia, RawMedia
    from vidgate._state import TaskState

CreateT = TypeVar("CreateT")
RawCreateT = TypeVar("RawCreateT")
ClientT = TypeVar("ClientT", bound="SyncProviderClient | AsyncProviderClient")

KINDS: Final[Mapping[str, str]] = MappingProxyType({"images": "image", "audios": "audio", "videos": "video"})
"""The attributes of clients, and what is made there."""


def check_kind(provider: Provider, kind: str) -> None:
    """Raise ConfigurationError for what no operation of a provider's contract makes, with what to do about it."""
    if kind in provider.kinds:
        return
    if kind not in KINDS.values():
        raise ConfigurationError(f"{ascii(kind)[:80]} is no kind of media.", hint=f"Known: {_listed(KINDS.values())}.")
    raise ConfigurationError(
        f"{provider.title}'s contract has no operation that makes {kind}s.",
        hint=f"This build of {provider.package} makes {_listed(f'{each}s' for each in provider.kinds) or 'nothing'}. "
        f"Build it from documentation that has {kind}s: `python -m tools vendor {provider.name}`, then "
        "`python -m tools build`.",
    )


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)


class MediaAttributes(Engine):
    """The resources as attributes of a client, made when they are first asked for."""

    if not TYPE_CHECKING:  # for type checkers the generated package lists them, and there are no others

        def __getattr__(self, name: str) -> object:
            """A resource; an AttributeError says what to do about one that the contract does not have."""
            if name not in KINDS:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            try:
                found = self.__dict__[name] = self.media(KINDS[name])
            except ConfigurationError as error:
                problem = str(error)
            else:
                return found
            raise AttributeError(problem)

    def _become_twin(self, options: Options) -> None:
        super()._become_twin(options)
        for name in KINDS:
            self.__dict__.pop(name, None)

    def __dir__(self) -> list[str]:
        return [*{*super().__dir__(), *(name for name, kind in KINDS.items() if kind in self.provider.kinds)}]


class _Resource(Generic[ClientT, CreateT, RawCreateT]):
    """What sync and async resources share: a client, what they make, and `create` in the generated type."""

    _create: Any

    def __init__(self, client: ClientT, kind: str) -> None:
        self._client = client
        self._kind = kind
        self.create: CreateT = cast("CreateT", self._create)

    def _submission(self, request: object, keywords: Mapping[str, object]) -> Flow[TaskState]:
        if isinstance(request, Mapping):
            raise ConfigurationError("create takes keywords.", hint="Give a mapping to create_from.")
        return self._client.submission(self._kind, request, keywords)

    def _submission_from(self, request: Mapping[str, object]) -> Flow[TaskState]:
        return self._client.submission(self._kind, request, {})


class Media(_Resource["SyncProviderClient", CreateT, RawCreateT]):
    """A resource of a sync client; `create` is typed per model by the generated protocol."""

    def _create(self, request: object = None, /, **keywords: object) -> Task:
        """Submit a paid task: `model=…` with its keywords, or a request object.

        The request is checked offline first (InvalidRequest). Raises an APIError when the provider certainly refused
        it, ConnectionFailed when it certainly did not arrive, and SubmitUnknown when nobody can tell.
        """
        return Task(self._client.run(self._submission(request, keywords)), self._client)

    def create_from(self, request: Mapping[str, object], /) -> Task:
        """Submit a paid task from a mapping whose model is known only at run time; as `create` otherwise."""
        return Task(self._client.run(self._submission_from(request)), self._client)

    @property
    def with_raw_response(self) -> RawMedia[RawCreateT]:
        """The same calls, with the answer as it came: status, headers, request id, body; `parse()` gives the task."""
        from vidgate._raw import RawMedia

        return RawMedia(self._client, self._submission, self._submission_from)


class AsyncMedia(_Resource["AsyncProviderClient", CreateT, RawCreateT]):
    """A resource of an async client; `create` is typed per model by the generated protocol."""

    async def _create(self, request: object = None, /, **keywords: object) -> AsyncTask:
        """Submit a paid task: `model=…` with its keywords, or a request object; raises as a sync client's `create`."""
        return AsyncTask(await self._client.run(self._submission(request, keywords)), self._client)

    async def create_from(self, request: Mapping[str, object], /) -> AsyncTask:
        """Submit a paid task from a mapping whose model is known only at run time; as `create` otherwise."""
        return AsyncTask(await self._client.run(self._submission_from(request)), self._client)

    @property
    def with_raw_response(self) -> AsyncRawMedia[RawCreateT]:
        """The same calls, with the answer as it came: status, headers, request id, body; `parse()` gives the task."""
        from vidgate._raw import AsyncRawMedia

        return AsyncRawMedia(self._client, self._submission, self._submission_from)
