"""Faults on demand: what goes wrong with the next request, and whether the request was carried out all the same.

How a connection is kept hanging or cut depends on what the app runs on; that part is a `Wire`, which the in-process
transport and the server each bring along in the scope.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, TypeAlias, cast, get_args

from starlette.responses import JSONResponse, Response

from vidgate._json import is_list, is_object
from vidgate.simulator._refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

    from vidgate.simulator._contract import Operation
    from vidgate.simulator._providers import Behaviour

FaultName: TypeAlias = Literal[
    "hang",
    "reset-before",
    "reset-after",
    "truncated",
    "duplicate-keys",
    "invalid-utf8",
    "wrong-type",
    "drip",
    "redirect",
]
Kind: TypeAlias = Literal["submit", "poll", "download"]
Target: TypeAlias = Literal["submit", "poll", "download", "any"]

NAMES: Final[tuple[str, ...]] = get_args(FaultName)
TARGETS: Final[tuple[str, ...]] = get_args(Target)
STATUSES = range(400, 600)

# Whether the request is carried out when nobody says otherwise; what is not here is a status, and refuses.
CARRIED_OUT: Mapping[str, bool] = MappingProxyType(
    {
        "hang": True,
        "reset-before": False,
        "reset-after": True,
        "truncated": True,
        "duplicate-keys": True,
        "invalid-utf8": True,
        "wrong-type": True,
        "drip": True,
        "redirect": False,
    }
)
# Damage is done to the real answer, so there has to be one; what was not read cannot be carried out.
ALWAYS: Mapping[str, bool] = MappingProxyType(
    {
        "reset-before": False,
        "truncated": True,
        "duplicate-keys": True,
        "invalid-utf8": True,
        "wrong-type": True,
        "drip": True,
        "redirect": False,
    }
)

WIRE: Final = "vidgate.simulator.wire"
DRIP_PIECES = 400
DRIP_SECONDS = 1.0
TOO_MANY_REQUESTS = 429
SERVICE_UNAVAILABLE = 503


class Wire(Protocol):
    """What only the carrier of the app can do to a connection."""

    async def hang(self, receive: Receive) -> None:
        """Keep the client waiting until it gives up."""
        ...

    async def reset(self, receive: Receive) -> None:
        """Cut the connection without another byte."""
        ...

    async def pause(self, seconds: float, receive: Receive) -> bool:
        """Let time pass before an answer or in the middle of it; False when the client has gone meanwhile."""
        ...

    async def work(self, job: Callable[[], None]) -> None:
        """Do something that may take long, and hold up nobody else if that is possible."""
        ...


class PlainWire:
    """For servers that know nothing of us: waiting works everywhere, cutting only as far as ASGI goes."""

    async def hang(self, receive: Receive) -> None:
        """Wait for the client to go away."""
        await disconnected(receive)

    async def reset(self, receive: Receive) -> None:  # noqa: ARG002 - the server decides what this does to the wire
        """Fail, which makes servers close the connection or answer 500."""
        raise ConnectionResetError("the simulator cuts this connection")

    async def pause(self, seconds: float, receive: Receive) -> bool:
        """Wait for real."""
        try:
            async with asyncio.timeout(seconds):
                await disconnected(receive)
        except TimeoutError:
            return True
        return False

    async def work(self, job: Callable[[], None]) -> None:
        """Do it in another thread."""
        await asyncio.to_thread(job)


async def disconnected(receive: Receive) -> None:
    """Read until the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One planned fault. `accepted`: whether the request is carried out before the fault strikes."""

    fault: FaultName | int
    operation: Target = "any"
    accepted: bool
    retry_after: float = 1.0

    @staticmethod
    def plan(fault: object, *, operation: object, accepted: bool | None, retry_after: float) -> Fault:
        """Check what was asked for; raises ValueError with the choices."""
        is_status = isinstance(fault, int) and not isinstance(fault, bool) and fault in STATUSES
        if not is_status and fault not in NAMES:
            raise ValueError(f"unknown fault {fault!r}; known are {', '.join(NAMES)} and statuses from 400 to 599")
        if operation not in TARGETS:
            raise ValueError(f"unknown operation {operation!r}; known are {', '.join(TARGETS)}")
        if not retry_after >= 0:
            raise ValueError(f"nobody can be asked to wait {retry_after} seconds")
        name = str(fault)
        settled = ALWAYS.get(name)
        if settled is not None and accepted not in {None, settled}:
            raise ValueError(f"with the fault {name!r} a request is {'always' if settled else 'never'} carried out")
        return Fault(
            fault=cast("FaultName | int", fault),
            operation=cast("Target", operation),
            accepted=CARRIED_OUT.get(name, False) if accepted is None else accepted,
            retry_after=retry_after,
        )


class FaultPlan:
    """The planned faults of one simulator, first in, first out per operation, and a count of what came in."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._planned: list[Fault] = []
        self._received: Counter[Kind] = Counter()

    def reset(self) -> None:
        """Forget plans and counts."""
        with self._lock:
            self._planned.clear()
            self._received.clear()

    def forget(self) -> None:
        """Forget plans, and keep the counts."""
        with self._lock:
            self._planned.clear()

    def add(self, fault: Fault, times: int) -> None:
        """Plan a fault for the next requests."""
        if isinstance(times, bool) or times < 1:
            raise ValueError(f"a fault cannot happen {times!r} times")
        with self._lock:
            self._planned += [fault] * times

    def take(self, kind: Kind) -> Fault | None:
        """Count a request and return the fault that it meets, if any."""
        with self._lock:
            self._received[kind] += 1
            for index, fault in enumerate(self._planned):
                if fault.operation in {kind, "any"}:
                    return self._planned.pop(index)
        return None

    @property
    def planned(self) -> tuple[Fault, ...]:
        """What has not happened yet."""
        with self._lock:
            return tuple(self._planned)

    @property
    def received(self) -> Mapping[Kind, int]:
        """How many requests of each kind came in, faulty ones included."""
        with self._lock:
            return MappingProxyType({"submit": 0, "poll": 0, "download": 0, **self._received})


