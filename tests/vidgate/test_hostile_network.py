"""Servers that drip, flood, compress without measure or cut short: every exchange ends, and nothing half is kept."""

from __future__ import annotations

import asyncio
import functools
import gzip
import inspect
import json
import resource
import ssl
import zlib
from typing import TYPE_CHECKING, Any

import httpcore
import httpx
import pytest

from tests.vidgate.raw_server import RawServer, whole
from vidgate import AsyncEvoLink, EvoLink, Timeouts, errors
from vidgate._coding import PIECE, Decoder
from vidgate._deadline import Deadline, obey, remaining
from vidgate._streams import STEP, Network

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.vidgate.raw_server import Call

KEY = "sk-0123456789abcdefSECRET"
REQUEST: dict[str, Any] = {"model": "gemini-omni-flash-text-to-video", "prompt": "A marble rolls", "duration": 6}
CREATED = {"id": "task-unified-1", "status": "pending", "created": 1_800_000_000}
FILM = bytes(range(256)) * 400
SHORT = Timeouts(connect=0.5, read=0.1, submit=0.1, write=0.1, download=0.1)


def answer_as_usual(call: Call, server: RawServer) -> None:
    """Accept the task, have it done at once, give the film."""
    if call.method == "POST":
        call.say(whole(json.dumps(CREATED).encode()))
    elif call.path.startswith("/v1/tasks/"):
        done = {**CREATED, "status": "completed", "results": [f"{server.url}/film.mp4"]}
        call.say(whole(json.dumps(done).encode()))
    else:
        call.say(whole(FILM, "content-type: video/mp4"))


def step_of(call: Call) -> str:
    if call.method == "POST":
        return "submit"
    return "poll" if call.path.startswith("/v1/tasks/") else "download"


Make = "Callable[[str, Callable[[Call], object]], RawServer]"


@pytest.fixture
def serve() -> Iterator[Any]:
    """Serve as usual, but for one step."""
    servers: list[RawServer] = []

    def make(step: str, odd: Callable[[Call], object]) -> RawServer:
        def answer(call: Call) -> None:
            if step_of(call) == step:
                odd(call)
            else:
                answer_as_usual(call, server)

        server = RawServer(answer).__enter__()
        servers.append(server)
        return server

    yield make
    for server in servers:
        server.__exit__()


def make_film(server: RawServer, colour: str, path: Path) -> Any:
    """Submit, wait, download."""
    kind: Any = EvoLink if colour == "sync" else AsyncEvoLink

    async def run() -> Any:
        client = kind(KEY, base_url=server.url, timeout=SHORT, attempts=2, patience=1.0)

        async def done(answer: Any) -> Any:
            return await answer if inspect.isawaitable(answer) else answer

        try:
            task = await done(client.videos.create(**REQUEST))
            task = await done(task.wait(timeout=0.5))
            return await done(task.download(path))
        finally:
            await done(client.close() if colour == "sync" else client.aclose())

    return asyncio.run(run())


DRIPS = {
    "headers": (b"HTTP/1.1 200 OK\r\nx-long: ", b"a"),
    "100 Continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "103 Early Hints": (b"", b"HTTP/1.1 103 Early Hints\r\nlink: </>\r\n\r\n"),
}
ENDS: dict[str, type[errors.VidgateError]] = {
    "submit": errors.SubmitUnknown,
    "poll": errors.TaskTimeout,
    "download": errors.RequestTimeout,
}


@pytest.mark.parametrize("drip", DRIPS)
@pytest.mark.parametrize("step", ENDS)
def test_what_drips_is_left(serve: Any, colour: str, step: str, drip: str, tmp_path: Path) -> None:
    """Each piece comes in time, the answer never does: the client goes, and what it says of the task is right."""
    first, again = DRIPS[drip]
    left: list[bool] = []

    def odd(call: Call) -> None:
        call.say(first)
        left.append(call.drip(again))

    server = serve(step, odd)
    with pytest.raises(ENDS[step]):
        make_film(server, colour, tmp_path / "film.mp4")
    server.__exit__()
    assert left
    assert all(left)
    assert sum(call.method == "POST" for call in server.calls) == 1
    assert list(tmp_path.iterdir()) == []


@functools.cache
def twice_compressed() -> bytes:
    """A quarter of a gigabyte in a few hundred bytes."""
    once = zlib.compressobj(9, wbits=16 + zlib.MAX_WBITS)
    nothing = b"\0" * 1024**2
    return gzip.compress(b"".join([*(once.compress(nothing) for _ in range(256)), once.flush()]), 9)


@pytest.mark.parametrize("step", ENDS)
def test_compressed_twice_is_refused(serve: Any, colour: str, step: str, tmp_path: Path) -> None:
    """Three hundred bytes that stand for a quarter of a gigabyte are not unpacked, whatever they answer."""
    bomb = twice_compressed()

    def odd(call: Call) -> None:
        call.say(whole(bomb, "content-type: video/mp4", "content-encoding: gzip, gzip"))

    server = serve(step, odd)
    # A peak cannot be taken back, so only what comes on top of it is looked at.
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(errors.VidgateError):
        make_film(server, colour, tmp_path / "film.mp4")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024
    assert list(tmp_path.iterdir()) == []


def test_a_compressed_film_is_unpacked(serve: Any, colour: str, tmp_path: Path) -> None:
    """A host that compresses although nobody asked gives the film all the same."""

    def odd(call: Call) -> None:
        call.say(whole(gzip.compress(FILM), "content-type: video/mp4", "content-encoding: gzip"))

    assert make_film(serve("download", odd), colour, tmp_path / "film.mp4").read_bytes() == FILM


