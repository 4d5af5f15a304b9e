"""What goes out is what httpx would have built, also when most of it was taken over from an earlier request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from vidgate._effects import Failure, Limits, Request
from vidgate._outgoing import Outgoing
from vidgate._secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = "sk-0123456789abcdefSECRET"
LIMITS = Limits(connect=1.0, read=2.0, write=3.0, total=4.0)
TIMEOUT = httpx.Timeout(connect=1.0, read=2.0, write=3.0, pool=1.0)
TASKS = "https://api.example/v1/tasks/"


def get(number: int = 1, url: str = TASKS) -> Request:
    return Request(method="GET", url=f"{url}{number}", limits=LIMITS)


def post(number: int = 1, **headers: str) -> Request:
    return Request(
        method="POST",
        url="https://api.example/v1/videos/generations",
        headers={"content-type": "application/json", "idempotency-key": f"key-{number}", **headers},
        content=b"{" + b" " * number + b"}",
        limits=LIMITS,
    )


def expected(http: httpx.Client | httpx.AsyncClient, request: Request) -> httpx.Request:
    """The same by httpx alone."""
    headers = {"accept": "application/json", **request.headers, "authorization": f"Bearer {KEY}"}
    return http.build_request(request.method, request.url, headers=headers, content=request.content, timeout=TIMEOUT)


def facts(built: httpx.Request | Failure) -> tuple[Any, ...]:
    assert isinstance(built, httpx.Request)
    return built.method, built.url, built.headers.raw, built.content, type(built.stream), built.extensions


def client(colour: str, **settings: Any) -> httpx.Client | httpx.AsyncClient:
    return httpx.Client(**settings) if colour == "sync" else httpx.AsyncClient(**settings)


SETTINGS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "headers": {"headers": {"user-agent": "mine", "X-Tenant": "seven"}},
    "own words for what we say": {
        "headers": {"Accept": "text/html", "authorization": "Basic x", "Content-Type": "a/b"}
    },
    "a header twice": {"headers": [("x-tag", "one"), ("x-tag", "two")]},
    "no header at all": {"headers": {"accept": "", "user-agent": "", "connection": ""}},
    "UTF-8": {"headers": {"x-name": "Zürich".encode()}},
    "Latin-1": {"headers": {"x-name": "Zürich".encode("latin-1")}},
    "host": {"headers": {"host": "other.example"}},
    "length": {"headers": {"content-length": "3"}},
    "chunked": {"headers": {"transfer-encoding": "chunked"}},
    "cookies": {"cookies": {"session": "seven"}},
    "parameters": {"params": {"tenant": "seven"}},
    "base URL": {"base_url": "https://elsewhere.example/v2"},
    "timeout": {"timeout": 99.0},
}


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_every_request_is_as_httpx_builds_it(colour: str, settings: dict[str, Any]) -> None:
    """The first request of its kind and the later ones, in turns, with all that a handed-in client can be given."""
    http = client(colour, **settings)
    outgoing = Outgoing(http, Secret(KEY))
    for number in range(1, 4):
        for request in (get(number), post(number), get(number, "https://api.example:8443/"), post(number, foo="bar")):
            assert facts(outgoing.authorized(request)) == facts(expected(http, request))


def test_an_address_that_httpx_completes_is_completed_each_time(colour: str) -> None:
    """A handed-in client may have a base URL."""
    http = client(colour, base_url="https://api.example/v2/")
    outgoing = Outgoing(http, Secret(KEY))
    for number in range(3):
        assert facts(outgoing.authorized(get(number, "/tasks/"))) == facts(expected(http, get(number, "/tasks/")))


def change_header(http: httpx.Client | httpx.AsyncClient) -> None:
    http.headers["user-agent"] = "another"


def add_header(http: httpx.Client | httpx.AsyncClient) -> None:
    http.headers["x-new"] = "7"


def replace_headers(http: httpx.Client | httpx.AsyncClient) -> None:
    http.headers = httpx.Headers({"x-only": "7"})


def gain_cookie(http: httpx.Client | httpx.AsyncClient) -> None:
    http.cookies.set("session", "seven")


def take_parameter(http: httpx.Client | httpx.AsyncClient) -> None:
    http.params = httpx.QueryParams({"tenant": "seven"})


CHANGES = (change_header, add_header, replace_headers, gain_cookie, take_parameter)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_change_of_the_client_is_seen_at_once(
    colour: str, change: Callable[[httpx.Client | httpx.AsyncClient], None]
) -> None:
    """The caller's client stays the caller's, also between two requests."""
    http = client(colour)
    outgoing = Outgoing(http, Secret(KEY))
    for request in (get(1), post(1)):
        outgoing.authorized(request)
    before = facts(expected(http, get(2)))
    change(http)
    assert facts(expected(http, get(2))) != before
    for request in (get(2), post(2), get(3)):
        assert facts(outgoing.authorized(request)) == facts(expected(http, request))


def test_headers_are_merged_once_for_a_kind_of_request(colour: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is httpx that merges, and it does so for the first request only."""
    merged: list[object] = []
    honest = httpx.Headers.update

    def update(self: httpx.Headers, headers: Any = None) -> None:
        merged.append(headers)
        honest(self, headers)

    outgoing = Outgoing(client(colour), Secret(KEY))
    monkeypatch.setattr(httpx.Headers, "update", update)
    for number in range(3):
        for request in (get(number), post(number)):
            outgoing.authorized(request)
    assert len(merged) == 2


