"""One path of the app: methods, OPTIONS and 405, refusals in the provider's words, faults and latency."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from vidgate.simulator._faults import Exchange, strike, wire_of
from vidgate.simulator._refusal import Refusal

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from vidgate.simulator._contract import Operation
    from vidgate.simulator._faults import Kind
    from vidgate.simulator._simulator import Simulator

logger = logging.getLogger("vidgate.simulator")

HOST = re.compile(r"(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


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
        if (
            self.simulator.latency
            and kind is not None
            and not await wire_of(scope).pause(self.simulator.latency, receive)
        ):
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
