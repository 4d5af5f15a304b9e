"""A documentation site on this machine that misbehaves on command, and a clock that nobody waits for."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from tools.store import read_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from tools.store import Workspace
    from tools.vendor import Vendored

SOURCES = """\
title = "Example"
docs = "https://docs.example.com"
index = "https://docs.example.com/llms.txt"
locales = ["en", "ko"]
base_urls = ["https://api.example.com"]
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """One answer. `cut`: close the connection after so many bytes of the body; `act` runs before anything is sent."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    declared: bool = True
    act: Callable[[], object] | None = None


@dataclass(kw_only=True)
class FakeSite:
    """What the site answers, path by path: each list is served in order, its last reply for ever."""

    url: str = ""
    replies: dict[str, list[Reply]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    sent: int = 0
    together: int = 0
    most_together: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def publish(self, **pages: bytes | Reply | list[Reply]) -> None:
        """Serve pages by name (`en_a` is /en/a.md), each with an ETag, and an index that lists them all."""
        for name, given in pages.items():
            path = f"/{name.replace('_', '/')}.md"
            self.replies[path] = (
                given if isinstance(given, list) else [given if isinstance(given, Reply) else page(given)]
            )
        self.index(*(path for path in self.replies if path.endswith(".md")))

    def index(self, *paths: str) -> None:
        """Serve an index of these pages, as the published site writes it."""
        rows = [f"- [Title](https://docs.example.com{path}): what it is about" for path in paths]
        self.replies["/llms.txt"] = [Reply(body="\n".join(["# Example", "", "## Docs", "", *rows, ""]).encode())]

    def take(self, path: str, headers: dict[str, str]) -> Reply:
        """The next reply for a path; a conditional request for a page that is the same gets a 304."""
        with self.lock:
            self.asked.append((path, headers))
            queue = self.replies.get(path, [Reply(status=404)])
            reply = queue.pop(0) if len(queue) > 1 else queue[0]
        etag = reply.headers.get("ETag")
        if etag and headers.get("If-None-Match") == etag:
            return Reply(status=304, headers={"ETag": etag})
        return reply

    def count(self, path: str) -> int:
        """How often a path was asked for."""
        return [asked for asked, _ in self.asked].count(path)

    def pages_asked(self) -> list[str]:
        """Every page that was asked for, sorted."""
        return sorted(path for path, _ in self.asked if path.endswith(".md"))


def page(content: bytes) -> Reply:
    """A page as the site serves it, with an ETag made of its bytes."""
    etag = f'"{hash(content) & 0xFFFF:x}-{len(content)}"'
    return Reply(body=content, headers={"ETag": etag, "Content-Type": "text/markdown; charset=utf-8"})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, site: FakeSite, *arguments: Any) -> None:
        self.site = site
        super().__init__(*arguments)

    def do_GET(self) -> None:
        site = self.site
        with site.lock:
            site.together += 1
            site.most_together = max(site.most_together, site.together)
        reply = site.take(self.path, dict(self.headers.items()))
        if reply.act:
            reply.act()
        with site.lock:
            site.together -= 1
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.declared:
            self.send_header("Content-Length", str(len(reply.body)))
        else:
            self.close_connection = True
        self.end_headers()
        body = memoryview(reply.body)[: reply.cut]
        try:
            for start in range(0, len(body), 65536):
                self.wfile.write(body[start : start + 65536])
                site.sent += len(body[start : start + 65536])
        except OSError:  # the other side has seen enough
            self.close_connection = True
        if reply.cut is not None:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        pass


class ManualClock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.time = 1_700_000_000.0
        self.naps: list[float] = []

    def now(self) -> float:
        """Unix seconds."""
        return self.time

    async def sleep(self, seconds: float, /) -> None:
        """Let the time pass at once, and the other workers run."""
        self.naps.append(seconds)
        self.time += seconds
        await asyncio.sleep(0)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are part of the game."""


@contextmanager
def served() -> Generator[FakeSite, None, None]:
    """A site on a free port."""
    fake = FakeSite()
    server = _Server(("127.0.0.1", 0), partial(_Handler, fake))
    fake.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=partial(server.serve_forever, poll_interval=0.01))
    thread.start()
    yield fake
    server.shutdown()
    server.server_close()
    thread.join()


def pages(checkout: Workspace) -> dict[str, bytes]:
    """What is in specs/ now."""
    folder = checkout.specs("example") / "pages"
    return read_tree(folder) if folder.is_dir() else {}


def problems(found: Vendored) -> dict[str, str]:
    """Every finding by its page."""
    return {error.places[0].path.removeprefix("pages/"): error.problem for error in found.findings if error.places}
