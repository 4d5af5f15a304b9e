"""The API key appears nowhere that people look: one test greps every path."""

from __future__ import annotations

import copy
import io
import json
import logging
import pickle
import traceback
import warnings
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from vidgate import EvoLink, errors
from vidgate._secret import GUARDED_LOGGERS, MASK, Secret
from vidgate.otel import OpenTelemetryHook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

TEXT: Final = "gemini-omni-flash-text-to-video"
ID = "task-unified-1-abc"
KEY = "sk-0123456789abcdefSECRET"
REQUEST: dict[str, Any] = {"model": TEXT, "prompt": "a cat"}
CREATED = {"id": ID, "status": "pending", "type": "video"}
ECHO = f"the key {KEY} (Bearer {KEY}) is not valid (request id: {KEY})"
ECHOED = {"error": {"code": KEY, "message": ECHO, "type": KEY, "param": {KEY: [KEY]}}}
# A server may write any character as an escape; it is the same key once it is read.
ESCAPED = json.dumps(ECHOED).replace("S", "\\u0053").encode()
DONE = {**CREATED, "status": "completed", "results": ["https://files.example/v.mp4"], "error": ECHOED, KEY: KEY}


def answering(*answers: Any) -> Callable[[httpx.Request], httpx.Response]:
    """One answer after another, the last one for ever; all of them echo the key in a header."""
    queue = list(answers)

    def answer(_: httpx.Request) -> httpx.Response:
        item = queue.pop(0) if len(queue) > 1 else queue[0]
        if isinstance(item, Exception):
            raise item
        status, body = item
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"x-request-id": f"echo-{KEY}", "x-echo": KEY, "content-type": "application/json"}
        return httpx.Response(status, content=content, headers=headers)

    return answer


def create(world: Any, _: Path) -> Any:
    return world.do(world.client.videos.create, **REQUEST)


def get(world: Any, _: Path) -> Any:
    return world.do(world.client.tasks.get, ID)


def wait(world: Any, _: Path) -> Any:
    return world.do(get(world, _).wait, timeout=30)


def download(world: Any, folder: Path) -> Any:
    return world.do(get(world, folder).download, folder / "v.mp4")


def refused(world: Any, _: Path) -> Any:
    get(world, _)
    return world.do(world.client.videos.create, **{**REQUEST, "model": KEY, KEY: KEY})


def refused_field(world: Any, _: Path) -> Any:
    get(world, _)
    return world.do(world.client.videos.create, **{**REQUEST, "duration": KEY, "aspect_ratio": [KEY], KEY: KEY})


def checked(world: Any, _: Path) -> Any:
    get(world, _)
    return world.client.check(model=TEXT, prompt={KEY}, duration=KEY)


PATHS: dict[str, tuple[Callable[..., Any], Any]] = {
    "key as model": (refused, answering((200, CREATED))),
    "key as value": (refused_field, answering((200, CREATED))),
    "key in a check": (checked, answering((200, CREATED))),
    "created": (create, answering((200, {**CREATED, "note": KEY}))),
    "create 400 echo": (create, answering((400, ECHOED))),
    "create 401 escaped echo": (create, answering((401, ESCAPED))),
    "create 402": (create, answering((402, ECHOED))),
    "create 429": (create, answering((429, ECHOED))),
    "create 500 key across the cut": (create, answering((500, b"x" * 460 + KEY.encode()))),
    "create reset with the key across the cut": (create, answering(httpx.ReadError("x" * 480 + KEY))),
    "create 500 page": (create, answering((500, f"<html><title>{KEY}</title>".encode()))),
    "create 200 text": (create, answering((200, KEY.encode()))),
    "create 307": (create, answering((307, b""))),
    "create reset": (create, answering(httpx.ReadError(f"reset: Bearer {KEY}"))),
    "create illegal header": (create, answering(httpx.LocalProtocolError(f"Illegal header value b'Bearer {KEY}'"))),
    "create refused": (create, answering(httpx.ConnectError(f"refused {KEY}"))),
    "create bug": (create, answering(RuntimeError(f"bug {KEY}"))),
    "get": (get, answering((200, DONE))),
    "get 401": (get, answering((401, ECHOED))),
    "get 500 text": (get, answering((500, f"error {KEY}".encode()))),
    "get not UTF-8": (get, answering((200, b"\xff" + KEY.encode()))),
    "wait failed": (wait, answering((200, {**CREATED, "status": "failed", "error": ECHOED["error"]}))),
    "wait odd status": (wait, answering((200, CREATED), (200, {**CREATED, "status": KEY}))),
    "wait timeout": (wait, answering((200, CREATED), (502, ECHOED))),
    "download expired": (download, answering((200, DONE), (403, ECHOED))),
    "download page": (download, answering((200, DONE), (200, ECHOED))),
    "download reset": (download, answering((200, DONE), httpx.ReadError(f"reset {KEY}"))),
}


