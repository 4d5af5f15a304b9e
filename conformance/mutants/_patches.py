"""Small changes of one simulator: what comes in, what goes out, how it speaks, what it remembers.

All of them change the one object they are given, so that nothing leaks from one mutant to the next.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from .._json import is_array, is_object
from ._model import Change

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from vidgate.simulator import Simulator

Operation: TypeAlias = Literal["submit", "poll", "download", "other"]
JSON = "application/json"


@dataclass(slots=True)
class Ask:
    """A request on its way in, open to change."""

    method: str
    path: str
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """The only header of a name; None when there is none, or more than one."""
        found = [value for known, value in self.headers if known == name]
        return found[0] if len(found) == 1 else None

    def set(self, name: str, value: str) -> None:
        """Replace the headers of a name."""
        self.headers = [(known, old) for known, old in self.headers if known != name] + [(name, value)]

    @property
    def operation(self) -> Operation:
        """What it is for."""
        if self.path.endswith("/generations"):
            return "submit" if self.method == "POST" else "other"
        if self.path.startswith("/v1/tasks/"):
            return "poll" if self.method == "GET" else "other"
        return "download" if self.path.startswith("/results/") else "other"

    @property
    def json(self) -> Any:
        """The body, None when it is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def put(self, value: Any) -> None:
        """Replace the body."""
        self.body = json.dumps(value).encode()


@dataclass(slots=True)
class Answer:
    """An answer on its way out, open to change. `honest_length` False: Content-Length stays as it is."""

    simulator: Simulator
    ask: Ask
    status: int
    headers: dict[str, str]
    body: bytes
    honest_length: bool = True

    @property
    def operation(self) -> Operation:
        """What it answers."""
        return self.ask.operation

    @property
    def is_json(self) -> bool:
        """Whether the body is JSON of a documented operation."""
        return self.operation in {"submit", "poll"} and self.headers.get("content-type", "").startswith(JSON)

    @property
    def json(self) -> Any:
        """The body."""
        return json.loads(self.body)

    def put(self, value: Any) -> None:
        """Replace the body."""
        self.body = json.dumps(value).encode()


def between(
    before: Callable[[Ask], object] | None = None, after: Callable[[Answer], object] | None = None
) -> Callable[[Simulator], None]:
    """Change requests to documented paths and links on their way in, and their answers on the way out."""

    def patch(simulator: Simulator) -> None:
        simulator.app = cast("Any", _Between(simulator, before, after))

    return patch


class _Between:
    """An ASGI app around another."""

    def __init__(
        self,
        simulator: Simulator,
        before: Callable[[Ask], object] | None,
        after: Callable[[Answer], object] | None,
    ) -> None:
        self._simulator = simulator
        self._app: Any = simulator.app
        self._before = before
        self._after = after

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"].startswith("/__sim/"):
            await self._app(scope, receive, send)
            return
        headers = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"]]
        ask = Ask(scope["method"], scope["path"], headers, await _read(receive))
        if self._before is not None:
            self._before(ask)
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in ask.headers]
        inner = {**scope, "method": ask.method, "path": ask.path, "raw_path": ask.path.encode(), "headers": raw}
        sent: list[Any] = []

        async def body() -> Any:
            return {"type": "http.request", "body": ask.body, "more_body": False}

        async def keep(message: Any) -> None:
            sent.append(message)

        await self._app(inner, body, keep)
        await self._answer(ask, sent, send)

    async def _answer(self, ask: Ask, sent: list[Any], send: Any) -> None:
        answer = Answer(
            simulator=self._simulator,
            ask=ask,
            status=sent[0]["status"],
            headers={name.decode("latin-1"): value.decode("latin-1") for name, value in sent[0]["headers"]},
            body=b"".join(message.get("body", b"") for message in sent[1:]),
        )
        if self._after is not None:
            self._after(answer)
        if answer.honest_length:
            answer.headers["content-length"] = str(len(answer.body))
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": raw})
        await send({"type": "http.response.body", "body": answer.body})


async def _read(receive: Any) -> bytes:
    chunks: list[bytes] = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(chunks)


def asked(change: Callable[[Ask], object]) -> Change:
    """Requests are read differently."""
    return Change(simulator=between(before=change))


