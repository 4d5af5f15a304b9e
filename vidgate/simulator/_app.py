"""The Starlette app: routes from the contract, one endpoint class for every operation, and the control plane."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from vidgate.simulator import _control, _results, _samples
from vidgate.simulator._accounts import authenticate
from vidgate.simulator._body import read_object
from vidgate.simulator._endpoint import Endpoint, origin
from vidgate.simulator._providers import View
from vidgate.simulator._refusal import Refusal
from vidgate.simulator._validation import check_body, check_callback, check_parameters

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from vidgate.simulator._contract import Operation
    from vidgate.simulator._faults import Kind
    from vidgate.simulator._simulator import Simulator


def build_app(simulator: Simulator) -> Starlette:
    """Build the app of one simulator."""
    by_path: dict[str, dict[str, Operation]] = {}
    for operation in simulator.contract.operations:
        by_path.setdefault(operation.path, {})[operation.method] = operation
    routes = [Route(path, _OperationEndpoint(simulator, operations)) for path, operations in by_path.items()]
    routes.append(Route("/results/{name:path}", _ResultEndpoint(simulator)))
    routes += _control.routes(simulator)
    anywhere = Endpoint(simulator)

    async def unknown(request: Request, _: Exception) -> Response:
        return anywhere.finish(request, anywhere.refuse(Refusal(404, "unknown-route", "There is no such path"), None))

    app = Starlette(routes=routes, exception_handlers={404: unknown})
    # A redirect to a path without its last slash would make a lost POST look accepted.
    app.router.redirect_slashes = False
    return app


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
        if account.is_broken:
            raise Refusal(500, "internal")
        check_parameters(
            simulator.contract,
            operation,
            {"path": request.path_params, "query": request.query_params, "header": request.headers},
        )
        if operation.creates_tasks:
            body = read_object(request.headers.get("content-type"), await self._body(request))
            check_body(simulator.contract, operation, body)
            check_callback(simulator.behaviour, body)
            key = request.headers.get("idempotency-key")
            task, replayed = simulator.submit(account, operation, body, key, origin=origin(request))
            view = View(task=task, snapshot=task.at(task.created))
            answer = simulator.behaviour.submitted(view)
            return JSONResponse(answer, headers={"Idempotency-Replayed": "true"} if replayed else None)
        if operation.reads_task:
            found = simulator.tasks.find(request.path_params["task_id"])
            if found is None:
                raise Refusal(operation.first_documented(404, 400), "unknown-task")
            if found.account != account.name:
                raise Refusal(operation.first_documented(403, 404, 400), "foreign-task")
            return JSONResponse(simulator.behaviour.status(simulator.view(found, origin(request))))
        if simulator.contract.request_schema(operation) is not None:
            body = read_object(request.headers.get("content-type"), await self._body(request))
            check_body(simulator.contract, operation, body)
        documented = _samples.answer(simulator.contract, operation)
        if documented is None:
            raise Refusal(501, "unsupported", f"The simulator does not know the operation {operation.id}")
        status, content = documented
        return JSONResponse(content, status_code=status)

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
        name: str = request.path_params["name"]
        parts = _results.NAME.fullmatch(name)
        task = None if parts is None else tasks.find_result(parts["token"])
        if parts is None or task is None or name not in _results.names(task):
            raise Refusal(404, "unknown-result", "There is no such result")
        if tasks.now() >= task.expires:
            raise Refusal(410, "expired-result", "The result link has expired")
        return _results.respond(request.headers, task.output, parts["suffix"])
