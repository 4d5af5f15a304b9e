"""A fault, and the way to the honest gateway that has it."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from tests.conformance.faults.courier import HONEST, Courier, Messenger
from tests.conformance.faults.talk import Talk
from tests.conformance.gateway import apps
from vidgate.simulator import transport_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conformance._settings import ProviderName
    from conformance.subjects._receiver import Receiver
    from tests.conformance.gateway.studio import World

APPS = {"evolink": apps.evolink, "apimart": apps.apimart}


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One promise broken: before the honest gateway sees a request, after it answered, or by its courier."""

    provider: ProviderName
    category: str
    name: str
    source: str
    before: Callable[[Talk], object] = lambda talk: None
    after: Callable[[Talk], object] = lambda talk: None
    courier: Courier = HONEST
    accounts: Callable[[list[dict[str, Any]], Talk], object] = lambda charges, talk: None

    @property
    def id(self) -> str:
        return f"{self.provider}/{self.category}/{self.name}"


class Crooked(httpx.BaseTransport):
    """The way to a gateway with a fault."""

    def __init__(self, fault: Fault, world: World, receiver: Receiver, seed: int) -> None:
        def deliver(url: str, body: bytes, headers: Mapping[str, str], method: str) -> int:
            return receiver.handle(body, headers, url, method)

        chance = random.Random(seed)
        self.studio = Messenger(
            45.0, world.now, lambda url, body, headers: 200, random=chance, courier=fault.courier, deliver=deliver
        )
        world.studio = self.studio
        self.fault = fault
        self.memory: dict[str, Any] = {}
        self.inner = transport_for(APPS[fault.provider](self.studio))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Let the fault have its say before and after."""
        talk = Talk(self.studio, self.memory, request.method, request.url.path, dict(request.headers), request.read())
        self.fault.before(talk)
        if not talk.status:
            headers = {name: value for name, value in talk.headers.items() if name != "content-length"}
            url = request.url.copy_with(path=talk.path, query=request.url.query or None)
            passed = httpx.Request(talk.method, url, headers=headers, content=talk.raw)
            answer = self.inner.handle_request(passed)
            talk.status, talk.content = answer.status_code, answer.read()
            talk.answered = {name: value for name, value in answer.headers.items() if name != "content-length"}
            self.fault.after(talk)
            if self.memory.pop("short", None):
                raise httpx.RemoteProtocolError("peer closed connection without sending complete message body")
        if talk.path == "/books":
            found = json.loads(talk.content)
            self.fault.accounts(found["charges"], talk)
            talk.content = json.dumps(found).encode()
        return httpx.Response(talk.status, headers=talk.answered, content=talk.content, request=request)
