"""Callbacks through real applications on real ports: Flask, Django, FastAPI, and the ASGI app by itself."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.vidgate.webhooks.deliveries import JSON
from tests.vidgate.webhooks.sites import SITES, serving
from vidgate import EvoLink, errors
from vidgate._webhooks import judge
from vidgate.journal import Journal
from vidgate.simulator import ManualClock, Simulator
from vidgate.webhooks import LARGEST_BODY, callback_url, confirm, new_nonce

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from vidgate.journal import Entry
    from vidgate.webhooks import Event


class Business:
    """A shop that submits to the simulator and receives at a site, both with one journal."""

    def __init__(self, kind: str, place: Path) -> None:
        self.clock = ManualClock()
        self.simulator = Simulator("evolink", clock=self.clock, seconds=30.0)
        self.journal = Journal(place / "journal.sqlite3")
        self.client = EvoLink("sim-key", transport=self.simulator.transport(), clock=self.clock, journal=self.journal)
        self.nonce = new_nonce()
        self.confirmed: list[Any] = []
        self.news: list[Event] = []
        self.may_confirm = threading.Event()
        self.may_confirm.set()
        self.has_confirmed = threading.Event()
        self.http = httpx.Client(trust_env=False, timeout=10.0)
        self._serving = serving(kind, self.journal, self.confirm)
        self.hooks = self._serving.__enter__()

    def confirm(self, event: Event) -> None:
        """What the application does with an event, after its answer."""
        self.news.append(event)
        assert self.may_confirm.wait(20)
        self.confirmed.append(confirm(self.client, event))
        self.has_confirmed.set()

    def submit(self, *, lost: bool = False) -> None:
        """Submit, and let the task end; its callback is not delivered yet."""
        if lost:
            self.simulator.fail_next("reset-after", operation="submit")
        address = callback_url("https://example.com/hooks", self.nonce)
        try:
            self.client.videos.create(
                model="gemini-omni-flash-text-to-video", prompt="A marble", duration=6, callback_url=address
            )
        except errors.SubmitUnknown:
            assert lost
        self.clock.advance(60.0)

    def post(self, body: bytes, headers: Mapping[str, str], url: str) -> int:
        """The provider's POST, led to the site's port."""
        path = url.removeprefix("https://example.com/hooks")
        return self.http.post(self.hooks + path, content=body, headers=dict(headers)).status_code

    @property
    def entry(self) -> Entry:
        (found,) = self.journal.entries()
        return found

    def close(self) -> None:
        self.may_confirm.set()
        self._serving.__exit__(None, None, None)
        self.http.close()
        self.client.close()
        self.journal.close()


@pytest.fixture(params=SITES)
def business(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Business]:
    made = Business(request.param, tmp_path)
    monkeypatch.setattr(judge, "CLOCK", made.clock)
    yield made
    made.close()


def test_a_callback_settles_a_submission_whose_answer_was_lost(business: Business) -> None:
    """Delivered, confirmed, and in the journal; the provider was asked once and charged once."""
    business.submit(lost=True)
    assert business.entry.state == "unknown"
    (delivery,) = business.simulator.deliver_callbacks(business.post)
    assert [attempt.status for attempt in delivery.attempts] == [200]
    assert business.has_confirmed.wait(20)
    assert (business.entry.state, business.entry.task_id) == ("completed", business.simulator.ledger[0].task)
    assert (business.simulator.received["submit"], len(business.simulator.ledger)) == (1, 1)


def test_an_answer_that_was_lost_makes_the_provider_come_again(business: Business) -> None:
    """Each delivery is answered with 200, and the application hears of it once."""
    business.submit()
    tries: list[int] = []

    def deaf(body: bytes, headers: Mapping[str, str], url: str) -> int:
        tries.append(business.post(body, headers, url))
        if len(tries) < 3:
            raise httpx.ReadTimeout("the answer was lost")
        return tries[-1]

    (delivery,) = business.simulator.deliver_callbacks(deaf)
    assert (tries, delivery.delivered) == ([200, 200, 200], True)
    assert business.has_confirmed.wait(20)
    assert len(business.news) == 1


def test_the_answer_does_not_wait_for_the_confirmation(business: Business) -> None:
    """However long the provider takes to answer our question, its own delivery is over by then."""
    business.submit()
    business.may_confirm.clear()
    (delivery,) = business.simulator.deliver_callbacks(business.post)
    assert delivery.delivered
    assert business.confirmed == []
    business.may_confirm.set()
    assert business.has_confirmed.wait(20)
    assert business.confirmed[0].verdict == "completed"


@pytest.mark.parametrize("path", [f"/{'b' * 32}", f"/{'b' * 32}/callback", "/x"])
def test_an_address_that_nobody_gave_away_is_refused(business: Business, path: str) -> None:
    """Nothing is handed on, and nothing written."""
    business.submit(lost=True)
    body = b'{"id": "task-unified-1-x", "status": "completed"}'
    assert business.http.post(business.hooks + path, content=body, headers=JSON).status_code == 403
    assert (business.news, business.entry.state) == ([], "unknown")


def test_a_body_that_is_too_long_is_refused(business: Business) -> None:
    """By the framework's limit or by ours, and nobody keeps it."""
    business.submit(lost=True)
    body = b" " * (LARGEST_BODY + 1)
    address = f"{business.hooks}/{business.nonce}"
    assert business.http.post(address, content=body, headers=JSON).status_code in {400, 413}
    assert (business.news, business.entry.state) == ([], "unknown")


def test_only_posts_are_callbacks(business: Business) -> None:
    """A browser that follows the address learns nothing."""
    business.submit()
    answer = business.http.get(f"{business.hooks}/{business.nonce}")
    assert answer.status_code == 405
    assert business.nonce not in answer.text


def test_what_is_damaged_comes_again(business: Business) -> None:
    """Half a body is answered with a 503, and the whole one counts."""
    business.submit(lost=True)
    bodies: list[bytes] = []

    def cut(body: bytes, headers: Mapping[str, str], url: str) -> int:
        bodies.append(body)
        return business.post(body[:20] if len(bodies) == 1 else body, headers, url)

    (delivery,) = business.simulator.deliver_callbacks(cut)
    assert [attempt.status for attempt in delivery.attempts] == [503, 200]
    assert business.has_confirmed.wait(20)
    assert business.entry.state == "completed"


def test_a_caller_who_breaks_off_does_no_harm(business: Business) -> None:
    """The connection ends in the middle of a body; the next delivery is answered as ever."""
    business.submit(lost=True)
    url = httpx.URL(business.hooks)
    with socket.create_connection((url.host, url.port or 0)) as connection:
        head = f"POST {url.path}/{business.nonce} HTTP/1.1\r\nHost: {url.host}\r\nContent-Length: 500\r\n"
        connection.sendall(f'{head}Content-Type: application/json\r\n\r\n{{"id": '.encode())
    (delivery,) = business.simulator.deliver_callbacks(business.post)
    assert delivery.delivered
    assert business.has_confirmed.wait(20)
    assert business.entry.state == "completed"
