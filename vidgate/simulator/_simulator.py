"""The simulator of one provider, and several of them behind one origin."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from vidgate.simulator import _page
from vidgate.simulator._accounts import SPECIAL_ACCOUNTS, Account
from vidgate.simulator._app import build_app
from vidgate.simulator._clock import SystemTime, Timekeeper
from vidgate.simulator._contract import Contract, JsonObject, Operation, Provider
from vidgate.simulator._courier import Courier
from vidgate.simulator._delivery import Callback, Delivery, Handler, deliver, deliver_async
from vidgate.simulator._faults import Fault, FaultName, FaultPlan, Kind, Target
from vidgate.simulator._providers import PROVIDERS, Behaviour, View
from vidgate.simulator._refusal import Refusal
from vidgate.simulator._results import names
from vidgate.simulator._tasks import Charge, SimulatedTask, Tasks
from vidgate.simulator._transport import InProcessTransport

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping

    import httpx
    import respx
    from starlette.requests import Request
    from starlette.types import ASGIApp

DEFAULT_KEY = "sim-key"
FAILING_MARKER = "POLICY_VIOLATION"
BODY_LIMIT = 32 * 2**20  # bytes; images may be sent inside the body


class Simulator:
    """A provider that costs nothing.

    `seconds` is how long a task takes on the clock. A prompt that contains `failing_marker` makes its task fail.
    Keys beside `api_keys` stand for accounts in trouble (`SPECIAL_ACCOUNTS`); `accounts` adds others, or replaces them.
    The same `seed` gives the same ids. Thread-safe.

    With an `egress` callbacks are sent by themselves: as a `ManualClock` moves, or in the background of a served
    simulator. It is called with body, headers and the address from the request and returns a status; `relay` makes one
    that posts to a local receiver. `time_scale` shortens the documented pauses and the patience with receivers.
    `latency` in seconds holds back every answer to a documented request or a download.
    """

    def __init__(
        self,
        provider: Provider,
        *,
        clock: Timekeeper | None = None,
        seconds: float = 60.0,
        api_keys: Iterable[str] = (DEFAULT_KEY,),
        accounts: Mapping[str, Account] | None = None,
        failing_marker: str = FAILING_MARKER,
        seed: int = 0,
        body_limit: int = BODY_LIMIT,
        contract: Mapping[str, Any] | None = None,
        egress: Handler | None = None,
        time_scale: float = 1.0,
        latency: float = 0.0,
    ) -> None:
        if provider not in PROVIDERS:
            message = f"unknown provider {provider!r}; known are {', '.join(PROVIDERS)}"
            raise ValueError(message)
        if not seconds >= 0:
            message = f"a task cannot take {seconds} seconds"
            raise ValueError(message)
        if not (time_scale > 0 and latency >= 0):
            message = f"a time scale is above 0 and a latency not below, not {time_scale} and {latency}"
            raise ValueError(message)
        self.provider: Provider = provider
        self.behaviour: Behaviour = PROVIDERS[provider]
        self.contract = Contract.shipped(provider) if contract is None else Contract(contract, provider)
        self.accounts: dict[str, Account] = {
            **(SPECIAL_ACCOUNTS if accounts is None else accounts),
            **dict.fromkeys(api_keys, Account(name="main")),
        }
        self.seconds = seconds
        self.latency = latency
        self.failing_marker = failing_marker
        self.body_limit = body_limit
        self.clock: Timekeeper = clock or SystemTime()
        self.tasks = Tasks(clock=self.clock, seed=seed)
        self.faults = FaultPlan()
        self.courier = Courier(clock=self.clock, behaviour=self.behaviour, sink=egress, scale=time_scale)
        self.app: Starlette = build_app(self)

    def __repr__(self) -> str:
        return f"Simulator({self.provider!r}, seconds={self.seconds:g})"

    @property
    def base_urls(self) -> tuple[str, ...]:
        """The provider's documented base URLs, which `mount` takes over."""
        return self.contract.hosts

    @property
    def ledger(self) -> tuple[Charge, ...]:
        """One charge for every accepted submission; 0 for a task that failed."""
        return self.tasks.charges()

    def reset(self) -> None:
        """Forget all tasks, charges, idempotency keys, callbacks and planned faults; ids start again."""
        self.tasks.reset()
        self.faults.reset()
        self.courier.reset()

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """The callbacks that went out through the `egress`, with every try so far."""
        return self.courier.deliveries

    def cancel(self, task_id: str) -> None:
        """End a task as `cancelled`; by themselves tasks never end so.

        Raises LookupError when there is no such task, ValueError when it has ended.
        """
        self.courier.hasten(task_id, self.tasks.cancel(task_id).finished)

    @property
    def received(self) -> Mapping[Kind, int]:
        """How many requests came in for `submit`, `poll` and `download`, those that met a fault included."""
        return self.faults.received

    def fail_next(
        self,
        fault: FaultName | int,
        *,
        operation: Target = "any",
        times: int = 1,
        accepted: bool | None = None,
        retry_after: float = 1.0,
    ) -> None:
        """Let the next requests meet a fault: one of the names, or a status from 400 to 599.

        `accepted`: whether the request is carried out all the same, so that a submission is in the ledger. By default
        a hang and a reset after the request was read carry it out, and a status does not. `retry_after` in seconds,
        for 429. In process nothing waits: a movable clock is moved, and the client gets what httpx would raise.
        """
        planned = Fault.plan(fault, operation=operation, accepted=accepted, retry_after=retry_after)
        self.faults.add(planned, times)

    def transport(self) -> httpx.BaseTransport:
        """Return a transport for `httpx.Client` that runs the app in process."""
        return transport_for(self.app, clock=self.clock)

    def async_transport(self) -> httpx.AsyncBaseTransport:
        """Return a transport for `httpx.AsyncClient` that runs the app in process."""
        return transport_for(self.app, clock=self.clock)

    def mount(self, router: respx.MockRouter, *base_urls: str) -> respx.Route:
        """Route the provider's base URLs, or others, to the simulator, for sync and async clients."""
        # A tuple: respx compares routes by hash as soon as there are two.
        hosts = tuple(urlsplit(url).hostname for url in base_urls or self.base_urls)
        transport = transport_for(self.app, clock=self.clock)

        def answer(request: httpx.Request) -> httpx.Response:
            return transport.handle_request(request)  # respx has read the body of async requests already

        return router.route(host__in=hosts).mock(side_effect=answer)

    def serve(
        self, host: str = "127.0.0.1", port: int = 8080, *, on_listening: Callable[[str], None] | None = None
    ) -> None:
        """Serve on a port until interrupted; `on_listening` gets the base URL."""
        with self.courier.working():
            serve(self.app, host, port, on_listening)

    @contextlib.contextmanager
    def running(self, host: str = "127.0.0.1", port: int = 0) -> Generator[str]:
        """Serve on a real port in a thread while the context lasts; yields the base URL. Port 0 is any free one."""
        from vidgate.simulator import _serve  # uvicorn is needed for a real port only

        with self.courier.working(), _serve.running(self.app, host, port) as url:
            yield url

    def take_callbacks(self, origin: str | None = None) -> tuple[Callback, ...]:
        """Return the callbacks of tasks that ended since the last call, sent or not. This sends nothing."""
        base = origin or self.base_urls[0]
        field = self.behaviour.callback_field
        return tuple(
            Callback(url=str(task.request[field]), body=self.behaviour.callback(self.view(task, base)))
            for task in self.tasks.take_finished()
            if task.request.get(field)
        )

    def deliver_callbacks(self, receiver: httpx.Client | Handler, *, origin: str | None = None) -> tuple[Delivery, ...]:
        """Send what `take_callbacks` would return, with the provider's retries, pauses and ten seconds of patience.

        `receiver` is a client that reaches the addresses, or a function of body, headers and URL that returns a status
        or something that has one, such as `vidgate.webhooks.Outcome`. Pauses pass on the simulator's clock.
        """
        return deliver(self.take_callbacks(origin), self.behaviour, self.clock, receiver)

    async def adeliver_callbacks(
        self, receiver: httpx.AsyncClient | Handler, *, origin: str | None = None
    ) -> tuple[Delivery, ...]:
        """`deliver_callbacks` for an async client, or a function that may be a coroutine function."""
        return await deliver_async(self.take_callbacks(origin), self.behaviour, self.clock, receiver)

    def view(self, task: SimulatedTask, origin: str) -> View:
        """Look at a task now, with result links under an origin."""
        snapshot = task.at(self.tasks.now())
        return View(task=task, snapshot=snapshot, links=tuple(f"{origin}/results/{name}" for name in names(task)))

    def submit(
        self, account: Account, operation: Operation, body: JsonObject, idempotency_key: str | None, *, origin: str
    ) -> tuple[SimulatedTask, bool]:
        """Accept a valid request; the flag tells a replay. `origin` is where the links of a callback lead.

        Idempotency-Key is documented for APIMart; on EvoLink's pages it is not, its own clients use it.
        """
        no_access = 403
        if not account.has_model_access and no_access in operation.statuses:
            raise Refusal(no_access, "model-access", f"Token does not have access to model: {body.get('model')}")
        scope = None if idempotency_key is None else (account.name, operation.path, idempotency_key)
        task, replayed = self.tasks.submit(
            account=account,
            request=body,
            output=operation.makes or "video",
            seconds=self.seconds,
            fails=self.failing_marker in str(body.get("prompt", "")),
            credits_=self.behaviour.price(body, operation.makes or "video"),
            new_id=self.behaviour.new_id,
            scope=scope,
        )
        address = body.get(self.behaviour.callback_field)
        if address and not replayed:
            self.courier.expect(task.id, str(address), task.finished, lambda: self._callback(task.id, origin))
        return task, replayed

    def _callback(self, task_id: str, origin: str) -> JsonObject:
        task = self.tasks.find(task_id)
        return {} if task is None else self.behaviour.callback(self.view(task, origin))


