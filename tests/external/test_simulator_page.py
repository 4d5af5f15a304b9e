"""The simulator's page in a real browser: live, self-contained, readable on a telephone, hostile text stays text."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from vidgate.simulator import Simulator, combine
from vidgate.simulator._serve import running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext, Dialog, Page

    Open = Callable[..., Page]

pytestmark = pytest.mark.external

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"
EVOLINK = {"model": "gemini-omni-flash-text-to-video", "prompt": "A marble rolls"}
APIMART = {"model": "Omni-Flash-Ext", "prompt": "A marble rolls", "resolution": "1080p"}
KEY = {"Authorization": "Bearer sim-key"}


class Served:
    """Both simulators on one port, and a client of theirs."""

    def __init__(self, url: str, simulators: dict[str, Simulator], client: httpx.Client) -> None:
        self.url = url
        self.simulators = simulators
        self._client = client

    def submit(self, provider: str, **changes: Any) -> str:
        """Submit a task and return its id."""
        body = (EVOLINK if provider == "evolink" else APIMART) | changes
        answer = self._client.post(f"/{provider}/v1/videos/generations", json=body, headers=KEY).json()
        return str(answer["id"] if provider == "evolink" else answer["data"][0]["task_id"])

    def advance(self, provider: str, seconds: float) -> None:
        """Push the clock ahead."""
        self._client.post(f"/{provider}/__sim/advance", json={"seconds": seconds})


@pytest.fixture
def served() -> Iterator[Served]:
    """Both providers, with a receiver that takes whatever does not ask for trouble."""

    def receive(body: bytes, headers: object, url: str) -> int:
        return 500 if "trouble" in url else 204

    simulators = {
        "evolink": Simulator("evolink", seconds=1000.0, egress=receive, time_scale=0.01),
        "apimart": Simulator("apimart", seconds=1000.0, egress=receive, time_scale=0.01),
    }
    with (
        simulators["evolink"].courier.working(),
        simulators["apimart"].courier.working(),
        running(combine(simulators.values())) as url,
        httpx.Client(base_url=url) as client,
    ):
        yield Served(url, simulators, client)


@pytest.fixture
def open_page(browser: Browser, served: Served) -> Iterator[Open]:
    """Opens the page; at the end, nothing was asked but the simulator, and nothing went wrong."""
    asked: list[str] = []
    trouble: list[str] = []
    contexts: list[BrowserContext] = []

    def refuse(dialog: Dialog) -> None:
        trouble.append(dialog.message)
        dialog.dismiss()

    def open_one(*, width: int = 1280, scheme: Any = "light") -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: trouble.append(message.text))
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("dialog", refuse)
        page.goto(served.url)
        page.locator("h2").nth(1).wait_for()
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert set(asked) == {f"{served.url}/", *(f"{served.url}/{name}/__sim/state" for name in served.simulators)}
    assert trouble == []


def fill(served: Served) -> None:
    """Tasks in every state, callbacks that arrive and that do not, and what a hostile caller sends."""
    served.submit("evolink", callback_url="https://hooks.example.com/a-rather-long-path/for/finished/videos")
    served.submit("evolink", prompt="POLICY_VIOLATION", callback_url="https://hooks.example.com/trouble")
    served.submit("apimart", webhook="https://hooks.example.com/apimart")
    for provider in ("evolink", "apimart"):
        served.advance(provider, 1001)
    served.submit("evolink", callback_url="https://hooks.example.com/later")
    served.advance("evolink", 420)
    served.submit("apimart", webhook=f"https://hooks.example.com/?{HOSTILE}")
    served.simulators["evolink"].fail_next(502, operation="poll", times=2)


def test_the_page_follows(open_page: Open, served: Served) -> None:
    """A task appears without a reload, ends, is charged, and its callback arrives."""
    page = open_page()
    assert page.locator("h2").all_text_contents() == ["EvoLink", "APIMart"]
    task = served.submit("evolink", callback_url="https://hooks.example.com/one")
    page.locator("td code", has_text=task).first.wait_for()
    assert page.locator(".state.pending").count() == 1
    served.advance("evolink", 1001)
    page.locator(".state.completed").wait_for()
    page.locator(".state.delivered").wait_for()
    assert "100 credits" in (page.locator('[data-simulator="EvoLink"] .facts').text_content() or "")


def test_hostile_text_stays_text(open_page: Open, served: Served) -> None:
    """Whatever a request holds is shown, never obeyed."""
    served.submit("apimart", webhook=f"https://hooks.example.com/?{HOSTILE}")
    page = open_page()
    page.locator("td code", has_text="<img src=x onerror=alert(2)>").first.wait_for()
    assert page.locator("td img").count() == 0


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_readable(width: int, scheme: str, open_page: Open, served: Served) -> None:
    """Nothing is cut off or hidden behind a scroll bar, wide or narrow; a picture is kept."""
    fill(served)
    page = open_page(width=width, scheme=scheme)
    page.locator(".state.given-up").wait_for()
    page.locator(".state.processing").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator(".state.failed").count() == 1
    folder = os.environ.get("VIDGATE_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"simulator-{width}-{scheme}.png", full_page=True)


def test_it_says_when_the_simulator_is_gone(browser: Browser) -> None:
    """What is shown is old then, and the page says so."""
    simulator = Simulator("evolink")
    page = browser.new_page()
    with simulator.running() as url:
        page.goto(url)
        page.locator("h2").wait_for()
        assert "does not answer" not in page.locator("#connection").inner_text()
    page.locator("#connection", has_text="does not answer").wait_for()
    assert page.locator("#connection").is_visible()
    page.close()
