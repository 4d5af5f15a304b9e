"""Spans: one for each operation, one for each request, with standard names and without secrets."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from vidgate import errors
from vidgate.otel import OpenTelemetryHook

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.sdk.trace import ReadableSpan

ROOT: Final = Path(__file__).parents[2]
KEY: Final = "sk-0123456789abcdefSECRET"
PROMPT: Final = "a confidential boat"
ID: Final = "task-unified-1-abc"
MODEL: Final = "gemini-omni-flash-text-to-video"
REQUEST: Final[dict[str, Any]] = {"model": MODEL, "prompt": PROMPT}
CREATED: Final = {"id": ID, "status": "pending", "type": "video", "usage": {"credits_reserved": 60}}
LINK: Final = "https://user:word@files.example:8443/v.mp4?Signature=s3cr3t"
DONE: Final = {**CREATED, "status": "completed", "progress": 100, "results": [LINK], "model": MODEL}


def serve(request: httpx.Request) -> httpx.Response:
    if request.url.host != "api.evolink.ai":
        return httpx.Response(200, content=b"film", headers={"content-type": "video/mp4"})
    return httpx.Response(200, json=CREATED if request.method == "POST" else DONE, headers={"x-request-id": "req-1"})


class Spans:
    """A tracer whose finished spans are kept."""

    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()
        self.provider = TracerProvider(shutdown_on_exit=False)
        self.provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.hook = OpenTelemetryHook(self.provider)

    @property
    def all(self) -> list[ReadableSpan]:
        return sorted(self.exporter.get_finished_spans(), key=lambda span: span.start_time or 0)

    def named(self, name: str) -> ReadableSpan:
        (found,) = (span for span in self.all if span.name == name)
        return found


@pytest.fixture
def spans() -> Spans:
    return Spans()


def attributes(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


def test_a_video_from_prompt_to_file(open_world: Callable[..., Any], spans: Spans, tmp_path: Path) -> None:
    """Three operations, each over its request, all under the caller's span."""
    world = open_world("evolink", serve, hooks=[spans.hook])
    with spans.provider.get_tracer("program").start_as_current_span("make a video") as root:
        task = world.do(world.client.videos.create, **REQUEST)
        task = world.do(task.wait, timeout=60)
        world.do(task.download, tmp_path / "v.mp4")
    above = {span.context.span_id: span for span in spans.all if span.context}
    told = [(span.name, above[span.parent.span_id].name) for span in spans.all if span.parent]
    assert told == [
        ("vidgate submit", "make a video"),
        ("POST", "vidgate submit"),
        ("vidgate wait", "make a video"),
        ("GET", "vidgate wait"),
        ("vidgate download", "make a video"),
        ("GET", "vidgate download"),
    ]
    assert {span.context.trace_id for span in spans.all if span.context} == {root.get_span_context().trace_id}
    assert {span.status.status_code for span in spans.all} == {StatusCode.UNSET}


def test_attributes_have_their_standard_names(open_world: Callable[..., Any], spans: Spans, tmp_path: Path) -> None:
    """Those of the HTTP client conventions, and our own under `vidgate.`."""
    world = open_world("evolink", serve, hooks=[spans.hook])
    world.do(world.client.videos.create, **REQUEST)
    post = spans.named("POST")
    assert post.kind is SpanKind.CLIENT
    assert attributes(post) == {
        "http.request.method": "POST",
        "http.response.status_code": 200,
        "server.address": "api.evolink.ai",
        "server.port": 443,
        "url.full": "https://api.evolink.ai/v1/videos/generations",
        "vidgate.provider": "evolink",
        "vidgate.request.id": "req-1",
    }
    submit = spans.named("vidgate submit")
    assert submit.kind is SpanKind.INTERNAL
    assert attributes(submit) == {
        "vidgate.provider": "evolink",
        "vidgate.operation": "submit",
        "vidgate.model": MODEL,
        "vidgate.task.id": ID,
        "vidgate.task.status": "pending",
        "vidgate.submission": "accepted",
        "vidgate.credits.reserved": 60,
    }
    task = world.do(world.client.tasks.get, ID)
    spans.exporter.clear()
    world.do(task.download, tmp_path / "v.mp4")
    get = attributes(spans.named("GET"))
    assert (get["url.full"], get["server.address"], get["server.port"]) == (
        "https://files.example:8443/v.mp4",
        "files.example",
        8443,
    )
    assert attributes(spans.named("vidgate download"))["vidgate.download.size"] == 4


