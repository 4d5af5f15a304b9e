"""The clients from outside, sync and async: over an in-memory server and over real sockets."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest

from vidgate import APIMart, AsyncEvoLink, EvoLink, Timeouts, errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TEXT: Final = "gemini-omni-flash-text-to-video"
ID = "task-unified-1757169743-7cvnl5zw"
LINK = "https://files.example/v.mp4?sig=1"
CREATED = {"id": ID, "status": "pending", "progress": 0, "type": "video", "created": 1_757_169_743, "model": TEXT}
DONE = {**CREATED, "status": "completed", "progress": 100, "results": [LINK]}
REQUEST: dict[str, Any] = {"model": TEXT, "prompt": "a cat", "duration": 6}


def test_from_request_to_result(open_world: Callable[..., Any]) -> None:
    """Submit, wait with updates, and read what became of it."""
    world = open_world(
        "evolink",
        [(200, {**CREATED, "task_info": {"estimated_time": 60}}), (200, {**CREATED, "progress": 40}), (200, DONE)],
    )
    seen: list[tuple[str, int | None]] = []
    task = world.do(world.client.videos.create, **REQUEST)
    assert (task.id, task.status, task.progress, task.estimated_seconds, task.done) == (ID, "pending", 0, 60, False)
    task = world.do(task.wait, on_update=lambda now: seen.append((now.status, now.progress)))
    assert seen == [("pending", 40), ("completed", 100)]
    assert (task.verdict, task.done, task.model, task.created) == ("completed", True, TEXT, 1_757_169_743)
    assert task.estimated_seconds == 60
    (result,) = task.results
    assert (result.url, result.kind, result.expires_at) == (LINK, "video", 1_757_169_743 + 86_400)
    assert [(request.method, request.url.path) for request in world.requests] == [
        ("POST", "/v1/videos/generations"),
        ("GET", f"/v1/tasks/{ID}"),
        ("GET", f"/v1/tasks/{ID}"),
    ]
    assert {request.headers["authorization"] for request in world.requests} == {f"Bearer {world.key}"}
    assert world.requests[0].url.host == "api.evolink.ai"


def test_apimart_from_request_to_result(open_world: Callable[..., Any]) -> None:
    """The same calls over APIMart's envelopes, with a link given as text instead of a list."""
    done = {
        "id": "task_01",
        "status": "completed",
        "progress": 100,
        "created": 1_779_246_294,
        "result": {"videos": [{"url": "https://cdn.example/v.mp4", "expires_at": 1_779_332_760}], "images": None},
    }
    world = open_world(
        "apimart",
        [
            (200, {"code": 200, "data": [{"status": "submitted", "task_id": "task_01"}]}),
            (200, {"code": 200, "data": done}),
        ],
    )
    task = world.do(world.client.videos.create, model="Omni-Flash-Ext", prompt="x")
    task = world.do(task.wait)
    assert [(result.url, result.kind, result.expires_at) for result in task.results] == [
        ("https://cdn.example/v.mp4", "video", 1_779_332_760)
    ]
    assert type(task.raw).__module__.startswith("apimart_api.models")


def test_an_async_watcher_is_awaited() -> None:
    """`on_update` of an async task may be a coroutine function."""
    import asyncio

    answers = iter([CREATED, DONE])
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=next(answers)))
    seen: list[str] = []

    async def watch(task: Any) -> None:
        await asyncio.sleep(0)
        seen.append(task.status)

    async def run() -> None:
        async with AsyncEvoLink("sk-0123456789", transport=transport) as client:
            task = await client.videos.create(model=TEXT, prompt="x")
            await task.wait(on_update=watch)

    asyncio.run(run())
    assert seen == ["completed"]


def test_an_error_of_a_watcher_comes_through(open_world: Callable[..., Any]) -> None:
    """What the caller's own function raises is the caller's, StopIteration included."""
    world = open_world("evolink", [(200, CREATED), (200, DONE)])
    task = world.do(world.client.videos.create, **REQUEST)

    def watch(_: Any) -> None:
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        world.do(task.wait, on_update=watch)


def test_a_watcher_cannot_end_the_flow(open_world: Callable[..., Any]) -> None:
    """StopIteration from a watcher is not taken for the flow's own end."""
    world = open_world("evolink", [(200, CREATED), (200, DONE)])
    task = world.do(world.client.videos.create, **REQUEST)

    def watch(_: Any) -> None:
        raise StopIteration("not a task")

    # A coroutine may not raise StopIteration; Python turns it into RuntimeError.
    with pytest.raises((StopIteration, RuntimeError)):
        world.do(task.wait, on_update=watch)