@pytest.fixture
def everything_logged() -> Iterator[io.StringIO]:
    """All records of all loggers, down to DEBUG."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


def tell(thing: Any) -> str:
    """Everything that can be read off an object: texts, fields, copies, and all that hangs on an error."""
    told = [repr(thing), str(thing), repr(getattr(thing, "payload", "")), repr(getattr(thing, "raw", ""))]
    told += [
        repr(getattr(thing, name, "")) for name in ("results", "error", "status", "report", "__notes__", "__dict__")
    ]
    if isinstance(thing, BaseException):
        told.append(repr(pickle.dumps(thing)))
        told.append(str(copy.deepcopy(thing)))
        told += traceback.format_exception(thing)
        # A refused request is the caller's own words, in the caller's frames and in ours.
        local = not isinstance(thing, errors.InvalidRequest)
        told += traceback.TracebackException.from_exception(thing, capture_locals=local).format()
        told += [tell(other) for other in (thing.__cause__, thing.__context__) if other is not None]
    return "\n".join(told)


@pytest.mark.parametrize("name", PATHS)
def test_the_key_shows_nowhere(
    name: str, open_world: Callable[..., Any], everything_logged: io.StringIO, tmp_path: Path
) -> None:
    """On no path does the key reach a text, a field, a log, a warning, a hook, a span, a traceback, or a pickle."""
    call, answer = PATHS[name]
    told_to_hooks: list[object] = []
    spans = InMemorySpanExporter()
    tracing = TracerProvider(shutdown_on_exit=False)
    tracing.add_span_processor(SimpleSpanProcessor(spans))
    world = open_world("evolink", answer, hooks=[told_to_hooks.append, OpenTelemetryHook(tracing)])
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            outcome = call(world, tmp_path)
        except errors.VidgateError as error:
            outcome = error
    # The frames of this test hold the key themselves; only those of the package are looked at.
    _forget_frames_of_tests(outcome)
    told = [
        tell(outcome),
        tell(world.client),
        everything_logged.getvalue(),
        *(str(warning.message) for warning in warned),
        repr(told_to_hooks),
        *(span.to_json() for span in spans.get_finished_spans()),
    ]
    assert len(told_to_hooks) > 3
    assert [text for text in told if KEY[:12] in text] == []
    assert world.requests[0].headers["authorization"] == f"Bearer {KEY}"


def _forget_frames_of_tests(outcome: Any) -> None:
    """Cut the frames above the package off a traceback, and those of the in-memory server's test code."""
    if not isinstance(outcome, BaseException):
        return
    found = outcome.__traceback__
    while found is not None and "/vidgate/_" not in found.tb_frame.f_code.co_filename.replace("\\", "/"):
        found = found.tb_next
    outcome.__traceback__ = found


def test_the_check_would_notice() -> None:
    """The grep finds a key where there is one: in a text, a field, and a chained cause."""
    error = errors.VidgateError("plain")
    error.__cause__ = RuntimeError(f"hidden {KEY}")
    assert KEY in tell(error)
    assert KEY in tell(errors.VidgateError(KEY))


def test_an_echo_leaves_a_mark(open_world: Callable[..., Any]) -> None:
    """Where a server repeats the key, the text says that something was taken out."""
    world = open_world("evolink", answering((401, ECHOED)))
    with pytest.raises(errors.AuthenticationError, match="redacted") as caught:
        create(world, None)  # type: ignore[arg-type]
    assert caught.value.message.count(MASK) == 3


@pytest.mark.parametrize("name", GUARDED_LOGGERS)
def test_libraries_underneath_do_not_log_the_key(name: str, everything_logged: io.StringIO) -> None:
    """Their DEBUG records hold headers, as text and as bytes; both are masked."""
    client = EvoLink(KEY)
    logging.getLogger(name).debug("headers %r %s", [(b"authorization", b"Bearer " + KEY.encode())], KEY)
    assert MASK in everything_logged.getvalue()
    assert KEY not in everything_logged.getvalue()
    assert repr(client)


@pytest.mark.parametrize(
    "value", ["", "  ", "\n", f"{KEY}\n", f" {KEY}", f"{KEY} x", "sk-ключ", "sk\x00", 5, b"sk"], ids=ascii
)
def test_a_bad_key_is_refused_without_showing_it(value: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says what is wrong with the key, not what it is."""
    client: Any = EvoLink
    with pytest.raises(errors.ConfigurationError) as caught:
        client(value)
    assert KEY not in str(caught.value)
    assert "ключ" not in str(caught.value)
    if isinstance(value, str) and "\x00" not in value:
        monkeypatch.setenv("EVOLINK_API_KEY", value)
        with pytest.raises(errors.ConfigurationError, match="EVOLINK_API_KEY") as caught:
            EvoLink()
        assert KEY not in str(caught.value)


def test_a_missing_key_says_where_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable and the page are named."""
    monkeypatch.delenv("EVOLINK_API_KEY", raising=False)
    with pytest.raises(errors.ConfigurationError, match="EVOLINK_API_KEY") as caught:
        EvoLink()
    assert "https://" in caught.value.hint


def test_a_key_is_not_pickled() -> None:
    """Neither the key nor a client that holds one goes into a file."""
    for thing in (Secret(KEY), EvoLink(KEY)):
        with pytest.raises(TypeError):
            pickle.dumps(thing)


def test_short_made_up_keys_do_not_eat_words() -> None:
    """Masking starts where a key is long enough to be one."""
    assert Secret("task").redact("task-unified-1") == "task-unified-1"


def test_the_key_does_not_go_to_the_host_of_the_result(open_world: Callable[..., Any], tmp_path: Path) -> None:
    """Neither the client's own headers nor cookies nor the key leave for another host, redirects included."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == "api.evolink.ai":
            return httpx.Response(200, json=DONE, headers={"set-cookie": "session=secret; Path=/"})
        if request.url.host == "files.example":
            return httpx.Response(302, headers={"location": "https://api.evolink.ai.evil.example/v.mp4"})
        return httpx.Response(200, content=b"film", headers={"content-type": "video/mp4"})

    world = open_world("evolink", answer)
    download(world, tmp_path)
    assert [request.url.host for request in world.requests[1:]] == ["files.example", "api.evolink.ai.evil.example"]
    for request in world.requests[1:]:
        assert not {"authorization", "cookie", "idempotency-key"} & set(request.headers)
        assert KEY not in repr(request.headers.raw)