def test_retries_and_faults(open_world: Callable[..., Any], spans: Spans) -> None:
    """Each attempt is a span with its fault; the operation has the plans as events, and ends well."""
    slow = httpx.Response(429, json={"error": {"message": PROMPT}}, headers={"retry-after": "3"})
    world = open_world("evolink", [httpx.ConnectError(PROMPT), slow, (200, CREATED)], hooks=[spans.hook])
    world.do(world.client.videos.create, **REQUEST)
    posts = [span for span in spans.all if span.name == "POST"]
    told = [
        (span.status.status_code, *(attributes(span).get(name) for name in ("error.type", "http.request.resend_count")))
        for span in posts
    ]
    assert told == [
        (StatusCode.ERROR, "ConnectionFailed", None),
        (StatusCode.ERROR, "429", 1),
        (StatusCode.UNSET, None, 2),
    ]
    submit = spans.named("vidgate submit")
    assert submit.status.status_code is StatusCode.UNSET
    events = [(event.name, dict(event.attributes or {})) for event in submit.events]
    assert [name for name, _ in events] == ["retry planned", "retry planned"]
    assert events[1][1]["vidgate.retry.delay"] == 3.0
    assert events[1][1]["error.type"] == "RateLimited"


@pytest.mark.parametrize(
    ("answer", "error", "outcome"),
    [
        ((400, {"error": {"code": "invalid_request", "message": PROMPT}}), "BadRequest", "refused"),
        (httpx.ReadError(PROMPT), "SubmitUnknown", "unknown"),
        ((200, {"no": "id"}), "SubmitUnknown", "unknown"),
    ],
    ids=["refused", "reset", "no id"],
)
def test_an_error_is_named(answer: Any, error: str, outcome: str, open_world: Callable[..., Any], spans: Spans) -> None:
    """By its class, in `error.type` and the status; never by its message."""
    world = open_world("evolink", [answer], hooks=[spans.hook])
    with pytest.raises(errors.VidgateError) as caught:
        world.do(world.client.videos.create, **REQUEST)
    assert type(caught.value).__name__ == error
    submit = spans.named("vidgate submit")
    assert (submit.status.status_code, submit.status.description) == (StatusCode.ERROR, error)
    assert attributes(submit)["error.type"] == error
    assert attributes(submit)["vidgate.submission"] == outcome
    assert submit.events == ()


def test_an_interrupted_call_leaves_no_open_span(open_world: Callable[..., Any], spans: Spans) -> None:
    """Ctrl-C ends the spans of the operation and of the request that was under way."""

    def interrupted(_: httpx.Request) -> httpx.Response:
        raise KeyboardInterrupt

    world = open_world("evolink", interrupted, hooks=[spans.hook])
    with pytest.raises(KeyboardInterrupt):
        world.do(world.client.videos.create, **REQUEST)
    assert [span.name for span in spans.all] == ["vidgate submit", "POST"]
    assert {span.status.status_code for span in spans.all} == {StatusCode.ERROR}
    assert (spans.hook._operations, spans.hook._requests) == ({}, {})