# What the tolerant client makes of answers nobody documents: the value that is kept, or the type of the error.
TOLERATED: dict[str, tuple[Any, Any]] = {
    "unknown status": ({**DONE, "status": "enhancing"}, "enhancing"),
    "no status": ({"id": ID}, ""),
    "null for an object": ({**DONE, "error": None, "task_info": None, "usage": None}, "completed"),
    "object for null": ({**DONE, "results": {"url": LINK}}, "completed"),
    "missing fields": ({"id": ID, "status": "pending"}, "pending"),
    "extra fields": ({**DONE, "billing": {"x": [1]}, "new": None}, "completed"),
    "other types": ({**DONE, "created": "yesterday", "progress": None, "model": 5, "type": None}, "completed"),
    "other enum values": ({**DONE, "object": "hologram.generation.task", "type": "hologram"}, "completed"),
    "large number": ('{"id": "x", "status": "completed", "progress": 1e400}', "completed"),
}


@pytest.mark.parametrize("name", TOLERATED)
def test_odd_tasks_are_kept(name: str, open_world: Callable[..., Any]) -> None:
    """No answer with a task in it raises, neither on reading nor on looking at it."""
    body, status = TOLERATED[name]
    world = open_world("evolink", [(200, body)])
    task = world.do(world.client.tasks.get, ID)
    assert (task.id, task.status) == (ID, status)
    assert task.results is not None
    assert repr(task)
    assert task.raw is None or task.raw
    assert isinstance(task.payload, dict)


REFUSED: dict[str, tuple[Any, type[errors.APIError], str | None, str | None]] = {
    "undocumented 401": (
        (
            401,
            {"error": {"code": "", "message": "invalid key (request id: 2026X)", "param": "", "type": "apimart_error"}},
        ),
        errors.AuthenticationError,
        None,
        "2026X",
    ),
    "status 520": ((520, "error code: 520"), errors.ServerError, None, None),
    "status 999": ((999, ""), errors.UnexpectedReply, None, None),
    "HTML 500": ((500, "<html><head><title>500</title></head></html>"), errors.ServerError, None, None),
    "HTML 404": ((404, "<html></html>"), errors.NotFound, None, None),
    "integer code": ((429, {"error": {"code": 1302, "message": "slow"}}), errors.RateLimited, "1302", None),
    "code repeats status": ((403, {"error": {"code": 403, "message": "no"}}), errors.PermissionDenied, None, None),
    "null code": ((400, {"error": {"code": None, "message": "no", "type": None}}), errors.BadRequest, None, None),
    "text error": (
        (400, {"error": "invalid_grant", "error_description": "no"}),
        errors.BadRequest,
        "invalid_grant",
        None,
    ),
    "success false": ((200, {"success": False, "code": 404, "msg": "gone"}), errors.NotFound, "404", None),
    "typed error": (
        (529, {"type": "error", "error": {"type": "overloaded_error", "message": "busy"}, "request_id": "req_7"}),
        errors.ServerError,
        None,
        "req_7",
    ),
    "not JSON": ((200, b"\xff\xfe\x00"), errors.UnexpectedReply, None, None),
    "JSON but no object": ((200, [1, 2]), errors.UnexpectedReply, None, None),
    "empty": ((200, ""), errors.UnexpectedReply, None, None),
    "deep JSON": ((200, "[" * 100_000), errors.UnexpectedReply, None, None),
    "huge number": ((200, "1" * 10_000), errors.UnexpectedReply, None, None),
}


@pytest.mark.parametrize("name", REFUSED)
def test_odd_errors_are_typed(name: str, open_world: Callable[..., Any]) -> None:
    """Whatever a gateway answers becomes an error of ours, with status, code and request id."""
    answer, kind, code, request_id = REFUSED[name]
    world = open_world("evolink", lambda _: answer)
    with pytest.raises(errors.APIError) as caught:
        world.do(world.client.tasks.get, ID)
    error = caught.value
    assert type(error) is kind
    assert (error.status, error.code, error.request_id, error.task_id) == (answer[0], code, request_id, ID)
    assert error.message
    assert str(error).endswith(error.hint)
    assert error.__cause__ is None
    assert error.__context__ is None


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("insufficient_quota", "balance"),
        ("quota_not_enough", "balance"),
        ("insufficient_token_quota", "key_limit"),
        ("key_quota_exhausted", "key_limit"),
        ("token_daily_quota_exceeded", "daily_limit"),
        ("something_new", "unknown"),
    ],
)
def test_three_reasons_to_pay(code: str, reason: str, open_world: Callable[..., Any]) -> None:
    """402 tells account, key and day apart, each with its own remedy."""
    world = open_world("evolink", [(402, {"error": {"code": code, "message": "no"}})])
    with pytest.raises(errors.PaymentRequired) as caught:
        world.do(world.client.videos.create, **REQUEST)
    assert caught.value.reason == reason
    assert not caught.value.retryable


