"""Whatever follows an answer carries the id of its request: one table of errors, one of places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest

from vidgate import errors

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

REQUEST_ID: Final = "req-7f3a"
IDS: Final = {"evolink": "task-unified-1-abc", "apimart": "task_1"}
REQUESTS: Final[dict[str, dict[str, Any]]] = {
    "evolink": {"model": "gemini-omni-flash-text-to-video", "prompt": "a cat"},
    "apimart": {"model": "Omni-Flash-Ext", "prompt": "a cat"},
}
LINK: Final = "https://files.example/v.mp4"
HEADERS: Final = {"evolink": "x-request-id", "apimart": "x-oneapi-request-id"}


def task(provider: str, status: str, **more: Any) -> dict[str, Any]:
    body = {"id": IDS[provider], "status": status, **more}
    return body if provider == "evolink" else {"code": 200, "data": body}


def done(provider: str) -> dict[str, Any]:
    if provider == "evolink":
        return task(provider, "completed", results=[LINK])
    return task(provider, "completed", result={"videos": [{"url": [LINK]}]})


def refusal(code: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": "no", "type": "t"}}


class BreakingOff(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body of which half comes."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __iter__(self) -> Any:
        yield b'{"half'
        raise self._error

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b'{"half'
        raise self._error


def create(world: Any, provider: str, _: Path) -> object:
    return world.do(world.client.videos.create, **REQUESTS[provider])


def get(world: Any, provider: str, _: Path) -> Any:
    return world.do(world.client.tasks.get, IDS[provider])


def wait(world: Any, provider: str, folder: Path) -> object:
    return world.do(get(world, provider, folder).wait, timeout=30)


def download(world: Any, provider: str, folder: Path) -> object:
    return world.do(get(world, provider, folder).download, folder / "v.mp4")


def download_little(world: Any, provider: str, folder: Path) -> object:
    return world.do(get(world, provider, folder).download, folder / "v.mp4", max_bytes=1)


def fixed(status: int, body: Any) -> Callable[[str], httpx.Response]:
    return lambda _: httpx.Response(status, json=body)


def with_task(status: str, **more: Any) -> Callable[[str], httpx.Response]:
    return lambda provider: httpx.Response(200, json=task(provider, status, **more))


def breaking(status: int, error: Exception, **headers: str) -> Callable[[str], httpx.Response]:
    return lambda _: httpx.Response(status, stream=BreakingOff(error), headers=headers)


FAULT: Final = {"code": "service_error", "message": "no", "type": "task_error"}
VIDEO: Final = {"content-type": "video/mp4"}

# What is raised, by which call, after which answer of the provider or, for downloads, of the link's host.
CASES: Final[dict[str, tuple[type[errors.VidgateError], Any, Callable[[str], httpx.Response]]]] = {
    "BadRequest": (errors.BadRequest, create, fixed(400, refusal("invalid_request"))),
    "AuthenticationError": (errors.AuthenticationError, get, fixed(401, refusal("unauthorized"))),
    "PaymentRequired": (errors.PaymentRequired, create, fixed(402, refusal("insufficient_quota"))),
    "PermissionDenied": (errors.PermissionDenied, get, fixed(403, refusal("permission_denied"))),
    "NotFound": (errors.NotFound, get, fixed(404, refusal("task_not_found"))),
    "Conflict": (errors.Conflict, create, fixed(409, refusal("idempotency_key_reused"))),
    "RateLimited": (errors.RateLimited, create, fixed(429, refusal("rate_limit_exceeded"))),
    "ServerError": (errors.ServerError, get, fixed(500, refusal("internal_error"))),
    "ServerError, a page": (errors.ServerError, get, lambda _: httpx.Response(502, text="<html>Bad gateway</html>")),
    "UnexpectedReply": (errors.UnexpectedReply, get, lambda _: httpx.Response(200, text="<html>hello</html>")),
    "UnexpectedReply, a redirect": (
        errors.UnexpectedReply,
        create,
        lambda _: httpx.Response(307, headers={"location": "https://x.example"}),
    ),
    "SubmitUnknown": (errors.SubmitUnknown, create, fixed(500, {})),
    "SubmitUnknown, half an answer": (errors.SubmitUnknown, create, breaking(200, httpx.ReadError("reset"))),
    "ConnectionLost": (errors.ConnectionLost, get, breaking(200, httpx.ReadError("reset"))),
    "RequestTimeout": (errors.RequestTimeout, get, breaking(200, httpx.ReadTimeout("slow"))),
    "TaskFailed": (errors.TaskFailed, wait, with_task("failed", error=FAULT)),
    "TaskCancelled": (errors.TaskCancelled, wait, with_task("cancelled")),
    "TaskTimeout": (errors.TaskTimeout, wait, with_task("processing")),
    "ResultMissing": (errors.ResultMissing, wait, with_task("completed")),
    "ResultMissing, of a download": (errors.ResultMissing, download, with_task("processing")),
    "LinkExpired": (errors.LinkExpired, download, fixed(403, {})),
    "DownloadRefused": (errors.DownloadRefused, download, lambda _: httpx.Response(200, html="<html>")),
    "DownloadRefused, too large": (
        errors.DownloadRefused,
        download_little,
        lambda _: httpx.Response(200, content=b"film", headers=VIDEO),
    ),
    "DownloadError": (errors.DownloadError, download, fixed(500, {})),
    "DownloadError, broken": (
        errors.TransportError,
        download,
        lambda _: httpx.Response(200, stream=BreakingOff(httpx.ReadError("reset")), headers=VIDEO),
    ),
}

WITHOUT_ANSWER: Final = {
    "VidgateError",
    "APIError",
    "TransportError",
    "TaskError",
    "ConfigurationError",
    "InvalidRequest",
    "CallbackRefused",
    "JournalError",
    "AlreadySubmitted",
    "CeilingReached",
    "NoneAccepted",
    "ConnectionFailed",
    "FileProblem",
}
"""Roots of the tree, and what is raised without any answer of its own."""


@pytest.mark.parametrize("provider", ["evolink", "apimart"])
@pytest.mark.parametrize("name", CASES)
def test_the_error_has_the_id(name: str, provider: str, open_world: Callable[..., Any], tmp_path: Path) -> None:
    """In `request_id`, in its text, and for the provider's own errors beside status and headers."""
    kind, call, answer = CASES[name]

    def serve(request: httpx.Request) -> httpx.Response:
        of_link = request.url.host == "files.example"
        if call in {download, download_little} and not of_link and "ResultMissing" not in name:
            return httpx.Response(200, json=done(provider), headers={HEADERS[provider]: "another"})
        response = answer(provider)
        response.headers["x-amz-request-id" if of_link else HEADERS[provider]] = REQUEST_ID
        return response

    world = open_world(provider, serve, attempts=1)
    with pytest.raises(kind) as caught:
        call(world, provider, tmp_path)
    assert caught.value.request_id == REQUEST_ID
    assert f"request id {REQUEST_ID}" in str(caught.value)
    if isinstance(caught.value, errors.APIError):
        assert caught.value.status == answer(provider).status_code
        assert caught.value.headers[HEADERS[provider]] == REQUEST_ID


