"""The Starlette app: routes from the contract, one endpoint class for every operation."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from vidgate.simulator import _results
from vidgate.simulator._accounts import authenticate
from vidgate.simulator._body import read_object
from vidgate.simulator._faults import Exchange, strike
from vidgate.simulator._providers import View
from vidgate.simulator._refusal import Refusal
from vidgate.simulator._validation import check_body, check_parameters

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Receive, Scope, Send

    from vidgate.simulator._contract import JsonObject, Operation
    from vidgate.simulator._faults import Kind
    from vidgate.simulator._simulator import Simulator

logger = logging.getLogger("vidgate.simulator")

HOST = re.compile(r"(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


def build_app(simulator: Simulator) -> Starlette:
    """Build the app of one simulator."""
    by_path: dict[str, dict[str, Operation]] = {}
    for operation in simulator.contract.operations:
        by_path.setdefault(operation.path, {})[operation.method] = operation
    routes = [Route(path, _OperationEndpoint(simulator, operations)) for path, operations in by_path.items()]
    routes += [
        Route("/results/{name:path}", _ResultEndpoint(simulator)),
        Route("/__sim/ledger", _LedgerEndpoint(simulator)),
        Route("/__sim/reset", _ResetEndpoint(simulator)),
        Route("/__sim/fail", _FailEndpoint(simulator)),
    ]
    anywhere = Endpoint(simulator)

    async def unknown(request: Request, _: Exception) -> Response:
        return anywhere.finish(request, anywhere.refuse(Refusal(404, "unknown-route", "There is no such path"), None))

    app = Starlette(routes=routes, exception_handlers={404: unknown})
    # A redirect to a path without its last slash would make a lost POST look accepted.
    app.router.redirect_slashes = False
    return app


class Endpoint:
    """One path: answers its methods, OPTIONS and 405, and turns refusals into the provider's error bodies."""

    methods: tuple[str, ...] = ("GET",)

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request as an ASGI app."""
        request = Request(scope, receive)
        kind = self.kind(request)
        fault = None if kind is None else self.simulator.faults.take(kind)
        response: Response | None = None
        if fault is None or fault.accepted:
            try:
                response = self.finish(request, await self._answer(request))
            except ClientDisconnect:
                return
        if fault is not None:
            operation, behaviour = self.operation(request), self.simulator.behaviour
            exchange = Exchange(request=request, receive=receive, send=send, behaviour=behaviour, operation=operation)
            await strike(fault, exchange, response)
        elif response is not None:
            await response(scope, receive, send)

    def finish(self, request: Request, response: Response) -> Response:
        """Give an answer its request id, and take the body from an answer to HEAD."""
        number = self.simulator.tasks.number_request()
        response.headers[self.simulator.behaviour.request_id_header] = f"sim-{number:08d}"
        if request.method == "HEAD":
            response.body = b""  # the length of what GET would send is already in the headers
        return response

    async def _answer(self, request: Request) -> Response:
        operation = self.operation(request)
        if request.method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": self.allow})
        if request.method not in self.answered:
            message = f"{request.method} is not allowed here"
            return self.refuse(Refusal(405, "method", message, headers={"Allow": self.allow}), operation)
        try:
            return await self.respond(request)
        except Refusal as refusal:
            return self.refuse(refusal, operation)
        except ClientDisconnect:
            raise
        except Exception:
            logger.exception("the simulator failed on %s %s", request.method, request.url.path)
            return self.refuse(Refusal(500, "internal"), operation)

    @property
    def answered(self) -> tuple[str, ...]:
        """The methods this path answers."""
        return (*self.methods, "HEAD") if "GET" in self.methods else self.methods

    @property
    def allow(self) -> str:
        """The value of the Allow header."""
        return ", ".join((*self.answered, "OPTIONS"))

    def operation(self, request: Request) -> Operation | None:  # noqa: ARG002 - overridden
        """Return the contract's operation for a request; its error bodies are used."""
        return None

    def kind(self, request: Request) -> Kind | None:  # noqa: ARG002 - overridden
        """Return what a request is for, when faults can be planned for it."""
        return None

    async def respond(self, request: Request) -> Response:
        """Answer a request with one of the methods."""
        raise NotImplementedError

    def refuse(self, refusal: Refusal, operation: Operation | None) -> Response:
        """Answer with the provider's error body."""
        body = self.simulator.behaviour.error(refusal, operation)
        return JSONResponse(body, status_code=refusal.status, headers=refusal.headers)