@dataclass(frozen=True, kw_only=True, slots=True)
class Exchange:
    """One request in the middle of its answer."""

    request: Request
    receive: Receive
    send: Send
    behaviour: Behaviour
    operation: Operation | None

    @property
    def scope(self) -> Scope:
        """The ASGI scope."""
        return self.request.scope

    @property
    def wire(self) -> Wire:
        """The carrier's own way to hang and cut."""
        return wire_of(self.scope)


def wire_of(scope: Scope) -> Wire:
    """Return what the carrier of a request can do to the connection."""
    extensions: dict[str, Any] = scope.get("extensions") or {}
    return extensions.get(WIRE) or PlainWire()


async def strike(fault: Fault, exchange: Exchange, answer: Response | None) -> None:
    """Let a fault happen; `answer` is the real one when the request was carried out."""
    if fault.fault == "hang":
        await exchange.wire.hang(exchange.receive)
    elif fault.fault in {"reset-before", "reset-after"}:
        await exchange.wire.reset(exchange.receive)
    elif fault.fault == "truncated" and answer is not None and not _is_json(answer):
        await _cut_short(answer, exchange)
    elif fault.fault == "drip" and answer is not None:
        await _drip(answer, exchange)
    else:
        response = (
            _replaced(fault, exchange)
            if answer is None or isinstance(fault.fault, int)
            else _damaged(fault.fault, answer)
        )
        _number(response, answer, exchange)
        await response(exchange.scope, exchange.receive, exchange.send)


def _number(response: Response, answer: Response | None, exchange: Exchange) -> None:
    """Keep the request id of the real answer."""
    name = exchange.behaviour.request_id_header
    if answer is not None and name in answer.headers:
        response.headers[name] = answer.headers[name]


def _replaced(fault: Fault, exchange: Exchange) -> Response:
    """An answer that does not come from where the request would be carried out."""
    if fault.fault == "redirect":
        # To itself: whoever follows it sends the request a second time.
        return Response(status_code=307, headers={"Location": str(exchange.request.url)})
    status = fault.fault if isinstance(fault.fault, int) else 500
    headers = {"Retry-After": f"{fault.retry_after:g}"} if status == TOO_MANY_REQUESTS else None
    if status == SERVICE_UNAVAILABLE:
        return Response("no healthy upstream", status_code=status, media_type="text/plain")
    try:
        body = exchange.behaviour.error(Refusal(status, "limited"), exchange.operation)
    except KeyError:  # no provider answers with this status; the gateways before it do, with a page
        return Response(_page(status), status_code=status, media_type="text/html")
    return JSONResponse(body, status_code=status, headers=headers)


def _page(status: int) -> str:
    return (
        f"<!DOCTYPE html>\n<html><head><title>{status} Gateway error</title></head>\n"
        f"<body><center><h1>{status} Gateway error</h1></center></body></html>\n"
    )


def _damaged(name: str, answer: Response) -> Response:
    """The real answer, spoilt; a file becomes a JSON text, which is what storage answers with when it is ill."""
    content, media = bytes(answer.body), "application/json"
    if name == "wrong-type":
        return Response(content, status_code=answer.status_code, media_type="text/html")
    if not _is_json(answer):
        content = b'{"error": {"code": "storage", "message": "The object is not available"}}'
    if name == "duplicate-keys":
        content = _doubled(json.loads(content)).encode()
    elif name == "invalid-utf8":
        content = content.replace(b'": "', b'": "\xff\xfe', 1).replace(b'":"', b'":"\xff\xfe', 1)
    else:
        content = content[: len(content) * 2 // 3]
    return Response(content, status_code=answer.status_code, media_type=media)


def _doubled(value: Any) -> str:
    """JSON in which every text stands twice: right at first, wrong the second time, which most readers take."""
    if is_object(value):
        parts: list[str] = []
        for name, item in value.items():
            parts.append(f"{json.dumps(name)}:{_doubled(item)}")
            if isinstance(item, str):
                parts.append(f"{json.dumps(name)}:{json.dumps(item + '0')}")
        return "{" + ",".join(parts) + "}"
    if is_list(value):
        return "[" + ",".join(map(_doubled, value)) + "]"
    return json.dumps(value)


def _is_json(answer: Response) -> bool:
    return answer.headers.get("content-type", "").startswith("application/json")


async def _start(answer: Response, exchange: Exchange) -> None:
    await exchange.send({"type": "http.response.start", "status": answer.status_code, "headers": answer.raw_headers})


async def _cut_short(answer: Response, exchange: Exchange) -> None:
    """Promise the whole file, send two thirds, and break off."""
    content = bytes(answer.body)
    await _start(answer, exchange)
    await exchange.send({"type": "http.response.body", "body": content[: len(content) * 2 // 3], "more_body": True})
    await exchange.wire.reset(exchange.receive)


async def _drip(answer: Response, exchange: Exchange) -> None:
    """Send the answer so slowly that no single wait is too long, but all of them together are."""
    content = bytes(answer.body)
    size = max(1, -(-len(content) // DRIP_PIECES))
    await _start(answer, exchange)
    for start in range(0, len(content), size):
        await exchange.send({"type": "http.response.body", "body": content[start : start + size], "more_body": True})
        if not await exchange.wire.pause(DRIP_SECONDS, exchange.receive):
            return
    await exchange.send({"type": "http.response.body", "body": b"", "more_body": False})