def combine(simulators: Iterable[Simulator]) -> Starlette:
    """Build one app for several providers: `/evolink/...`, `/apimart/...`; `/` lists them."""
    chosen = tuple(simulators)

    async def index(request: Request) -> Response:
        if "text/html" in request.headers.get("accept", ""):
            return _page.respond({simulator.behaviour.title: f"{simulator.provider}/" for simulator in chosen})
        return JSONResponse({"providers": {simulator.provider: f"/{simulator.provider}" for simulator in chosen}})

    async def unknown(_: Request, error: Exception) -> JSONResponse:  # noqa: ARG001 - there is one error only
        message = "There is no such path; see / for the providers"
        return JSONResponse({"error": {"code": 404, "message": message, "type": "not_found_error"}}, status_code=404)

    routes: list[Route | Mount] = [Mount(f"/{simulator.provider}", app=simulator.app) for simulator in chosen]
    return Starlette(routes=[Route("/", index), *routes], exception_handlers={404: unknown})


def serve(app: ASGIApp, host: str, port: int, on_listening: Callable[[str], None] | None = None) -> None:
    """Serve an app on a port until interrupted; `on_listening` gets the base URL.

    Raises OSError when the port is taken.
    """
    from vidgate.simulator import _serve  # uvicorn is needed for a real port only

    _serve.serve(app, host, port, on_listening)


def transport_for(app: ASGIApp, *, clock: Timekeeper | None = None) -> InProcessTransport:
    """Return a transport, sync and async, for an app such as `combine` makes.

    A `clock` that can be moved is moved by faults that would keep a client waiting.
    """
    return InProcessTransport(app, advance=getattr(clock, "advance", None))
