"""The control plane under `/__sim/`: what no provider has. It needs no key and is never slow or faulty."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from vidgate.simulator import _page
from vidgate.simulator._accounts import Account
from vidgate.simulator._body import read_object
from vidgate.simulator._endpoint import Endpoint
from vidgate.simulator._faults import wire_of
from vidgate.simulator._refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from vidgate.simulator._contract import JsonObject
    from vidgate.simulator._simulator import Simulator

SHOWN = 200  # the newest tasks and callbacks; a page of thousands helps nobody


def routes(simulator: Simulator) -> list[Route]:
    """Return the control plane's routes, and the page at the root."""
    return [
        Route("/", _PageEndpoint(simulator)),
        Route("/__sim/state", _StateEndpoint(simulator)),
        Route("/__sim/ledger", _LedgerEndpoint(simulator)),
        Route("/__sim/reset", _ResetEndpoint(simulator)),
        Route("/__sim/faults", _FaultsEndpoint(simulator)),
        Route("/__sim/accounts", _AccountsEndpoint(simulator)),
        Route("/__sim/settings", _SettingsEndpoint(simulator)),
        Route("/__sim/advance", _AdvanceEndpoint(simulator)),
        Route("/__sim/tasks/{task_id}/cancel", _CancelEndpoint(simulator)),
    ]


class _PageEndpoint(Endpoint):
    """What is going on, for people."""

    async def respond(self, request: Request) -> Response:  # noqa: ARG002 - the same for everybody
        return _page.respond({self.simulator.behaviour.title: ""})


class _StateEndpoint(Endpoint):
    """What is going on, for programs."""

    async def respond(self, request: Request) -> Response:  # noqa: ARG002 - the same for everybody
        return JSONResponse(state(self.simulator))


class _LedgerEndpoint(Endpoint):
    """What was charged."""

    async def respond(self, request: Request) -> Response:  # noqa: ARG002 - the same for everybody
        return JSONResponse(_ledger(self.simulator))


class _ResetEndpoint(Endpoint):
    """Forget everything."""

    methods = ("POST",)

    async def respond(self, request: Request) -> Response:  # noqa: ARG002 - a body would say nothing
        self.simulator.reset()
        return JSONResponse(_ledger(self.simulator))


class _FaultsEndpoint(Endpoint):
    """Planned faults: `POST {"fault": 502, "operation": "submit", "times": 1}`; GET lists them, DELETE forgets them."""

    methods = ("GET", "POST", "DELETE")

    async def respond(self, request: Request) -> Response:
        faults = self.simulator.faults
        if request.method == "DELETE":
            faults.forget()
        elif request.method == "POST":
            names = ("fault", "operation", "times", "accepted", "retry_after")
            body = await _members(request, names, needed="fault")
            _checked(lambda: self.simulator.fail_next(body.pop("fault"), **body))
        return JSONResponse({"planned": _faults(self.simulator)})


class _AccountsEndpoint(Endpoint):
    """Accounts: `POST {"key": "my-key", "name": "mine", "credits": 50}`; GET lists them, without their keys."""

    methods = ("GET", "POST")

    async def respond(self, request: Request) -> Response:
        if request.method == "POST":
            names = ("key", *Account.__slots__)
            body = await _members(request, names, needed="key")
            key: object = body.pop("key")
            if not (isinstance(key, str) and key and key.isascii() and key.isprintable() and " " not in key):
                raise Refusal(400, "malformed", "A key is visible ASCII without blanks")
            self.simulator.accounts[key] = _account({"name": key, **body})
        return JSONResponse({"accounts": _accounts(self.simulator)})


class _SettingsEndpoint(Endpoint):
    """How the simulator behaves from now on: `POST {"seconds": 5, "latency": 0.2, "time_scale": 0.05}`."""

    methods = ("GET", "POST")

    async def respond(self, request: Request) -> Response:
        simulator = self.simulator
        if request.method == "POST":
            body = await _members(request, ("seconds", "latency", "time_scale"))
            chosen = {name: _seconds(name, value) for name, value in body.items()}
            if chosen.get("time_scale") == 0:
                raise Refusal(400, "malformed", "time_scale is a number above 0")
            simulator.seconds = chosen.get("seconds", simulator.seconds)
            simulator.latency = chosen.get("latency", simulator.latency)
            simulator.courier.scale = chosen.get("time_scale", simulator.courier.scale)
        return JSONResponse(_settings(simulator))