def test_request_id_and_retry_after_come_from_headers(open_world: Callable[..., Any]) -> None:
    """Header names are found in any case."""
    headers = {"X-Oneapi-Request-Id": "abc-1", "Retry-After": "120"}
    world = open_world("evolink", [httpx.Response(429, headers=headers, json={})])
    with pytest.raises(errors.RateLimited) as caught:
        world.do(world.client.videos.create, **REQUEST)
    assert (caught.value.request_id, caught.value.retry_after) == ("abc-1", 120.0)


BROKEN: dict[str, Any] = {
    "hang": httpx.ReadTimeout("timed out"),
    "reset": httpx.ReadError("reset"),
    "server gone": httpx.RemoteProtocolError("server disconnected"),
    "write error": httpx.WriteError("broken pipe"),
    "write timeout": httpx.WriteTimeout("stuck"),
    "own protocol error": httpx.LocalProtocolError("odd"),
    "transport bug": RuntimeError("a bug of the transport"),
    "hook": httpx.HTTPStatusError("no", request=httpx.Request("GET", "http://x"), response=httpx.Response(500)),
    "502": (502, "<html>Bad Gateway</html>"),
    "500": (500, {"error": {"code": "internal_error", "message": "x"}}),
    "200 of another shape": (200, {"ok": True}),
}


@pytest.mark.parametrize("name", BROKEN)
def test_money_is_risked_once(name: str, open_world: Callable[..., Any]) -> None:
    """After an unclear outcome there is exactly one POST, and the error holds the key it was sent with."""
    world = open_world("evolink", lambda _: BROKEN[name])
    with pytest.raises(errors.SubmitUnknown) as caught:
        world.do(world.client.videos.create, **REQUEST)
    (post,) = world.posts
    assert caught.value.idempotency_key == post.headers["idempotency-key"]
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


UNDELIVERED: dict[str, Exception] = {
    "refused": httpx.ConnectError("refused"),
    "no route in time": httpx.ConnectTimeout("slow"),
    "no free connection": httpx.PoolTimeout("full"),
    "proxy": httpx.ProxyError("403 Forbidden"),
}


@pytest.mark.parametrize("name", UNDELIVERED)
def test_what_did_not_arrive_is_sent_again(name: str, open_world: Callable[..., Any]) -> None:
    """Without a connection the same request goes out again, under the same key."""
    world = open_world("evolink", [UNDELIVERED[name], UNDELIVERED[name], (200, CREATED)])
    assert world.do(world.client.videos.create, **REQUEST).id == ID
    assert len({(post.headers["idempotency-key"], post.content) for post in world.posts}) == 1
    assert len(world.posts) == 3


def test_each_submission_has_its_own_key(open_world: Callable[..., Any]) -> None:
    """Two calls are two tasks; the keys have the documented form."""
    import re

    world = open_world("evolink", lambda _: (200, CREATED))
    for _ in range(3):
        world.do(world.client.videos.create, **REQUEST)
    keys = [post.headers["idempotency-key"] for post in world.posts]
    assert len(set(keys)) == 3
    assert all(re.fullmatch(r"[A-Za-z0-9._-]{16,96}", key) for key in keys)


def test_an_unknown_outcome_can_be_settled(open_world: Callable[..., Any]) -> None:
    """The key of SubmitUnknown, given back, is the key of the next request."""
    world = open_world("evolink", [(504, ""), (200, CREATED)])
    with pytest.raises(errors.SubmitUnknown) as caught:
        world.do(world.client.videos.create, **REQUEST)
    again = world.client.with_options(idempotency_key=caught.value.idempotency_key)
    assert world.do(again.videos.create, **REQUEST).id == ID
    assert len({post.headers["idempotency-key"] for post in world.posts}) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(status: int, open_world: Callable[..., Any]) -> None:
    """Neither the request nor the key goes to another address, for a POST as for a GET."""

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(status, headers={"location": "https://elsewhere.example/v1"})

    world = open_world("evolink", answer)
    with pytest.raises(errors.VidgateError):
        world.do(world.client.videos.create, **REQUEST)
    with pytest.raises(errors.UnexpectedReply, match=r"elsewhere\.example"):
        world.do(world.client.tasks.get, ID)
    assert [request.url.host for request in world.requests] == ["api.evolink.ai"] * 2