def test_half_a_compressed_film_is_no_film(serve: Any, colour: str, tmp_path: Path) -> None:
    """The length fits what was sent; only the compression itself tells that its end is missing."""

    def odd(call: Call) -> None:
        call.say(whole(gzip.compress(FILM)[:-40], "content-type: video/mp4", "content-encoding: gzip"))

    with pytest.raises(errors.ConnectionLost, match="end early"):
        make_film(serve("download", odd), colour, tmp_path / "film.mp4")
    assert list(tmp_path.iterdir()) == []


def test_decoding_goes_in_small_steps() -> None:
    """One piece from the wire never becomes more than a megabyte at a time, and nothing is lost on the way."""
    plain = b"\0" * (5 * PIECE + 17)
    decoder = Decoder()
    pieces = [*decoder.decode(gzip.compress(plain)), decoder.finish()]
    assert max(map(len, pieces)) <= PIECE
    assert b"".join(pieces) == plain


def test_a_file_of_several_members_is_one() -> None:
    """A compressed file may have several members one after another, and padding behind the last."""
    decoder = Decoder()
    pieces = [*decoder.decode(gzip.compress(b"one ") + gzip.compress(b"two") + b"\0" * 64), decoder.finish()]
    assert b"".join(pieces) == b"one two"


def test_nothing_compressed_is_nothing() -> None:
    """An answer without a body may carry the header all the same."""
    decoder = Decoder()
    assert [*decoder.decode(b""), decoder.finish()] == [b""]


@pytest.mark.parametrize("data", [FILM, gzip.compress(FILM)[:20] + FILM], ids=["from the start", "further on"])
def test_what_only_says_that_it_is_compressed_breaks_off(data: bytes) -> None:
    """With the error of httpx that stands for it, not one of the decompression."""
    with pytest.raises(httpx.DecodingError):
        list(Decoder().decode(data))


def test_a_deadline_holds_inside_its_block_only() -> None:
    """It bounds what has no bound, and whoever comes after it in this thread has the earlier one again."""
    with Deadline(1e6):
        with Deadline(5.0):
            assert 0.0 < (remaining(None) or 0.0) <= 5.0
            assert remaining(2.0) == 2.0
        assert 5.0 < (remaining(None) or 0.0) <= 1e6
    assert remaining(None) is None


class _Line(httpcore.NetworkStream):
    """Takes and gives, and notes the bounds."""

    def __init__(self) -> None:
        self.bounds: list[float | None] = []
        self.sizes: list[int] = []

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self.bounds.append(timeout)
        return bytes(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.bounds.append(timeout)
        self.sizes.append(len(buffer))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        self.bounds.append(timeout)
        return self


class _Lines(httpcore.NetworkBackend):
    def __init__(self, line: _Line) -> None:
        self._line = line

    def connect_tcp(self, *_: Any, **__: Any) -> httpcore.NetworkStream:
        return self._line


def test_every_step_of_a_connection_keeps_to_the_deadline() -> None:
    """Reading, writing in small pieces, and both again within TLS; once the end has come, nothing more is begun."""
    line = _Line()
    plain = Network(_Lines(line)).connect_tcp("host", 443)
    secure = plain.start_tls(ssl.create_default_context())
    for stream in (plain, secure):
        line.sizes.clear()
        with Deadline(5.0):
            stream.write(bytes(2 * STEP + 1), 60.0)
            stream.read(1, 60.0)
        assert line.sizes == [STEP, STEP, 1]
        assert all(bound is not None and bound <= 5.0 for bound in line.bounds[-4:])
        begun = len(line.bounds)
        with Deadline(0.0):
            with pytest.raises(httpcore.WriteTimeout):
                stream.write(b"x", 60.0)
            with pytest.raises(httpcore.ReadTimeout):
                stream.read(1, 60.0)
            with pytest.raises(httpcore.ConnectTimeout):
                stream.start_tls(ssl.create_default_context())
        assert len(line.bounds) == begun


def test_connections_over_a_proxy_keep_to_the_deadline_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment's proxies have transports of their own."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with httpx.Client() as http:
        obey(http)
        transports: list[Any] = [transport for transport in http._mounts.values() if transport is not None]
        assert transports
        assert all(isinstance(transport._pool._network_backend, Network) for transport in transports)


ENVIRONMENT = {
    "a proxy of no kind": {"HTTPS_PROXY": "foo://proxy.example"},
    "a proxy that is no address": {"HTTPS_PROXY": "http://user:hunter2/x@proxy.example"},
    "a proxy that needs a package": {"ALL_PROXY": "socks5://127.0.0.1:1"},
    "certificates that are not there": {"SSL_CERT_FILE": "/nowhere/at/all.pem"},
}


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_an_environment_that_httpx_refuses_is_named(name: str, colour: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What httpx says of the environment is an error of ours, and tells no password."""
    for variable in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(variable, raising=False)
        monkeypatch.delenv(variable.lower(), raising=False)
    for variable, value in ENVIRONMENT[name].items():
        monkeypatch.setenv(variable, value)
    kind = EvoLink if colour == "sync" else AsyncEvoLink
    with pytest.raises(errors.ConfigurationError, match="HTTPS_PROXY") as caught:
        kind(KEY)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__context__ is None