def test_the_table_has_every_error_that_follows_an_answer() -> None:
    """A new class of error is put into the table, or beside those that follow no answer."""

    def names(kind: type[errors.VidgateError]) -> set[str]:
        return {kind.__name__}.union(*(names(child) for child in kind.__subclasses__()))

    covered = {name.partition(",")[0] for name in CASES}
    assert {name for name in names(errors.VidgateError) if name in errors.__all__} <= covered | WITHOUT_ANSWER
    assert not covered & WITHOUT_ANSWER


PLACES: Final[dict[str, dict[str, Any]]] = {
    "x-request-id": {"headers": {"X-Request-Id": REQUEST_ID}, "json": {}},
    "x-oneapi-request-id": {"headers": {"X-Oneapi-Request-Id": REQUEST_ID}, "json": {}},
    "request-id": {"headers": {"Request-Id": REQUEST_ID}, "json": {}},
    "cf-ray of a gateway": {"headers": {"cf-ray": REQUEST_ID}, "text": "<html>"},
    "in the body": {"json": {"request_id": REQUEST_ID, "message": "no"}},
    "beside the error": {"json": {"error": {"message": "no"}, "request_id": REQUEST_ID}},
    "in the error": {"json": {"error": {"message": "no", "request_id": REQUEST_ID}}},
    "beside an error that is text": {"json": {"error": "unauthorized", "request_id": REQUEST_ID}},
    "in a refusal without error": {"json": {"success": False, "code": "x", "msg": "no", "request_id": REQUEST_ID}},
    "of an error as others write it": {
        "json": {"type": "error", "error": {"type": "t", "message": "no"}, "request_id": REQUEST_ID}
    },
    "in the message": {"json": {"error": {"code": "", "message": f"invalid API key (request id: {REQUEST_ID})"}}},
    "in a plain message": {"json": {"message": f"no (request id: {REQUEST_ID})"}},
}


@pytest.mark.parametrize("provider", ["evolink", "apimart"])
@pytest.mark.parametrize("place", PLACES)
def test_every_place_is_looked_at(place: str, provider: str, open_world: Callable[..., Any], tmp_path: Path) -> None:
    """Both providers' headers and bodies, and the gateways in front of them."""
    world = open_world(provider, lambda _: httpx.Response(400, **PLACES[place]), attempts=1)
    for call in (create, get):
        with pytest.raises(errors.APIError) as caught:
            call(world, provider, tmp_path)
        assert caught.value.request_id == REQUEST_ID


@pytest.mark.parametrize("provider", ["evolink", "apimart"])
def test_a_good_answer_has_one_too(provider: str, open_world: Callable[..., Any], tmp_path: Path) -> None:
    """`task.request_id`: from a header, else from the body."""
    headers = {HEADERS[provider]: REQUEST_ID}
    in_body = {**done(provider), "request_id": "req-body"}
    answers = [httpx.Response(200, json=done(provider), headers=headers), httpx.Response(200, json=in_body)]
    world = open_world(provider, answers)
    assert get(world, provider, tmp_path).request_id == REQUEST_ID
    assert get(world, provider, tmp_path).request_id == "req-body"