def test_a_client_that_builds_in_its_own_way_is_asked_each_time() -> None:
    """A subclass may sign requests, for one."""

    class Signing(httpx.Client):
        def build_request(self, *given: Any, **named: Any) -> httpx.Request:
            request = super().build_request(*given, **named)
            request.headers["signature"] = str(hash(request.url))
            return request

    outgoing = Outgoing(Signing(), Secret(KEY))
    built = [outgoing.authorized(get(number)) for number in range(3)]
    assert [one.headers["signature"] for one in built if isinstance(one, httpx.Request)] == [
        str(hash(httpx.URL(f"{TASKS}{number}"))) for number in range(3)
    ]


def test_one_request_changed_by_a_hook_changes_no_other(colour: str) -> None:
    """Hooks write into requests, and not only ASCII."""
    outgoing = Outgoing(client(colour), Secret(KEY))
    for number in range(3):
        built = outgoing.authorized(get(number))
        assert isinstance(built, httpx.Request)
        assert all(name != b"x-name" for name, _ in built.headers.raw)
        built.headers["x-name"] = "Zürich"
        built.headers["authorization"] = "nothing"
        built.extensions["timeout"]["read"] = 0.0
    assert facts(outgoing.authorized(get(7))) == facts(expected(client(colour), get(7)))


def test_what_is_kept_between_requests_does_not_show_the_key(colour: str) -> None:
    """A debugger or a crash report may print it."""
    outgoing = Outgoing(client(colour), Secret(KEY))
    outgoing.authorized(get())
    shown = repr(vars(outgoing))
    assert "authorization" in shown
    assert KEY not in shown


@pytest.mark.parametrize("value", ["line\nbreak", "Zürich"], ids=ascii)
def test_an_odd_value_fails_as_it_does_in_httpx(colour: str, value: str) -> None:
    """A kind that is known makes nothing pass that was refused before."""
    http = client(colour)
    outgoing = Outgoing(http, Secret(KEY))
    for number in range(2):
        outgoing.authorized(post(number, foo="bar"))
    try:
        reference = facts(expected(http, post(1, foo=value)))
    except UnicodeEncodeError:
        failure = outgoing.authorized(post(1, foo=value))
        assert isinstance(failure, Failure)
        assert not failure.arrived
    else:
        assert facts(outgoing.authorized(post(1, foo=value))) == reference