class _OperationEndpoint(Endpoint):
    """A path of the contract."""

    def __init__(self, simulator: Simulator, operations: Mapping[str, Operation]) -> None:
        super().__init__(simulator)
        self.operations = operations
        self.methods = tuple(operations)

    def operation(self, request: Request) -> Operation | None:
        return self.operations.get("GET" if request.method == "HEAD" else request.method)

    def kind(self, request: Request) -> Kind | None:
        operation = self.operations.get(request.method)
        if operation is None:
            return None
        return "submit" if operation.creates_tasks else "poll" if operation.reads_task else None

    async def respond(self, request: Request) -> Response:
        simulator = self.simulator
        operation = self.operation(request)
        if operation is None:
            raise Refusal(500, "internal")
        account = authenticate(request.headers.getlist("authorization"), simulator.accounts)
        simulator.tasks.admit(account)
        check_parameters(
            simulator.contract,
            operation,
            {"path": request.path_params, "query": request.query_params, "header": request.headers},
        )
        if operation.creates_tasks:
            body = read_object(request.headers.get("content-type"), await self._body(request))
            check_body(simulator.contract, operation, body)
            task, replayed = simulator.submit(account, operation, body, request.headers.get("idempotency-key"))
            view = View(task=task, snapshot=task.at(task.created), link="")
            answer = simulator.behaviour.submitted(view)
            return JSONResponse(answer, headers={"Idempotency-Replayed": "true"} if replayed else None)
        if operation.reads_task:
            found = simulator.tasks.find(request.path_params["task_id"])
            if found is None:
                raise Refusal(operation.first_documented(404, 400), "unknown-task")
            if found.account != account.name:
                raise Refusal(operation.first_documented(403, 404, 400), "foreign-task")
            return JSONResponse(simulator.behaviour.status(simulator.view(found, origin(request))))
        raise Refusal(501, "unsupported", f"The simulator does not know the operation {operation.id}")

    async def _body(self, request: Request) -> bytes:
        limit = self.simulator.body_limit
        # The pages name no 413, so a body that is too long is a wrong request like any other.
        too_long = Refusal(400, "malformed", f"The request body is longer than {limit} bytes")
        length = request.headers.get("content-length", "")
        if length.isdecimal() and int(length) > limit:
            raise too_long
        chunks: list[bytes] = []
        size = 0
        async for chunk in request.stream():
            size += len(chunk)
            if size > limit:
                raise too_long
            chunks.append(chunk)
        return b"".join(chunks)


class _ResultEndpoint(Endpoint):
    """The file behind a result link; no key is needed."""

    def kind(self, request: Request) -> Kind | None:
        return "download" if request.method == "GET" else None

    async def respond(self, request: Request) -> Response:
        tasks = self.simulator.tasks
        task = tasks.find_result(request.path_params["name"].removesuffix(".mp4"))
        if task is None:
            raise Refusal(404, "unknown-result", "There is no such result")
        if tasks.now() >= task.expires:
            raise Refusal(410, "expired-result", "The result link has expired")
        return _results.respond(request.headers)


class _LedgerEndpoint(Endpoint):
    """What was charged: the simulator's own, no provider has it."""

    async def respond(self, request: Request) -> Response:  # noqa: ARG002 - the same for everybody
        return JSONResponse(_ledger(self.simulator))


class _ResetEndpoint(Endpoint):
    """Forget everything."""

    methods = ("POST",)

    async def respond(self, request: Request) -> Response:  # noqa: ARG002 - a body would say nothing
        self.simulator.reset()
        return JSONResponse(_ledger(self.simulator))


class _FailEndpoint(Endpoint):
    """Plan a fault from outside the process: `{"fault": 502, "operation": "submit", "times": 1}`."""

    methods = ("POST",)

    async def respond(self, request: Request) -> Response:
        body = read_object(request.headers.get("content-type"), await request.body())
        names = {"fault", "operation", "times", "accepted", "retry_after"}
        if not body.keys() <= names or "fault" not in body:
            raise Refusal(400, "malformed", f"Give a fault, and if need be {', '.join(sorted(names - {'fault'}))}")
        try:
            self.simulator.fail_next(body.pop("fault"), **body)
        except (TypeError, ValueError) as error:
            raise Refusal(400, "malformed", str(error)) from None
        return JSONResponse({"planned": len(self.simulator.faults.planned)})


def _ledger(simulator: Simulator) -> JsonObject:
    return {"charges": [{"task": charge.task, "credits": charge.credits} for charge in simulator.ledger]}


def origin(request: Request) -> str:
    """Return the simulator's own base URL, as the client knows it.

    A Host header is the client's word: one that is no host at all would make result links that are no URLs.
    """
    scope = request.scope
    host = request.headers.get("host", "")
    if HOST.fullmatch(host) is None:
        name, port = scope.get("server") or ("127.0.0.1", None)
        host = f"{name}:{port}" if port else str(name)
    return f"{scope['scheme']}://{host}{scope.get('root_path', '')}"