class _AdvanceEndpoint(Endpoint):
    """Move the clock: `POST {"seconds": 86400}`. Callbacks that become due are sent before the answer."""

    methods = ("POST",)

    async def respond(self, request: Request) -> Response:
        body = await _members(request, ("seconds",), needed="seconds")
        seconds = _seconds("seconds", body["seconds"])
        advance: Callable[[float], None] | None = getattr(self.simulator.clock, "advance", None)
        if advance is None:
            raise Refusal(409, "unsupported", "The simulator's clock cannot be moved")
        await wire_of(request.scope).work(lambda: advance(seconds))
        return JSONResponse({"now": self.simulator.tasks.now()})


class _CancelEndpoint(Endpoint):
    """End a task as cancelled."""

    methods = ("POST",)

    async def respond(self, request: Request) -> Response:
        task_id: str = request.path_params["task_id"]
        try:
            self.simulator.cancel(task_id)
        except LookupError as error:
            raise Refusal(404, "unknown-route", str(error)) from None
        except ValueError as error:
            raise Refusal(409, "unsupported", str(error)) from None
        return JSONResponse({"cancelled": task_id})


async def _members(request: Request, names: tuple[str, ...], *, needed: str | None = None) -> JsonObject:
    body = read_object(request.headers.get("content-type"), await request.body())
    if not body.keys() <= set(names) or (needed is not None and needed not in body):
        raise Refusal(400, "malformed", f"Give {needed or 'some'} of the members {', '.join(names)}, and no others")
    return body


def _checked(change: Callable[[], None]) -> None:
    try:
        change()
    except (TypeError, ValueError) as error:
        raise Refusal(400, "malformed", str(error)) from None


def _seconds(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not (value >= 0 and math.isfinite(value)):
        raise Refusal(400, "malformed", f"{name} is a number, 0 or more")
    return float(value)


def _account(body: JsonObject) -> Account:
    """Make an account; its members say what they are."""
    for name, value in body.items():
        kind = "a text" if name == "name" else "true or false" if name.startswith(("has_", "is_")) else "a number"
        number = isinstance(value, int | float) and not isinstance(value, bool) and value >= 0 and math.isfinite(value)
        good = {"a text": isinstance(value, str), "true or false": isinstance(value, bool), "a number": number}
        if not good[kind]:
            raise Refusal(400, "malformed", f"{name} is {kind}")
    return Account(**body)


def state(simulator: Simulator) -> JsonObject:
    """Describe everything: settings, tasks, callbacks, charges, faults, accounts."""
    now = simulator.tasks.now()
    callbacks = {parcel.task: parcel for parcel in simulator.courier.parcels}
    tasks: list[JsonObject] = []
    for task in simulator.tasks.all()[-SHOWN:]:
        snapshot = task.at(now)
        parcel = callbacks.get(task.id)
        tasks.append(
            {
                "id": task.id,
                "model": task.model,
                "account": task.account,
                "status": snapshot.status,
                "progress": snapshot.progress,
                "created": task.created,
                "finished": task.finished,
                "credits": task.price_at(now),
                "callback": None if parcel is None else parcel.url,
            }
        )
    return {
        "provider": simulator.provider,
        "title": simulator.behaviour.title,
        "now": now,
        "settings": _settings(simulator),
        "received": dict(simulator.received),
        "tasks": tasks,
        "callbacks": [
            {
                "task": parcel.task,
                "url": parcel.url,
                "state": parcel.state,
                "due": parcel.due,
                "attempts": [
                    {"at": attempt.at, "status": attempt.status, "fault": attempt.fault} for attempt in parcel.attempts
                ],
            }
            for parcel in simulator.courier.parcels[-SHOWN:]
        ],
        **_ledger(simulator),
        "faults": _faults(simulator),
        "accounts": _accounts(simulator),
    }


def _settings(simulator: Simulator) -> JsonObject:
    return {
        "seconds": simulator.seconds,
        "latency": simulator.latency,
        "time_scale": simulator.courier.scale,
        "virtual": simulator.courier.in_step,
        "failing_marker": simulator.failing_marker,
    }


def _ledger(simulator: Simulator) -> JsonObject:
    return {"charges": [{"task": charge.task, "credits": charge.credits} for charge in simulator.ledger]}


def _faults(simulator: Simulator) -> list[JsonObject]:
    return [
        {"fault": fault.fault, "operation": fault.operation, "accepted": fault.accepted}
        for fault in simulator.faults.planned
    ]


def _accounts(simulator: Simulator) -> list[JsonObject]:
    accounts: list[JsonObject] = []
    for account in dict.fromkeys(simulator.accounts.values()):
        shown: dict[str, Any] = {name: getattr(account, name) for name in Account.__slots__}
        accounts.append({**shown, "spent": simulator.tasks.spent(account.name)})
    return accounts