def answered(change: Callable[[Answer], object], *, of: Operation | None = None, status: int | None = 200) -> Change:
    """Answers are changed: those of one operation, or all JSON, with one status, or with any (None)."""

    def chosen(answer: Answer) -> None:
        wanted = answer.is_json if of is None else answer.operation == of
        if wanted and status in {None, answer.status}:
            change(answer)

    return Change(simulator=between(after=chosen))


def edited(change: Callable[[Any], object], *, of: Operation | None = None, status: int | None = 200) -> Change:
    """Bodies of answers are changed in place."""

    def edit(answer: Answer) -> None:
        body = answer.json
        change(body)
        answer.put(body)

    return answered(edit, of=of, status=status)


def refused(change: Callable[[dict[str, Any]], object], *, status: int | None = None) -> Change:
    """The error object of refusals is changed in place."""

    def edit(answer: Answer) -> None:
        if answer.status >= 400:  # noqa: PLR2004 - where HTTP's errors begin
            body = answer.json
            change(body["error"])
            answer.put(body)

    return answered(edit, status=status)


def requested(change: Callable[[dict[str, Any]], object]) -> Change:
    """The body of a submission is read differently: changed in place before anybody looks at it."""

    def edit(ask: Ask) -> None:
        if ask.operation == "submit" and is_object(body := ask.json):
            before = copy.deepcopy(body)
            change(body)
            if body != before:  # what is not changed stays as it was written, its faults included
                ask.put(body)

    return asked(edit)


def schema(pointer: str, change: Callable[[dict[str, Any]], object]) -> Change:
    """A schema of the contract that requests are held against is changed in place."""

    def edit(document: dict[str, Any]) -> None:
        found: Any = document
        for step in pointer.split("/")[1:]:
            token = step.replace("~1", "/").replace("~0", "~")
            found = found[int(token)] if is_array(found) else found[token]
        change(found)

    return Change(contract=edit)


@dataclass(slots=True)
class Reading:
    """One reading of a task: its view, how often it was read before, and what was kept of it."""

    simulator: Simulator
    view: Any
    count: int
    memory: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def status(self) -> str:
        """Where the task really stands."""
        return str(self.view.snapshot.status)

    @property
    def age(self) -> float:
        """Seconds since the submission."""
        return float(self.simulator.tasks.now() - self.view.task.created)


def reading(change: Callable[[dict[str, Any], Reading], object]) -> Change:
    """A task is shown differently, wherever it is shown: in task queries and in callbacks."""

    def patch(simulator: Simulator) -> None:
        honest = simulator.behaviour
        name = "status" if simulator.provider == "evolink" else "callback"
        show: Callable[[Any], dict[str, Any]] = getattr(honest, name)
        read: dict[str, Reading] = {}

        def changed(view: Any) -> dict[str, Any]:
            known = read.setdefault(view.task.id, Reading(simulator, view, 0))
            known.view = view
            known.count += 1
            body = show(view)
            change(body, known)
            return body

        behave(simulator, **{name: changed})

    return Change(simulator=patch)


def behave(simulator: Simulator, **members: Any) -> None:
    """Give one simulator another way of speaking."""
    changed = copy.copy(simulator.behaviour)
    for name, value in members.items():
        setattr(changed, name, value)
    simulator.behaviour = changed
    simulator.courier.behaviour = changed


def behaving(**members: Any) -> Change:
    """Some constants of the provider are others."""
    return Change(simulator=lambda simulator: behave(simulator, **members))


def charged(change: Callable[[Any, Simulator], list[tuple[str, float]]]) -> Change:
    """The ledger is another: `change` maps each honest charge to charges as (task, credits)."""

    def patch(simulator: Simulator) -> None:
        honest = simulator.tasks.charges

        def charges() -> tuple[Any, ...]:
            found = honest()
            return tuple(
                type(charge)(task=task, credits=credits_)
                for charge in found
                for task, credits_ in change(charge, simulator)
            )

        cast("Any", simulator.tasks).charges = charges

    return Change(simulator=patch)


Sink: TypeAlias = "Callable[[bytes, Mapping[str, str], str], object]"


def sinking(make: Callable[[Sink, Simulator], Sink]) -> Change:
    """Callbacks are sent differently: `make` wraps what takes them."""

    def patch(simulator: Simulator) -> None:
        if simulator.courier.sink is not None:
            simulator.courier.sink = make(simulator.courier.sink, simulator)

    return Change(simulator=patch)