def test_many_waits(open_world: Callable[..., Any], spans: Spans) -> None:
    """Waits that run at once have a span each, with their own requests beneath."""
    readings: dict[str, int] = {}

    def answer(request: httpx.Request) -> httpx.Response:
        task_id = request.url.path.rpartition("/")[2]
        readings[task_id] = readings.get(task_id, 0) + 1
        running = readings[task_id] < 3
        body = {**(CREATED if running else DONE), "id": task_id, "progress": readings[task_id]}
        return httpx.Response(200, json=body)

    world = open_world("evolink", answer, hooks=[spans.hook])
    tasks = [world.do(world.client.tasks.get, f"task-unified-{number}") for number in range(4)]
    spans.exporter.clear()
    outcomes = world.do(world.client.wait_all, tasks, timeout=600)
    assert all(outcomes)
    waits = {
        span.context.span_id: attributes(span)["vidgate.task.id"]
        for span in spans.all
        if span.context and span.name == "vidgate wait"
    }
    assert sorted(waits.values()) == sorted(task.id for task in tasks)
    for span in spans.all:
        if span.name == "GET" and span.parent:
            assert attributes(span)["url.full"].endswith(waits[span.parent.span_id])


def test_no_span_holds_a_secret(open_world: Callable[..., Any], spans: Spans, tmp_path: Path) -> None:
    """Neither key, prompt nor signature, whatever a server echoes: in no name, attribute, event or status."""
    echo = {"error": {"code": f"{KEY} {PROMPT}", "message": f"{KEY} {PROMPT} {LINK}", "type": KEY}}

    def echoing(request: httpx.Request) -> httpx.Response:
        headers = {"x-request-id": f"{PROMPT} {KEY}", "retry-after": "1"}
        if request.url.host != "api.evolink.ai":
            return httpx.Response(500, json=echo, headers=headers)
        if request.method == "POST":
            return httpx.Response(429, json=echo, headers=headers)
        if "failed" in request.url.path:
            return httpx.Response(200, json={**DONE, "status": "failed", **echo}, headers=headers)
        return httpx.Response(200, json={**DONE, "status": PROMPT, "model": f"{PROMPT} {KEY}", **echo}, headers=headers)

    world = open_world("evolink", echoing, hooks=[spans.hook])
    with pytest.raises(errors.RateLimited):
        world.do(world.client.videos.create, **REQUEST)
    task = world.do(world.client.tasks.get, ID)
    with pytest.raises(errors.DownloadError):
        world.do(task.download, tmp_path / "v.mp4")
    with pytest.warns(errors.UnknownStatus), pytest.raises(errors.TaskTimeout):
        world.do(task.wait, timeout=60)
    failed = world.do(world.client.tasks.get, "task-failed")
    with pytest.raises(errors.TaskFailed):
        world.do(failed.wait, timeout=60)
    text = "".join(span.to_json() for span in spans.all)
    assert len(spans.all) > 15
    assert [secret for secret in (KEY, PROMPT, "Signature", "s3cr3t", "user:word") if secret in text] == []


def test_no_host_learns_of_the_trace(open_world: Callable[..., Any], spans: Spans, tmp_path: Path) -> None:
    """No request has a header of the trace, neither to the provider nor to the host of a link."""
    world = open_world("evolink", serve, hooks=[spans.hook])
    with spans.provider.get_tracer("program").start_as_current_span("make a video"):
        task = world.do(world.client.videos.create, **REQUEST)
        task = world.do(task.wait, timeout=60)
        world.do(task.download, tmp_path / "v.mp4")
    assert len(world.requests) == 3
    for request in world.requests:
        assert not {"traceparent", "tracestate", "baggage", "b3"} & set(request.headers)


def test_without_the_extra_it_says_so() -> None:
    """The hook names what to install; importing the module costs nothing."""
    code = (
        "import sys; sys.modules['opentelemetry'] = None\n"
        "from vidgate import otel, errors\n"
        "try: otel.OpenTelemetryHook()\n"
        "except errors.ConfigurationError as error: print(error.hint, error.__context__)\n"
    )
    path = f"{ROOT}:{ROOT / 'generated'}"
    run = subprocess.run(
        (sys.executable, "-c", code), env={"PYTHONPATH": path}, check=True, capture_output=True, text=True
    )
    assert 'pip install "vidgate[otel]"' in run.stdout
    assert run.stdout.endswith("None\n")
