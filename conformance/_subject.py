"""What is judged: one provider's generated package, its facade, and its simulator."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import ssl
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar, cast

import httpx

from vidgate import APIMart, AsyncAPIMart, AsyncEvoLink, EvoLink
from vidgate.simulator import ManualClock, Simulator

from ._contract import Contract, Operation, module_name, shipped
from ._verdict import judged

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator, Mapping
    from pathlib import Path

    from vidgate import AsyncTask, Clock, Report, Task

    from ._json import JsonObject
    from ._settings import ProviderName

Colour: TypeAlias = Literal["sync", "async"]
AnyTask: TypeAlias = "Task | AsyncTask"
T = TypeVar("T")

COLOURS: tuple[Colour, ...] = ("sync", "async")
# Trusts nobody: nothing real is reached by mistake, and no certificates are read for every mocked call.
TRUST_NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
TEST_KEY = "conformance-test-key"
"""Sent where nobody checks it; no real key."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """What belongs to a provider."""

    package: str
    key_variable: str
    client: type[EvoLink | APIMart]
    async_client: type[AsyncEvoLink | AsyncAPIMart]


ROWS: Mapping[ProviderName, Row] = MappingProxyType(
    {
        "evolink": Row(
            package="evolink_api", key_variable="EVOLINK_API_KEY", client=EvoLink, async_client=AsyncEvoLink
        ),
        "apimart": Row(
            package="apimart_api", key_variable="APIMART_API_KEY", client=APIMart, async_client=AsyncAPIMart
        ),
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """One provider as it ships, or with another contract.

    `base_url` and `api_key` are for a live server only.
    """

    provider: ProviderName
    contract: Contract
    base_url: str | None = None
    api_key: str | None = None

    @property
    def row(self) -> Row:
        """What belongs to the provider."""
        return ROWS[self.provider]

    def generated(self, module: str) -> Any:
        """A module of the generated package."""
        return importlib.import_module(f"{self.row.package}.{module}")

    def endpoint(self, operation: Operation) -> Any:
        """The generated module of an operation."""
        return self.generated(module_name(operation))

    def request_class(self, operation: Operation, model: str) -> Any:
        """The generated class for a model's requests."""
        return self.generated("variants").request_class(operation.id, model)

    def connection(self, operation: Operation) -> Any:
        """A generated client for the operation's documented server."""
        return self.generated("client").AuthenticatedClient(
            base_url=operation.server, token=TEST_KEY, verify_ssl=TRUST_NOBODY
        )

    def simulator(self, *, clock: ManualClock | None = None, seconds: float = 60.0) -> Simulator:
        """A simulator of this provider."""
        return Simulator(self.provider, clock=clock, seconds=seconds, contract=self.contract.document)

    @contextlib.contextmanager
    def facade(
        self,
        colour: Colour,
        *,
        api_key: str = TEST_KEY,
        transport: Any = None,
        base_url: str | None = None,
        validate: bool = True,
        clock: Clock | None = None,
    ) -> Generator[Facade]:
        """Open the facade, sync or async.

        Unless told otherwise it reaches nothing but mocks, and its clock only advances: nothing ever sleeps.
        """
        if transport is None:
            kind = httpx.HTTPTransport if colour == "sync" else httpx.AsyncHTTPTransport
            transport = kind(verify=TRUST_NOBODY)
        options: dict[str, Any] = {
            "base_url": base_url or self.contract.one(paid=True).server,
            "transport": transport,
            "validate": validate,
            "clock": clock or ManualClock(),
            "journal": False,  # what costs nothing has no place in the journal of whoever runs this
        }
        if colour == "sync":
            with judged("the constructor"):
                client = self.row.client(api_key, **options)
            with client:
                yield Facade(client, lambda answer: answer)
            return
        with asyncio.Runner() as runner:

            def finish(answer: Awaitable[T]) -> T:
                async def waiting() -> T:
                    return await answer

                return runner.run(waiting())

            with judged("the constructor"):
                async_client = self.row.async_client(api_key, **options)
            try:
                yield Facade(async_client, finish)
            finally:
                runner.run(async_client.aclose())


class Facade:
    """The public client in one colour for both: async calls are run to their end."""

    def __init__(self, client: Any, finish: Callable[[Any], Any]) -> None:
        self.client = client
        self.finish = finish

    def check(self, body: JsonObject) -> Report:
        """Judge a request offline."""
        return cast("Report", self.client.check(body))

    def create(self, body: JsonObject) -> AnyTask:
        """Submit a request."""
        return cast("AnyTask", self.finish(self.client.videos.create_from(body)))

    def get(self, task_id: str) -> AnyTask:
        """Read a task."""
        return cast("AnyTask", self.finish(self.client.tasks.get(task_id)))

    def wait(self, task: AnyTask, *, on_update: Callable[[Any], object] | None = None) -> AnyTask:
        """Wait for a task's end."""
        return cast("AnyTask", self.finish(task.wait(on_update=on_update)))

    def download(self, task: AnyTask, path: Path) -> Path:
        """Save the first result."""
        return cast("Path", self.finish(task.download(path)))


def load(provider: ProviderName, *, base_url: str | None = None, api_key: str | None = None) -> Subject:
    """The provider as it ships."""
    contract = shipped(ROWS[provider].package)
    return Subject(provider=provider, contract=contract, base_url=base_url, api_key=api_key)
