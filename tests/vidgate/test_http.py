"""What servers are told of this program, and the way through proxies and private certificates, over real sockets."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import select
import socket
import ssl
import sys
import threading
import tomllib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import httpx
import pytest
import trustme

from vidgate import APIMart, AsyncEvoLink, Client, EvoLink, errors
from vidgate._version import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT: Final = Path(__file__).parents[2]
KEY: Final = "sk-0123456789abcdefSECRET"
ID: Final = "task-unified-1"
OURS: Final = f"vidgate/{VERSION} python/{'.'.join(map(str, sys.version_info[:3]))} httpx/{httpx.__version__}"
CREATED: Final = {"id": ID, "status": "pending", "type": "video"}


class Provider(ThreadingHTTPServer):
    """A provider behind TLS, whose certificate only its own authority vouches for."""

    daemon_threads = True

    def __init__(self, authority: trustme.CA) -> None:
        super().__init__(("127.0.0.1", 0), ProviderHandler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(context)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.url = f"https://localhost:{self.server_address[1]}"
        self.seen: list[tuple[str, str]] = []

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing to the screen: a client that refuses the certificate breaks off."""


class ProviderHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def provider(self) -> Provider:
        return cast("Provider", self.server)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self._answer(json.dumps(CREATED).encode(), "application/json")

    def do_GET(self) -> None:
        if self.path.endswith(".mp4"):
            self._answer(b"film", "video/mp4")
            return
        done = {**CREATED, "status": "completed", "results": [f"{self.provider.url}/v.mp4"]}
        self._answer(json.dumps(done).encode(), "application/json")

    def _answer(self, body: bytes, kind: str) -> None:
        self.provider.seen.append((f"{self.command} {self.path}", self.headers.get("authorization", "")))
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the base class
        """Nothing to the screen."""


class Proxy(ThreadingHTTPServer):
    """Carries what is between a client and a server, and keeps what it could read of it."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), ProxyHandler)
        self.url = f"http://me:word@127.0.0.1:{self.server_address[1]}"
        self.asked: list[str] = []
        self.carried = bytearray()


class ProxyHandler(BaseHTTPRequestHandler):
    @property
    def proxy(self) -> Proxy:
        return cast("Proxy", self.server)

    def do_CONNECT(self) -> None:
        self.proxy.asked.append(f"{self.path} {self.headers.get('proxy-authorization')}")
        self.proxy.carried += str(self.headers).encode()
        host, _, port = self.path.partition(":")
        with socket.create_connection((host, int(port))) as other:
            self.send_response(200)
            self.end_headers()
            ends = {self.connection: other, other: self.connection}
            with contextlib.suppress(OSError):
                while True:
                    for ready in select.select(list(ends), [], [])[0]:
                        data = ready.recv(65_536)
                        if not data:
                            return
                        self.proxy.carried += data
                        ends[ready].sendall(data)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the base class
        """Nothing to the screen."""


@contextlib.contextmanager
def served(server: Any) -> Iterator[Any]:
    with server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def provider(authority: trustme.CA) -> Iterator[Provider]:
    with served(Provider(authority)) as running:
        yield running


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with served(Proxy()) as running:
        yield running


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings of whoever runs the tests do not count."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.mark.parametrize("how", ["in code", "by the environment"])
def test_through_a_proxy_to_a_private_certificate(  # noqa: PLR0917 - fixtures
    how: str,
    colour: str,
    open_world: Callable[..., Any],
    provider: Provider,
    proxy: Proxy,
    authority: trustme.CA,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Submission, reading and download all take the way that httpx was told, and the proxy never sees the key."""
    bundle = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(bundle))
    options: dict[str, Any] = {"transport": None, "clock": None, "base_url": provider.url, "journal": False}
    if how == "in code":
        kind: Any = httpx.Client if colour == "sync" else httpx.AsyncClient
        options["http_client"] = kind(proxy=proxy.url, verify=ssl.create_default_context(cafile=str(bundle)))
    else:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    world = open_world("evolink", [], **options)
    task = world.do(world.client.videos.create, model="gemini-omni-flash-text-to-video", prompt="a cat")
    task = world.do(task.wait, timeout=60)
    world.do(task.download, tmp_path / "v.mp4")
    if "http_client" in options:
        world.do(options["http_client"].close if colour == "sync" else options["http_client"].aclose)
    assert (tmp_path / "v.mp4").read_bytes() == b"film"
    assert provider.seen == [
        ("POST /v1/videos/generations", f"Bearer {KEY}"),
        (f"GET /v1/tasks/{ID}", f"Bearer {KEY}"),
        ("GET /v.mp4", ""),
    ]
    assert proxy.asked
    assert set(proxy.asked) == {f"{provider.url.removeprefix('https://')} Basic bWU6d29yZA=="}
    assert len(proxy.carried) > 1_000
    assert KEY.encode() not in proxy.carried