def test_a_redirecting_http_client_does_not_redirect_us() -> None:
    """A handed-in client that follows redirects does not do so with our key."""
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.host)
        return httpx.Response(307, headers={"location": "https://elsewhere.example/"})

    with httpx.Client(transport=httpx.MockTransport(answer), follow_redirects=True) as http:
        client = EvoLink("sk-0123456789", http_client=http)
        with pytest.raises(errors.UnexpectedReply):
            client.videos.create(model=TEXT, prompt="x")
    assert seen == ["api.evolink.ai"]


def test_a_handed_in_client_keeps_its_own() -> None:
    """Its headers go along, its settings stay as they were, and it is not closed."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=CREATED)

    with httpx.Client(
        transport=httpx.MockTransport(answer), headers={"x-team": "7", "authorization": "Basic own"}, timeout=3.0
    ) as http:
        before = (dict(http.headers), http.timeout, dict(http.cookies))
        with EvoLink("sk-0123456789", http_client=http) as client:
            client.videos.create(model=TEXT, prompt="x")
        assert not http.is_closed
        assert (dict(http.headers), http.timeout, dict(http.cookies)) == before
    assert seen[0].headers["x-team"] == "7"
    assert seen[0].headers["authorization"] == "Bearer sk-0123456789"


def test_the_client_closes_what_it_made(open_world: Callable[..., Any]) -> None:
    """After closing, calls say so; the copy by with_options closes nothing."""
    world = open_world("evolink", lambda _: (200, CREATED))
    twin = world.client.with_options(timeout=5)
    world.do(twin.close if hasattr(twin, "close") else twin.aclose)
    assert world.do(world.client.tasks.get, ID).id == ID
    world.do(world.client.close if hasattr(world.client, "close") else world.client.aclose)
    for client in (world.client, twin):
        with pytest.raises(errors.ConfigurationError, match="closed"):
            world.do(client.tasks.get, ID)


def test_options_are_of_the_copy_only(open_world: Callable[..., Any]) -> None:
    """with_options gives another client of the same type and leaves this one as it is."""
    world = open_world("evolink", lambda _: (200, CREATED))
    twin = world.client.with_options(timeout=5, attempts=1)
    assert type(twin) is type(world.client)
    world.do(twin.tasks.get, ID)
    world.do(world.client.tasks.get, ID)
    first, second = (request.extensions["timeout"] for request in world.requests)
    assert (first["connect"], first["read"]) == (5.0, 5.0)
    assert (second["connect"], second["read"]) == (10.0, 15.0)


def test_every_request_has_timeouts(open_world: Callable[..., Any]) -> None:
    """A query waits 15 seconds for an answer, a submission 30; connecting 10, writing 120."""
    world = open_world("evolink", lambda _: (200, CREATED))
    world.do(world.client.videos.create, **REQUEST)
    world.do(world.client.tasks.get, ID)
    submit, read = (request.extensions["timeout"] for request in world.requests)
    assert submit == {"connect": 10.0, "read": 30.0, "write": 120.0, "pool": 10.0}
    assert read == {"connect": 10.0, "read": 15.0, "write": 120.0, "pool": 10.0}


def test_tasks_are_read_with_the_options_they_came_with(open_world: Callable[..., Any]) -> None:
    """A task remembers its client."""
    world = open_world("evolink", lambda _: (200, CREATED))
    task = world.do(world.client.with_options(timeout=Timeouts(read=2.0)).tasks.get, ID)
    world.do(task.refresh)
    assert world.requests[1].extensions["timeout"]["read"] == 2.0


@pytest.mark.parametrize("task_id", ["..", "a/b", "", "x\r\ny: z"], ids=ascii)
def test_bad_ids_send_nothing(task_id: str, open_world: Callable[..., Any]) -> None:
    """An id that would change the path is refused before any request."""
    world = open_world("evolink", [])
    with pytest.raises(errors.ConfigurationError):
        world.do(world.client.tasks.get, task_id)
    assert world.requests == []


@pytest.mark.parametrize("timeout", [-1, float("nan"), float("inf"), None, "60", True], ids=str)
def test_waiting_always_has_an_end(timeout: Any, open_world: Callable[..., Any]) -> None:
    """There is no way to wait for ever."""
    world = open_world("evolink", [(200, CREATED)])
    task = world.do(world.client.tasks.get, ID)
    with pytest.raises(errors.ConfigurationError):
        world.do(task.wait, timeout=timeout)


def test_waiting_ends_by_itself(open_world: Callable[..., Any]) -> None:
    """Without a timeout given, a wait ends after ten minutes, and can go on from the error."""
    world = open_world("evolink", lambda _: (200, CREATED))
    task = world.do(world.client.tasks.get, ID)
    started = world.clock.now()
    with pytest.raises(errors.TaskTimeout) as caught:
        world.do(task.wait)
    assert 590 < world.clock.now() - started <= 600
    assert world.do(world.client.tasks.get, caught.value.task_id).status == "pending"


def test_models_are_listed() -> None:
    """The models of the contract, each with its request class and parameters."""
    import vidgate.evolink

    models = {model.id: model for model in EvoLink("sk-0123456789").models}
    text = models[TEXT]
    assert getattr(vidgate.evolink, text.request_class)(prompt="x").model == TEXT
    fields = {field.name: field for field in text.fields}
    assert fields["prompt"].required
    assert not fields["duration"].required
    assert fields["duration"].default == 10
    assert fields["aspect_ratio"].values == ("16:9", "9:16", "auto")
    assert [model.id for model in APIMart("sk-0123456789").models] == ["Omni-Flash-Ext"]


def test_wrong_http_clients_are_refused() -> None:
    """The mix-ups of sync and async are named at once."""
    client: Any = EvoLink
    with pytest.raises(errors.ConfigurationError, match="http_client"):
        client("sk-0123456789", http_client=httpx.AsyncClient())
    with pytest.raises(errors.ConfigurationError, match="Both"):
        client(
            "sk-0123456789", http_client=httpx.Client(), transport=httpx.MockTransport(lambda _: httpx.Response(200))
        )


class SilentServer:
    """A server on a real socket that reads a request and then does what it is told."""

    def __init__(self, then: str) -> None:
        self._then = then
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.requests = 0
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            if connection.recv(65536):
                self.requests += 1
            if self._then == "reset":
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
                connection.close()
            elif self._then == "hang":
                self._open.append(connection)
            else:
                connection.sendall(self._then.encode())
                connection.close()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for connection in self._open:
            connection.close()
        self._thread.join(timeout=5)


@pytest.fixture
def serve() -> Iterator[Callable[[str], SilentServer]]:
    servers: list[SilentServer] = []

    def make(then: str) -> SilentServer:
        servers.append(SilentServer(then))
        return servers[-1]

    yield make
    for server in servers:
        server.close()


@pytest.mark.parametrize(
    "then",
    [
        "reset",
        "hang",
        "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{",
    ],
    ids=["reset", "hang", "502", "cut short"],
)
def test_money_is_risked_once_over_real_sockets(
    then: str, serve: Callable[[str], SilentServer], open_world: Callable[..., Any]
) -> None:
    """What a mock cannot show: a real hang, a real reset and a real gateway lead to exactly one POST."""
    server = serve(then)
    world = open_world("evolink", [], transport=None, base_url=server.url, timeout=0.2)
    with pytest.raises(errors.SubmitUnknown):
        world.do(world.client.videos.create, **REQUEST)
    assert server.requests == 1


def test_nothing_listens_over_real_sockets(open_world: Callable[..., Any]) -> None:
    """A refused connection is tried again, and then said to have cost nothing."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    world = open_world("evolink", [], transport=None, base_url=f"http://127.0.0.1:{port}")
    with pytest.raises(errors.ConnectionFailed):
        world.do(world.client.videos.create, **REQUEST)
    assert len(world.clock.slept) == 2


def test_an_interrupt_leaves_the_key_behind(open_world: Callable[..., Any]) -> None:
    """Ctrl-C in the middle of a paid request is passed on, with a note of the idempotency key."""

    class Interrupted(BaseException):
        pass

    def answer(_: httpx.Request) -> Any:
        raise Interrupted

    world = open_world("evolink", answer)
    with pytest.raises(Interrupted) as caught:
        world.do(world.client.videos.create, **REQUEST)
    assert world.posts[0].headers["idempotency-key"] in caught.value.__notes__[0]
