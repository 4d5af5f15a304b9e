"""A client in a forked process, in a second event loop, and without any: it works, or says what to do."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import httpx
import pytest
import trio

from vidgate import AsyncEvoLink, errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT: Final = Path(__file__).parents[2]
KEY: Final = "sk-0123456789abcdefSECRET"
BODY: Final = b'{"id": "task-unified-1", "status": "completed", "results": ["https://files.example/v.mp4"]}'


class Server(ThreadingHTTPServer):
    """Keeps connections open, and which request came over which of them."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen: dict[str, int] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        cast("Server", self.server).seen[self.path.rpartition("/")[2]] = self.client_address[1]
        self.send_response(200)
        self.send_header("content-length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the base class
        """Nothing to the screen."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()


PROLOGUE: Final = """
import asyncio, multiprocessing, os, sys
import httpx
from vidgate import AsyncEvoLink, EvoLink, errors
URL = sys.argv[1]

def in_child(function, *arguments):
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            function(*arguments)
            code = 0
        except errors.ConfigurationError as error:
            print("refused:", error.message, error.hint, flush=True)
            code = 3
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
"""

SCRIPTS: Final = {
    "sync": """
with EvoLink("sk-0123456789", base_url=URL) as client:
    client.tasks.get("parent-1")
    assert in_child(client.tasks.get, "child-1") == 0
    assert in_child(client.with_options(attempts=1).tasks.get, "child-2") == 0
    client.tasks.get("parent-2")
""",
    "multiprocessing": """
client = EvoLink("sk-0123456789", base_url=URL)
client.tasks.get("parent-1")
process = multiprocessing.get_context("fork").Process(target=client.tasks.get, args=("child-1",))
process.start()
process.join()
assert process.exitcode == 0
assert in_child(client.tasks.get, "child-2") == 0
client.tasks.get("parent-2")
client.close()
""",
    "async": """
client = AsyncEvoLink("sk-0123456789", base_url=URL)

async def twice():
    await client.tasks.get("parent-1")
    await client.tasks.get("parent-2")

def child(name):
    asyncio.run(client.tasks.get(name))

asyncio.run(twice())
assert in_child(child, "child-1") == 0
assert in_child(child, "child-2") == 0
""",
}


def run(script: str, server: Server) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (sys.executable, "-c", PROLOGUE + script, server.url),
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'generated'}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_forked_child_has_connections_of_its_own(name: str, server: Server) -> None:
    """Parent and child both go on; the parent on its old connection, the children on new ones."""
    done = run(SCRIPTS[name], server)
    assert (done.returncode, done.stderr) == (0, "")
    ports = server.seen
    assert ports["parent-1"] == ports["parent-2"]
    assert len({ports["parent-1"], ports["child-1"], ports["child-2"]}) == 3


@pytest.mark.parametrize(
    "given", ["http_client=httpx.Client()", "transport=httpx.HTTPTransport()"], ids=["http_client", "transport"]
)
def test_what_was_handed_in_is_not_used_in_a_child(given: str, server: Server) -> None:
    """It belongs to the parent, so the child is told to make its own, and the parent goes on."""
    script = f"""
client = EvoLink("sk-0123456789", base_url=URL, {given})
client.tasks.get("parent-1")
assert in_child(client.tasks.get, "child-1") == 3
client.tasks.get("parent-2")
"""
    done = run(script, server)
    assert (done.returncode, done.stderr) == (0, "")
    assert "make it here" in done.stdout
    assert set(server.seen) == {"parent-1", "parent-2"}


def test_a_transport_without_a_network_is_used_in_a_child(server: Server) -> None:
    """Tests that fork keep their simulator."""
    script = """
answer = lambda request: httpx.Response(200, json={"id": "x", "status": "completed", "results": []})
client = EvoLink("sk-0123456789", base_url=URL, transport=httpx.MockTransport(answer))
assert in_child(client.tasks.get, "child-1") == 0
"""
    done = run(script, server)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_closed_client_stays_closed_in_a_child(server: Server) -> None:
    """A fork opens nothing that was closed."""
    script = """
client = EvoLink("sk-0123456789", base_url=URL)
client.close()
assert in_child(client.tasks.get, "child-1") == 3
"""
    done = run(script, server)
    assert "The client is closed" in done.stdout
    assert done.returncode == 0


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_a_second_event_loop(server: Server) -> None:
    """One client over several `asyncio.run`: each loop has its own connections."""
    client = AsyncEvoLink(KEY, base_url=server.url)

    async def twice(name: str) -> None:
        await client.tasks.get(f"{name}-1")
        await client.tasks.get(f"{name}-2")

    for name in ("first", "second"):
        asyncio.run(twice(name))
    asyncio.run(client.aclose())
    ports = server.seen
    assert ports["first-1"] == ports["first-2"] != ports["second-1"] == ports["second-2"]
    assert len(client._driver.connections._lines) <= 1
    with pytest.raises(errors.ConfigurationError, match="closed"):
        asyncio.run(client.tasks.get("third"))
    gc.collect()  # here, where the warnings of the first loop's sockets are expected


def test_two_event_loops_at_once(server: Server) -> None:
    """Two threads, two loops, one client; closing it closes both sides."""
    client = AsyncEvoLink(KEY, base_url=server.url)
    meet = threading.Barrier(2)
    lines: list[Any] = []

    def work(name: str) -> None:
        async def both() -> None:
            await client.tasks.get(f"{name}-1")
            await asyncio.to_thread(meet.wait, 30)
            await client.tasks.get(f"{name}-2")
            lines.append(client._driver.connections.line())
            await asyncio.to_thread(meet.wait, 30)
            if name == "a":
                await client.aclose()
            for _ in range(3_000):  # the other loop closes its own in its own time
                if all(line.http.is_closed for line in lines):
                    return
                await asyncio.sleep(0.01)

        asyncio.run(both())

    threads = [threading.Thread(target=work, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ports = server.seen
    assert ports["a-1"] == ports["a-2"] != ports["b-1"] == ports["b-2"]
    assert [line.http.is_closed for line in lines] == [True, True]


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.parametrize(
    "given",
    [lambda: {"http_client": httpx.AsyncClient()}, lambda: {"transport": httpx.AsyncHTTPTransport()}],
    ids=["http_client", "transport"],
)
def test_what_was_handed_in_stays_with_its_loop(given: Callable[[], dict[str, Any]], server: Server) -> None:
    """Its connections are of the first loop; in a second one nothing is sent, and the error says what to do."""
    client = AsyncEvoLink(KEY, base_url=server.url, **given())
    asyncio.run(client.tasks.get("first"))
    with pytest.raises(errors.ConfigurationError, match="event loop that use it"):
        asyncio.run(client.tasks.get("second"))
    assert set(server.seen) == {"first"}
    del client
    gc.collect()  # here, where the warnings of the first loop's sockets are expected


def test_a_transport_without_a_network_is_for_all_loops() -> None:
    """A simulator has no connections."""
    answer = httpx.MockTransport(lambda _: httpx.Response(200, content=BODY))
    client = AsyncEvoLink(KEY, transport=answer)
    for _ in range(2):
        assert asyncio.run(client.tasks.get("task-unified-1")).done


async def listed(iterator: Any) -> list[Any]:
    return [item async for item in iterator]


CALLS: Final[dict[str, Callable[[AsyncEvoLink, Any], Any]]] = {
    "get": lambda client, _: client.tasks.get("task-unified-1"),
    "create": lambda client, _: client.videos.create(model="gemini-omni-flash-text-to-video", prompt="a cat"),
    "pending": lambda client, _: client.pending(),
    "resume": lambda client, _: client.resume("task-unified-1"),
    "recover": lambda client, _: client.recover("sub-1"),
    "wait": lambda _, task: task.wait(timeout=1),
    "download": lambda _, task: task.download("v.mp4"),
    "wait_all": lambda client, task: client.wait_all([task]),
    "as_completed": lambda client, task: listed(client.as_completed([task])),
    "download_all": lambda client, task: client.download_all([task], "."),
    "batch": lambda client, _: listed(client.batch("b").run([])),
}


@pytest.mark.parametrize("name", CALLS)
def test_without_asyncio_it_says_so(name: str, tmp_path: Path) -> None:
    """Under trio every call names what runs instead; nothing is sent."""
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, content=BODY)

    client = AsyncEvoLink(KEY, transport=httpx.MockTransport(answer), journal=tmp_path / "journal.sqlite3")
    task = asyncio.run(client.tasks.get("task-unified-1"))
    sent.clear()

    async def main() -> None:
        async with client:
            await CALLS[name](client, task)

    with pytest.raises(errors.ConfigurationError, match="No event loop of asyncio") as caught:
        trio.run(main)
    assert "trio.to_thread.run_sync" in caught.value.hint
    assert sent == []