def test_an_unknown_authority_is_refused(open_world: Callable[..., Any], provider: Provider) -> None:
    """Without its certificate nothing is sent: the request certainly did not arrive."""
    options = {"transport": None, "base_url": provider.url, "journal": False, "attempts": 1}
    world = open_world("evolink", [], **options)
    with pytest.raises(errors.ConnectionFailed, match=r"(?i)certificate"):
        world.do(world.client.videos.create, model="gemini-omni-flash-text-to-video", prompt="a cat")
    assert provider.seen == []


def test_a_proxy_that_is_not_there(open_world: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """A paid request that ends at the proxy's door certainly did not arrive; the error has no password in it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:word@127.0.0.1:{port}")
    world = open_world("evolink", [], transport=None, journal=False, attempts=1)
    with pytest.raises(errors.ConnectionFailed) as caught:
        world.do(world.client.videos.create, model="gemini-omni-flash-text-to-video", prompt="a cat")
    assert "word" not in str(caught.value)


def answer_with_link(request: httpx.Request) -> httpx.Response:
    if request.url.host == "files.example":
        return httpx.Response(200, content=b"film", headers={"content-type": "video/mp4"})
    return httpx.Response(200, json={**CREATED, "status": "completed", "results": ["https://files.example/v.mp4"]})


@pytest.mark.parametrize("given", [None, "my-program/1.2", "my-program/1.2 (team x) other/3"])
def test_servers_are_told_versions_and_no_more(
    given: str | None, open_world: Callable[..., Any], tmp_path: Path
) -> None:
    """`vidgate/… python/… httpx/…`, then what the caller appends; the host of a link gets ours only."""
    world = open_world("evolink", answer_with_link, user_agent=given)
    world.do(world.do(world.client.tasks.get, ID).download, tmp_path / "v.mp4")
    told = [request.headers["user-agent"] for request in world.requests]
    assert told == [f"{OURS} {given}" if given else OURS, OURS]
    for fact in (platform.system(), platform.machine(), platform.node(), platform.release(), os.name):
        assert fact not in OURS


def test_the_version_is_the_package_s() -> None:
    """What servers are told is what is released."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == VERSION


@pytest.mark.parametrize("given", ["", " x", "x\r\nauthorization: y", "x\n", "ü", "a  b", 5, b"x"], ids=ascii)
def test_what_is_no_user_agent_is_refused(given: Any) -> None:
    """Nothing that could become another header."""
    with pytest.raises(errors.ConfigurationError, match="user_agent"):
        EvoLink(KEY, user_agent=given)


def test_a_handed_in_client_has_headers_of_its_own() -> None:
    """It keeps its own, and is to be given the caller's by the caller."""
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return answer_with_link(request)

    with httpx.Client(transport=httpx.MockTransport(answer), headers={"user-agent": "mine/1"}) as http:
        EvoLink(KEY, http_client=http).tasks.get(ID)
        with pytest.raises(errors.ConfigurationError, match="http_client and user_agent"):
            APIMart(KEY, http_client=http, user_agent="x/1")
    assert [request.headers["user-agent"] for request in sent] == ["mine/1"]


def test_options_reach_the_clients_of_a_facade(monkeypatch: pytest.MonkeyPatch) -> None:
    """`Client(["evolink", …], user_agent=…, hooks=…)` hands them on."""
    monkeypatch.setenv("EVOLINK_API_KEY", KEY)
    seen: list[object] = []
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return answer_with_link(request)

    with Client("evolink", transport=httpx.MockTransport(answer), user_agent="mine/1", hooks=[seen.append]) as client:
        client.tasks.get(ID)
    assert sent[0].headers["user-agent"] == f"{OURS} mine/1"
    assert len(seen) == 4


def test_both_colours_take_the_same_options() -> None:
    """A sync and an async client are made alike."""
    import inspect

    sync, asynchronous = (inspect.signature(kind.__init__).parameters for kind in (EvoLink, AsyncEvoLink))
    assert list(sync) == list(asynchronous)
    assert {"hooks", "user_agent"} <= set(sync)
